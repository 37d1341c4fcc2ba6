import type { CircuitBreaker } from '../breaker/breaker.js';
import { MAX_TIMER_MS, type TimerHandle } from '../clock.js';
import type { AlertRule } from '../config/alert-types.js';
import { dispose, type FuselineEvent, type Subscription } from '../observe/events.js';
import type { AlertChannel, AlertSender } from './channel.js';
import { CircuitWatch } from './circuit-watch.js';
import { describe, keyOf } from './describe.js';
import { Incident, type Stage } from './incident.js';
import { type AlertConfig, type AlertOptions, type Resolved, resolveOptions } from './options.js';
import { type ChannelStatus, Outbox } from './outbox.js';

/** An incident that goes on, or whose cooldown does. */
export interface IncidentStatus {
  readonly id: string;
  readonly circuit: string;
  readonly service: string;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  /** The worst that was told and has not ended; null where nothing was, or it has. */
  readonly told: AlertRule | null;
}

export interface AlertStatus {
  readonly enabled: boolean;
  readonly incidents: readonly IncidentStatus[];
  readonly channels: readonly ChannelStatus[];
}

const RULE_OF: Readonly<Record<Exclude<Stage, 0>, AlertRule>> = { 1: 'low_success_rate', 2: 'circuit_open', 3: 'circuit_open_long' };

/** How long `close` lets messages that wait go out, in milliseconds. */
const CLOSE_MS = 5_000;

/**
 * Watches the circuits of a registry and tells people. Made by `startAlerts`. Openings and recoveries come as events; what no event tells
 * (a success rate, a circuit that was open before, or is gone) is looked for on an interval. No timer keeps the process alive.
 */
export class Alerts {
  readonly #options: AlertOptions;
  #setup: Resolved;
  #outboxes: readonly Outbox[];
  readonly #watches = new Map<string, CircuitWatch>();
  readonly #subscription: Subscription | undefined;
  #timer: TimerHandle | undefined;
  #lookAt = 0;
  #closed = false;

  /** @throws {ConfigurationError} naming the option or the environment variable. */
  constructor(options: AlertOptions) {
    this.#options = options;
    this.#setup = resolveOptions(options);
    this.#outboxes = openAll(this.#setup);
    const { registry, clock, enabled } = this.#setup;
    if (!enabled) return;
    for (const circuit of registry.list()) this.#watch(circuit, false);
    this.#subscription = registry.subscribe((event) => this.#hear(event));
    this.#look(clock.now());
  }

  /** What goes on, and what became of the messages. */
  status(): AlertStatus {
    const incidents = [...this.#watches.values()].flatMap(({ circuit, incident }) => {
      if (incident === undefined) return [];
      const { id, startedAt, told } = incident;
      return [{ id, circuit: circuit.name, service: circuit.service, startedAt, told: told === 0 ? null : RULE_OF[told] }];
    });
    return { enabled: this.#setup.enabled && !this.#closed, incidents, channels: this.#outboxes.map((outbox) => outbox.status) };
  }

  /**
   * Puts another configuration in force, such as a reloaded one: rules, cooldown and channels. What was given in code stays stronger.
   * Incidents go on, and what is on its way is still sent. Alerts that were switched off when they were started stay so.
   *
   * @throws {ConfigurationError} where something in it cannot work, or a variable is missing; nothing is changed then.
   */
  reconfigure(config: AlertConfig): void {
    if (this.#closed || this.#subscription === undefined) return;
    const setup = resolveOptions({ ...this.#options, config });
    const outboxes = openAll(setup);
    for (const outbox of outboxes) {
      const before = this.#outboxes.find(({ status }) => status.name === outbox.status.name);
      if (before !== undefined) outbox.continueFrom(before);
    }
    for (const outbox of this.#outboxes) void outbox.idle().then(() => outbox.close());
    this.#setup = setup;
    this.#outboxes = outboxes;
    const now = setup.clock.now();
    for (const watch of this.#watches.values()) watch.retune(setup.rulesOf(watch.circuit.service), now);
    this.#look(now);
  }

  /**
   * Ends the watching, and gives what is on its way `timeoutMs` (default 5,000) to go out; what is not sent by then is given up. Safe to call
   * twice. `using` ends at once, without waiting.
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#stop();
    const { clock } = this.#setup;
    let timer: TimerHandle | undefined;
    // Not unref'd: whoever awaits this wants the messages to go out before the process ends.
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, options.timeoutMs ?? CLOSE_MS);
    });
    await Promise.race([Promise.all(this.#outboxes.map((outbox) => outbox.idle())), late]);
    if (timer !== undefined) clock.clearTimeout(timer);
    this[dispose]();
  }

  [dispose](): void {
    this.#stop();
    for (const outbox of this.#outboxes) outbox.close();
  }

  #stop(): void {
    this.#closed = true;
    this.#subscription?.unsubscribe();
    if (this.#timer !== undefined) this.#setup.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(circuit: CircuitBreaker, fresh: boolean): CircuitWatch {
    const { clock, rulesOf } = this.#setup;
    const watch = new CircuitWatch(circuit, rulesOf(circuit.service), clock.now(), fresh);
    this.#watches.set(circuit.name, watch);
    return watch;
  }

  /** Runs within the call that caused the event: it counts, and leaves all else to the outboxes. */
  #hear(event: FuselineEvent): void {
    let watch = this.#watches.get(event.circuit);
    const { registry, clock } = this.#setup;
    if (watch === undefined) {
      const circuit = registry.get(event.circuit);
      if (circuit === undefined) return;
      watch = this.#watch(circuit, true);
    }
    const now = clock.now();
    if (!watch.take(event, now)) return;
    this.#judge(watch, now);
    const { incident } = watch;
    if (event.type === 'circuit_half_open' && incident !== undefined && incident.told >= 2 && !incident.halfOpenTold) {
      incident.halfOpenTold = true;
      this.#tell(watch, incident, 'circuit_half_open', 'update', 0, now);
    }
    this.#wakeLater(now);
  }

  /** Looks at every circuit. */
  #look(now: number): void {
    const { registry, checkIntervalMs } = this.#setup;
    this.#lookAt = now + checkIntervalMs;
    const circuits = new Map(registry.list().map((circuit) => [circuit.name, circuit]));
    for (const [name, circuit] of circuits) if (this.#watches.get(name)?.circuit !== circuit) this.#replace(circuit, now);
    for (const [name, watch] of this.#watches) {
      const gone = !circuits.has(name);
      watch.look(now, gone);
      this.#judge(watch, now);
      if (gone && watch.incident === undefined) this.#watches.delete(name);
    }
    this.#wakeLater(now);
  }

  /** A circuit that is new, perhaps under the name of one that is gone. */
  #replace(circuit: CircuitBreaker, now: number): void {
    const before = this.#watches.get(circuit.name);
    const watch = this.#watch(circuit, true);
    if (before?.incident === undefined) return;
    before.look(now, true);
    watch.continueFrom(before);
  }

  #judge(watch: CircuitWatch, now: number): void {
    const { cooldownMs } = this.#setup;
    const stage = watch.stage(now);
    if (watch.incident === undefined && stage === 0) return;
    watch.incident ??= this.#incident(watch.circuit);
    const { incident } = watch;
    const news = incident.move(stage, now, cooldownMs);
    if (news?.kind === 'resolved') {
      incident.halfOpenTold = false;
      this.#tell(watch, incident, 'circuit_recovered', 'resolved', news.untold, now);
    } else if (news !== undefined && stage !== 0) this.#tell(watch, incident, RULE_OF[stage], 'firing', news.untold, now);
    if (incident.isOver(now)) watch.incident = undefined;
  }

  #incident(circuit: CircuitBreaker): Incident {
    const { clock, random } = this.#setup;
    const at = clock.wallNow();
    // What receivers take as a key: no longer than PagerDuty allows, and of harmless characters.
    const name = circuit.name.replace(/[^\w.@/-]+/g, '_').slice(0, 100);
    const id = `${name}-${at.toString(36)}${Math.floor(random() * 0x1_0000)
      .toString(16)
      .padStart(4, '0')}`;
    return new Incident(id, at);
  }

  #tell(
    watch: CircuitWatch,
    incident: Incident,
    rule: AlertRule,
    status: 'firing' | 'update' | 'resolved',
    untold: number,
    now: number,
  ): void {
    const off = watch.rules[keyOf(rule)] === false;
    if (off && status !== 'resolved') return;
    const alert = describe(watch, incident, { rule, status, untold, now, wallNow: this.#setup.clock.wallNow() }, this.#setup);
    for (const outbox of this.#outboxes) outbox.offer(alert, off);
  }

  /** One timer: for the next look, or for what falls due before. */
  #wakeLater(now: number): void {
    if (this.#closed) return;
    const { clock } = this.#setup;
    let at = this.#lookAt;
    for (const watch of this.#watches.values()) if (watch.incident !== undefined) at = Math.min(at, watch.wakeAt(now));
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#wake(), Math.min(Math.max(0, at - now), MAX_TIMER_MS));
    this.#timer.unref?.();
  }

  #wake(): void {
    const now = this.#setup.clock.now();
    if (now >= this.#lookAt) {
      this.#look(now);
      return;
    }
    for (const watch of this.#watches.values()) if (watch.incident !== undefined) this.#judge(watch, now);
    this.#wakeLater(now);
  }
}

/** Opens all channels, or none. */
function openAll({ enabled, channels, secret, environment, clock, random, onProblem }: Resolved): readonly Outbox[] {
  if (!enabled) return [];
  const opened: (readonly [AlertChannel, AlertSender])[] = [];
  try {
    for (const channel of channels) {
      const unavailable = (cause: string, why: string): void =>
        onProblem({
          channel: channel.name,
          kind: 'unavailable',
          cause,
          attempts: 0,
          alert: null,
          lost: 0,
          message: `alert channel ${channel.name}: ${why}`,
        });
      opened.push([channel, channel.open({ secret, environment: environment ?? null, unavailable })]);
    }
  } catch (error) {
    for (const [, sender] of opened) sender.close?.();
    throw error;
  }
  return opened.map(([channel, sender]) => new Outbox(channel, sender, { clock, random, onProblem }));
}

/**
 * Tells people when circuits open, stay open, fail too often and recover. Calls never wait for it: messages are sent in the background, one
 * queue per channel.
 *
 * @throws {ConfigurationError} naming the option that cannot work, or the environment variable that is missing.
 * @example
 * using alerts = startAlerts({ channels: [slack({ urlEnv: 'SLACK_WEBHOOK_URL' })], rules: { lowSuccessRate: { below: 0.9 } } });
 */
export function startAlerts(options: AlertOptions): Alerts {
  return new Alerts(options);
}
