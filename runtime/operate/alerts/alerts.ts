import { Background } from '../../background.js';
import { MAX_TIMER_MS, systemClock, type TimerHandle } from '../../clock.js';
import type { AlertRule } from '../../config/alert-types.js';
import { must } from '../../errors/given.js';
import { givenOptions, type OptionTable } from '../../errors/option-table.js';
import type { FuselineEvent } from '../../observe/events.js';
import { dispose, type Subscription } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { CircuitWatch } from './circuit-watch.js';
import { describe, keyOf, type Occasion } from './describe.js';
import type { AlertConfig, LoadedAlertConfig } from './given-config.js';
import { type Incident, incidentOf, type Stage } from './incident.js';
import { openAll } from './open-channels.js';
import { ALERT_OPTIONS, type AlertOptions, type Resolved, resolveOptions } from './options.js';
import type { ChannelStatus, Outbox } from './outbox.js';
import { Trouble } from './trouble.js';

/** An ongoing incident, or an incident in its cooldown. */
export interface IncidentStatus {
  readonly id: string;
  /** The service or, with `groupBy: 'circuit'`, the circuit. */
  readonly subject: string;
  /** The circuits in trouble, the longest first. Empty if only the cooldown is left. */
  readonly circuits: readonly string[];
  /** The start, as wall-clock milliseconds. */
  readonly startedAt: number;
  /** The worst reported state that has not ended; null if there is none. */
  readonly told: AlertRule | null;
}

export interface AlertStatus {
  readonly enabled: boolean;
  readonly incidents: readonly IncidentStatus[];
  readonly channels: readonly ChannelStatus[];
}

const RULE_OF: Readonly<Record<Exclude<Stage, 0>, AlertRule>> = { 1: 'low_success_rate', 2: 'circuit_open', 3: 'circuit_open_long' };

/** How long `close` waits for queued messages, in milliseconds. */
const CLOSE_MS = 5_000;

const CLOSE_OPTIONS: OptionTable<{ readonly timeoutMs?: number }> = {
  timeoutMs: (option, value: unknown) =>
    must(typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS, option, value, `milliseconds from 0 to ${MAX_TIMER_MS}`),
};

/**
 * Watches the circuits of a registry and notifies people. Made by `startAlerts`. Openings and recoveries arrive as events. Success rates, circuits that
 * were open before, and circuits that disappeared are checked on an interval. No timer keeps the process alive.
 */
export class Alerts {
  readonly #options: AlertOptions;
  readonly #background: Background;
  #setup: Resolved;
  #outboxes: readonly Outbox[];
  readonly #watches = new Map<string, CircuitWatch>();
  /** The troubles by service, or by circuit. */
  readonly #troubles = new Map<string, Trouble>();
  readonly #groupBy: 'service' | 'circuit';
  readonly #subscription: Subscription | undefined;
  #timer: TimerHandle | undefined;
  #lookAt = 0;
  #closed = false;

  /** @throws {ConfigurationError} with the option or the environment variable. */
  constructor(given: AlertOptions) {
    const options: AlertOptions = givenOptions('startAlerts', given, ALERT_OPTIONS);
    this.#options = options;
    this.#background = new Background(options.clock ?? systemClock);
    this.#setup = resolveOptions(options, this.#background);
    this.#outboxes = openAll(this.#setup);
    const { registry, enabled, groupBy } = this.#setup;
    this.#groupBy = groupBy;
    if (!enabled) return;
    for (const circuit of registry.list()) this.#watch(circuit, false);
    this.#subscription = registry.events.watch((event) => this.#hear(event));
    this.#look(this.#background.clock.now());
  }

  /** Returns the incidents, and the counts of messages per channel. */
  status(): AlertStatus {
    const incidents = [...this.#troubles.values()].flatMap(({ name, incident, troubled }) => {
      if (incident === undefined) return [];
      const { id, startedAt, told } = incident;
      const circuits = troubled.map(({ circuit }) => circuit.name);
      return [{ id, subject: name, circuits, startedAt, told: told === 0 ? null : RULE_OF[told] }];
    });
    return { enabled: this.#setup.enabled && !this.#closed, incidents, channels: this.#outboxes.map((outbox) => outbox.status) };
  }

  /**
   * Applies another configuration, such as a reloaded one: rules, cooldown and channels. Options in code still override it. Incidents continue, and
   * queued messages are still sent. `groupBy` does not change, and alerts that were started with `enabled: false` stay off.
   *
   * @throws {DiagnosticError} with the errors of the file, if it could not be loaded. Nothing changes then.
   * @throws {ConfigurationError} if an option cannot work, or a variable is missing. Nothing changes then.
   */
  reconfigure(config: AlertConfig | LoadedAlertConfig): void {
    if (this.#closed || this.#subscription === undefined) return;
    this.#background.run(() => this.#follow(resolveOptions(withConfig(this.#options, config), this.#background)));
  }

  #follow(setup: Resolved): void {
    const outboxes = openAll(setup);
    for (const outbox of outboxes) {
      const before = this.#outboxes.find(({ status }) => status.name === outbox.status.name);
      if (before !== undefined) outbox.continueFrom(before);
    }
    for (const outbox of this.#outboxes) void outbox.idle().then(() => outbox.close());
    this.#setup = setup;
    this.#outboxes = outboxes;
    const now = this.#background.clock.now();
    for (const watch of this.#watches.values()) watch.retune(setup.rulesOf(watch.circuit.service), now);
    this.#look(now);
  }

  /**
   * Stops watching, and waits up to `timeoutMs` (default 5,000) for queued messages. Later ones are dropped. Safe to call twice. `using` does not
   * wait.
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = CLOSE_MS } = givenOptions('close', options, CLOSE_OPTIONS);
    this.#stop();
    const { clock } = this.#background;
    let timer: TimerHandle | undefined;
    // This timer keeps the process alive, so that messages are sent before it ends.
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, timeoutMs);
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
    if (this.#timer !== undefined) this.#background.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(circuit: CircuitBreaker, fresh: boolean): CircuitWatch {
    const { rulesOf } = this.#setup;
    const watch = new CircuitWatch(circuit, rulesOf(circuit.service), this.#background.clock.now(), fresh);
    this.#watches.set(circuit.name, watch);
    this.#troubleOf(circuit).watches.set(circuit.name, watch);
    return watch;
  }

  #troubleOf({ name, service }: CircuitBreaker): Trouble {
    const subject = this.#groupBy === 'service' ? service : name;
    let trouble = this.#troubles.get(subject);
    if (trouble === undefined) {
      trouble = new Trouble(subject);
      this.#troubles.set(subject, trouble);
    }
    return trouble;
  }

  /** Runs within the call that caused the event. It only counts; the outboxes send later. */
  #hear(event: FuselineEvent): void {
    let watch = this.#watches.get(event.circuit);
    if (watch === undefined) {
      const circuit = this.#setup.registry.get(event.circuit);
      if (circuit === undefined) return;
      watch = this.#watch(circuit, true);
    }
    const now = this.#background.clock.now();
    if (!watch.take(event, now)) return;
    const trouble = this.#troubleOf(watch.circuit);
    this.#judge(trouble, now);
    const { incident } = trouble;
    if (event.type === 'circuit_half_open' && incident !== undefined && incident.told >= 2 && !incident.halfOpenTold) {
      incident.halfOpenTold = true;
      this.#tell(trouble, watch, incident, { rule: 'circuit_half_open', status: 'update', now });
    }
    this.#wakeLater(now);
  }

  /** Checks every circuit. */
  #look(now: number): void {
    const { registry, checkIntervalMs } = this.#setup;
    this.#lookAt = now + checkIntervalMs;
    const circuits = new Map(registry.list().map((circuit) => [circuit.name, circuit]));
    for (const [name, circuit] of circuits) if (this.#watches.get(name)?.circuit !== circuit) this.#replace(circuit, now);
    for (const [name, watch] of this.#watches) watch.look(now, !circuits.has(name));
    for (const trouble of this.#troubles.values()) this.#judge(trouble, now);
    for (const [name, watch] of this.#watches) if (!circuits.has(name)) this.#forget(watch);
    this.#wakeLater(now);
  }

  /** Watches a new circuit, which can have the name of a former one. */
  #replace(circuit: CircuitBreaker, now: number): void {
    const before = this.#watches.get(circuit.name);
    if (before !== undefined && this.#troubleOf(before.circuit).incident !== undefined) {
      before.look(now, true);
      this.#watch(circuit, true).continueFrom(before);
    } else this.#watch(circuit, true);
  }

  /** Forgets a circuit that left the registry, after its last message. */
  #forget({ circuit }: CircuitWatch): void {
    const trouble = this.#troubleOf(circuit);
    if (!trouble.canForget(circuit.name)) return;
    trouble.watches.delete(circuit.name);
    this.#watches.delete(circuit.name);
    if (trouble.watches.size === 0) this.#troubles.delete(trouble.name);
  }

  #judge(trouble: Trouble, now: number): void {
    const { cooldownMs } = this.#setup;
    const stage = trouble.look(now);
    if (trouble.incident === undefined && stage === 0) return;
    trouble.incident ??= incidentOf(trouble.name, this.#background.clock.wallNow(), this.#setup.draw());
    const { incident, lead } = trouble;
    const news = incident.move(stage, now, cooldownMs);
    if (news?.kind === 'resolved') {
      incident.halfOpenTold = false;
      this.#tell(trouble, trouble.lastEnded, incident, { rule: 'circuit_recovered', status: 'resolved', untold: news.untold, now });
    } else if (news !== undefined && stage !== 0) {
      this.#tell(trouble, lead, incident, { rule: RULE_OF[stage], status: 'firing', untold: news.untold, now });
    } else {
      const more = trouble.more(now, cooldownMs);
      if (more > 0) this.#tell(trouble, lead, incident, { rule: 'circuit_open', status: 'update', more, now });
    }
    if (incident.isOver(now)) trouble.incident = undefined;
  }

  #tell(
    trouble: Trouble,
    watch: CircuitWatch | undefined,
    incident: Incident,
    what: Pick<Occasion, 'rule' | 'status' | 'now'> & Partial<Occasion>,
  ): void {
    if (watch === undefined) return;
    const off = watch.rules[keyOf(what.rule)] === false;
    if (off && what.status !== 'resolved') return;
    if (what.rule === 'circuit_open' || what.rule === 'circuit_open_long') trouble.named();
    const occasion: Occasion = { untold: 0, more: 0, wallNow: this.#background.clock.wallNow(), ...what };
    const alert = describe(trouble, watch, incident, occasion, this.#setup);
    for (const outbox of this.#outboxes) outbox.offer(alert, off);
  }

  /** Sets the one timer, for the next check or for an earlier message. */
  #wakeLater(now: number): void {
    if (this.#closed) return;
    const { clock } = this.#background;
    let at = this.#lookAt;
    for (const trouble of this.#troubles.values()) at = Math.min(at, trouble.wakeAt(now));
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#wake(), Math.min(Math.max(0, at - now), MAX_TIMER_MS));
    this.#timer.unref?.();
  }

  #wake(): void {
    const now = this.#background.clock.now();
    if (now >= this.#lookAt) {
      this.#look(now);
      return;
    }
    for (const trouble of this.#troubles.values()) if (trouble.incident !== undefined) this.#judge(trouble, now);
    this.#wakeLater(now);
  }
}

/**
 * Notifies people when circuits open, stay open, fail too often and recover. Calls never wait for a message: each channel has a queue, and sends in the
 * background, in the async context of this call.
 *
 * @throws {ConfigurationError} with the option that cannot work, or the environment variable that is missing. An error of a channel's `open` passes
 *   through.
 * @example
 * const alerts = startAlerts({ channels: [slack({ urlEnv: 'SLACK_WEBHOOK_URL' })], rules: { lowSuccessRate: { below: 0.9 } } });
 * // When the process ends: `await alerts.close()` sends the queued messages.
 */
export function startAlerts(options: AlertOptions): Alerts {
  return new Alerts(options);
}

/** Returns the options with another configuration. Without a prototype, as they were taken. */
function withConfig(options: AlertOptions, config: AlertOptions['config']): AlertOptions {
  return Object.assign(Object.create(null), options, { config });
}
