import { Background } from '../../background.js';
import { type Clock, systemClock, type TimerHandle } from '../../clock.js';
import { dispose, type FuselineEvent, type Subscription, type ThresholdReason } from '../../observe/events.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerInput, BreakerOptions } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { configuredOptions, endTuning, tune } from '../../policies/circuit-breaker/tuning.js';
import { CircuitHistory } from './history.js';
import { currentValue, type Proposal, proposals } from './propose.js';
import {
  type AdaptiveOptions,
  type AdaptiveSettings,
  checkOptions,
  DEFAULT_INTERVAL_MS,
  SETTINGS,
  type Setting,
  settingsFor,
} from './settings.js';

/** What is known of one circuit, and what its thresholds are. */
export interface AdaptiveStatus {
  readonly circuit: string;
  /** Calls while nothing disturbed it, in the last twelve intervals, and how many of them failed. */
  readonly normalCalls: number;
  readonly normalFailures: number;
  /** Recent openings that were over at the first probe. */
  readonly falseOpens: number;
  /** Thresholds that hold now and were not configured so. */
  readonly adapted: { readonly [S in Setting]?: { readonly configured: number; readonly now: number } };
}

interface Watched {
  readonly history: CircuitHistory;
  /** What was told last, so that nothing is told twice. */
  readonly told: Map<Setting, number>;
  /** Its thresholds are ours at the moment. */
  tuned: boolean;
}

/** Looks at circuits on an interval until stopped. Made by `adaptThresholds`. */
export class AdaptiveController {
  readonly #registry: BreakerRegistry;
  readonly #options: AdaptiveOptions;
  readonly #covers: (circuit: CircuitBreaker) => boolean;
  readonly #clock: Clock;
  readonly #circuits = new Map<CircuitBreaker, Watched>();
  readonly #subscription: Subscription;
  readonly #ended: () => void;
  #timer: TimerHandle | undefined;
  #stopped = false;

  /**
   * @throws {ConfigurationError} where an option is out of range.
   * @internal
   */
  constructor(registry: BreakerRegistry, options: AdaptiveOptions, covers: (circuit: CircuitBreaker) => boolean, ended: () => void) {
    checkOptions(options);
    this.#registry = registry;
    this.#options = options;
    this.#covers = covers;
    this.#ended = ended;
    this.#clock = new Background(options.clock ?? systemClock).clock;
    // What was counted before is no part of the first interval.
    for (const circuit of registry.list()) if (covers(circuit)) this.#watch(circuit, new CircuitHistory(circuit.snapshot()));
    this.#subscription = registry.events.watch((event) => this.#hear(event));
    this.#wait();
  }

  /** One entry for each circuit that was looked at. */
  status(): readonly AdaptiveStatus[] {
    return [...this.#circuits].map(([circuit, { history }]) => {
      const { calls, failures } = history.normal();
      const [was, is] = [configuredOptions(circuit), circuit.options];
      const adapted = SETTINGS.flatMap((setting) => {
        const [configured, now] = [currentValue(was, setting), currentValue(is, setting)];
        return configured === now ? [] : [[setting, { configured, now }] as const];
      });
      return {
        circuit: circuit.name,
        normalCalls: calls,
        normalFailures: failures,
        falseOpens: history.falseOpens.length,
        adapted: Object.fromEntries(adapted) as AdaptiveStatus['adapted'],
      };
    });
  }

  toJSON(): readonly AdaptiveStatus[] {
    return this.status();
  }

  /** Ends the watching, and puts every threshold back to what is configured. Safe to call twice. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#subscription.unsubscribe();
    for (const [circuit, watched] of this.#circuits) this.#restore(circuit, watched);
    this.#ended();
  }

  [dispose](): void {
    this.stop();
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#wait();
      this.#look();
    }, this.#options.intervalMs ?? DEFAULT_INTERVAL_MS);
    this.#timer.unref?.();
  }

  #watch(circuit: CircuitBreaker, history: CircuitHistory): Watched {
    const watched = { history, told: new Map<Setting, number>(), tuned: false };
    this.#circuits.set(circuit, watched);
    return watched;
  }

  #hear(event: FuselineEvent): void {
    if (!event.type.startsWith('circuit_')) return;
    const circuit = this.#registry.get(event.circuit);
    if (circuit === undefined || !this.#covers(circuit)) return;
    const { history } = this.#circuits.get(circuit) ?? this.#watch(circuit, new CircuitHistory(undefined));
    history.hear(event);
  }

  #look(): void {
    const circuits = this.#registry.list().filter((circuit) => this.#covers(circuit));
    for (const circuit of circuits) {
      // A listener may have stopped it.
      if (this.#stopped) return;
      this.#lookAt(circuit);
    }
    const known = new Set(circuits);
    for (const [circuit, watched] of this.#circuits) {
      if (known.has(circuit)) continue;
      // The registry forgot it; whoever still holds it must not be left with thresholds that nobody looks after.
      this.#restore(circuit, watched);
      this.#circuits.delete(circuit);
    }
  }

  #lookAt(circuit: CircuitBreaker): void {
    const watched = this.#circuits.get(circuit) ?? this.#watch(circuit, new CircuitHistory(undefined));
    const { history } = watched;
    const snapshot = circuit.snapshot();
    history.record(snapshot);
    const settings = settingsFor(circuit, this.#registry, this.#options);
    // Where a reload took bounds away, or drew them closer, it begins anew.
    if (settings?.mode !== 'apply' || strayed(circuit, settings)) this.#restore(circuit, watched);
    // Forced by hand, or off: its thresholds decide nothing at the moment.
    if (settings === undefined || snapshot.forced !== null || !circuit.options.enabled) return;
    const all = proposals(history, circuit.options, settings);
    // Also where the bounds allow no change: what was seen then says nothing of what comes later.
    for (const { setting, because } of all) history.use(setting, because);
    const found = all.filter(({ next, current }) => next !== current);
    if (found.length === 0) return;
    if (settings.mode === 'apply') this.#apply(circuit, watched, found);
    else this.#propose(circuit, watched, found);
  }

  #propose(circuit: CircuitBreaker, { history, told }: Watched, found: readonly Proposal[]): void {
    for (const { setting, current, target, reason } of found) {
      if (told.get(setting) === target) continue;
      told.set(setting, target);
      this.#tell('threshold_proposed', circuit, setting, current, target, reason, history);
    }
  }

  #apply(circuit: CircuitBreaker, watched: Watched, found: readonly Proposal[]): void {
    // Told once all of them hold: a listener sees no half of a change.
    this.#registry.events.together(() => {
      tune(
        circuit,
        found.reduce<BreakerInput>((input, { setting, next }) => withValue(input, setting, next), circuit.options),
      );
      watched.tuned = true;
      for (const { setting, current, next, reason } of found) {
        this.#tell('threshold_adapted', circuit, setting, current, next, reason, watched.history);
      }
    });
  }

  #restore(circuit: CircuitBreaker, watched: Watched): void {
    if (!watched.tuned) return;
    watched.tuned = false;
    const before = circuit.options;
    this.#registry.events.together(() => {
      endTuning(circuit);
      for (const setting of SETTINGS) {
        const [was, is] = [currentValue(before, setting), currentValue(circuit.options, setting)];
        if (was !== null && is !== null && was !== is)
          this.#tell('threshold_adapted', circuit, setting, was, is, 'restored', watched.history);
      }
    });
  }

  #tell(
    type: 'threshold_proposed' | 'threshold_adapted',
    { name, service }: CircuitBreaker,
    setting: Setting,
    oldValue: number,
    newValue: number,
    reason: ThresholdReason,
    history: CircuitHistory,
  ): void {
    const { events } = this.#registry;
    if (events.silent) return;
    const at = this.#clock.wallNow();
    events.emit({ type, circuit: name, service, at, setting, oldValue, newValue, reason, calls: history.normal().calls });
  }
}

/** Does a tuned threshold lie where its bounds do not allow it any more? */
function strayed(circuit: CircuitBreaker, { bounds }: AdaptiveSettings): boolean {
  const configured = configuredOptions(circuit);
  return SETTINGS.some((setting) => {
    const now = currentValue(circuit.options, setting);
    if (now === null || now === currentValue(configured, setting)) return false;
    const [min, max] = bounds[setting] ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return now < min || now > max;
  });
}

function withValue(input: BreakerInput, setting: Setting, value: number): BreakerInput {
  if (setting === 'failureThreshold' || setting === 'recoveryTimeoutMs') return { ...input, [setting]: value };
  return { ...input, slidingWindow: { ...(input.slidingWindow as BreakerOptions['slidingWindow']), [setting]: value } };
}
