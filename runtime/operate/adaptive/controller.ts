import { Background } from '../../background.js';
import { type Clock, systemClock, type TimerHandle } from '../../clock.js';
import type { FuselineEvent, ThresholdReason } from '../../observe/events.js';
import { dispose, type Subscription } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerInput, BreakerOptions } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { configuredOptions, endTuning, tune } from '../../policies/circuit-breaker/tuning.js';
import { CircuitHistory } from './history.js';
import { currentValue, type Proposal, proposals } from './propose.js';
import {
  type AdaptiveOptions,
  type AdaptiveSettings,
  checkedOptions,
  DEFAULT_INTERVAL_MS,
  SETTINGS,
  type Setting,
  settingsFor,
} from './settings.js';

/** The observations of one circuit, and its thresholds. */
export interface AdaptiveStatus {
  readonly circuit: string;
  /** The calls of the last twelve undisturbed intervals. */
  readonly normalCalls: number;
  /** The calls of these intervals that failed. */
  readonly normalFailures: number;
  /** The recent openings that ended at the first probe. */
  readonly falseOpens: number;
  /** The thresholds that differ from the configured ones. */
  readonly adapted: { readonly [S in Setting]?: { readonly configured: number; readonly now: number } };
}

interface Watched {
  readonly history: CircuitHistory;
  /** The last proposal of each setting, so that nothing is proposed twice. */
  readonly told: Map<Setting, number>;
  /** Whether the controller has changed the thresholds of this circuit. */
  tuned: boolean;
}

/** Observes circuits on an interval, until stopped. Made by `adaptThresholds`. */
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
   * @throws {ConfigurationError} if an option is out of range.
   * @internal
   */
  constructor(registry: BreakerRegistry, given: AdaptiveOptions, covers: (circuit: CircuitBreaker) => boolean, ended: () => void) {
    const options = checkedOptions(given);
    this.#registry = registry;
    this.#options = options;
    this.#covers = covers;
    this.#ended = ended;
    this.#clock = new Background(options.clock ?? systemClock).clock;
    // Earlier counts are not part of the first interval.
    for (const circuit of registry.list()) if (covers(circuit)) this.#watch(circuit, new CircuitHistory(circuit.snapshot()));
    this.#subscription = registry.events.watch((event) => this.#hear(event));
    this.#wait();
  }

  /** Returns one entry for each observed circuit. */
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

  /** Stops observing, and restores every configured threshold. Safe to call twice. */
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
      // A listener can have stopped this controller.
      if (this.#stopped) return;
      this.#lookAt(circuit);
    }
    const known = new Set(circuits);
    for (const [circuit, watched] of this.#circuits) {
      if (known.has(circuit)) continue;
      // The registry forgot this circuit. A client that still holds it must not keep adapted thresholds that no controller maintains.
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
    // After a reload that removed or narrowed the bounds, adapting starts over.
    if (settings?.mode !== 'apply' || strayed(circuit, settings)) this.#restore(circuit, watched);
    // While a circuit is forced or off, its thresholds decide nothing.
    if (settings === undefined || snapshot.forced !== null || !circuit.options.enabled) return;
    const all = proposals(history, circuit.options, settings);
    // Also if the bounds allow no change: these openings must not count towards a later one.
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
    // The events follow after all changes, so that no listener sees half of them.
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

/** Whether an adapted threshold is outside its present bounds. */
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
