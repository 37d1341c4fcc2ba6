import type { FuselineEvent } from '../../observe/events.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import type { OpenReason } from '../../policies/circuit-breaker/state.js';
import type { Setting } from './settings.js';

/** The intervals that are kept. Old ones say nothing about what is normal now. */
const KEPT_INTERVALS = 12;

/** The openings that are kept, and for how many intervals one can count as a false opening: a day at the default interval. */
const KEPT_OPENINGS = 20;
const KEPT_FALSE_OPENS = 288;

/** An interval with this share of failed calls was not normal, even if the circuit did not open. */
const ABNORMAL_RATE = 0.5;

interface Interval {
  readonly calls: number;
  readonly failures: number;
  /** Whether the circuit was closed throughout. */
  readonly normal: boolean;
  readonly p95Ms: number | null;
}

/** One outage, from the opening to the recovery. */
export interface Opening {
  readonly reason: OpenReason | undefined;
  /** The probes that failed before the circuit closed. 0 if it closed at the first one. */
  readonly failedProbes: number;
  /** The interval in which the circuit closed. */
  readonly interval: number;
}

/** The sum of the undisturbed intervals. */
export interface Normal {
  readonly calls: number;
  readonly failures: number;
  /** The median of their 95th percentiles; null if no interval had a call. */
  readonly p95Ms: number | null;
}

/** The history of one circuit. Its size is fixed. */
export class CircuitHistory {
  readonly #intervals: Interval[] = [];
  readonly #openings: Opening[] = [];
  readonly #used = new Map<Setting, WeakSet<Opening>>();
  #interval = 0;
  #successes: number;
  #failures: number;
  #disturbed: boolean;
  #down: { readonly reason: OpenReason | undefined; failedProbes: number } | undefined;

  /** `from` has the counts so far; undefined for a new circuit. */
  constructor(from: BreakerSnapshot | undefined) {
    this.#successes = from?.stats.successfulRequests ?? 0;
    this.#failures = from?.stats.failedRequests ?? 0;
    this.#disturbed = from !== undefined && from.state !== 'closed';
  }

  /** Returns the ended openings that have not changed this setting yet, oldest first. */
  openings(setting: Setting): readonly Opening[] {
    return this.#openings.filter((opening) => this.#used.get(setting)?.has(opening) !== true);
  }

  /** Returns the recent openings that ended at the first probe. */
  get falseOpens(): readonly Opening[] {
    return this.#openings.filter(({ failedProbes, interval }) => failedProbes === 0 && this.#interval - interval < KEPT_FALSE_OPENS);
  }

  /** Marks openings as used for a change of this setting, so that they do not cause another. */
  use(setting: Setting, openings: readonly Opening[]): void {
    const used = this.#used.get(setting) ?? new WeakSet();
    for (const opening of openings) used.add(opening);
    this.#used.set(setting, used);
  }

  hear(event: FuselineEvent): void {
    if (event.type === 'circuit_opened') {
      this.#disturbed = true;
      // An opening because of other processes says nothing about these thresholds.
      if (event.reason === 'peers') this.#down = undefined;
      else if (event.oldState === 'closed') this.#down = { reason: event.reason, failedProbes: 0 };
      else if (this.#down !== undefined) this.#down.failedProbes++;
    } else if (event.type === 'circuit_closed') {
      // A closing by hand says nothing about the service.
      if (this.#down !== undefined && event.oldState === 'half_open') this.#openings.push({ ...this.#down, interval: this.#interval });
      if (this.#openings.length > KEPT_OPENINGS) this.#openings.shift();
      this.#down = undefined;
    } else if (event.type.startsWith('circuit_forced') || event.type === 'circuit_metrics_only') {
      this.#disturbed = true;
      this.#down = undefined;
    }
  }

  /** Ends an interval. */
  record(snapshot: BreakerSnapshot): void {
    const { successfulRequests, failedRequests, latency } = snapshot.stats;
    const failures = failedRequests - this.#failures;
    const calls = failures + successfulRequests - this.#successes;
    this.#failures = failedRequests;
    this.#successes = successfulRequests;
    const closed = snapshot.state === 'closed';
    const normal = closed && !this.#disturbed && failures < calls * ABNORMAL_RATE;
    if (calls > 0) this.#intervals.push({ calls, failures, normal, p95Ms: latency?.p95Ms ?? null });
    if (this.#intervals.length > KEPT_INTERVALS) this.#intervals.shift();
    this.#disturbed = !closed;
    this.#interval++;
  }

  normal(): Normal {
    const normal = this.#intervals.filter((interval) => interval.normal);
    const durations = normal.flatMap(({ p95Ms }) => p95Ms ?? []).sort((a, b) => a - b);
    return {
      calls: normal.reduce((sum, { calls }) => sum + calls, 0),
      failures: normal.reduce((sum, { failures }) => sum + failures, 0),
      p95Ms: durations[Math.floor(durations.length / 2)] ?? null,
    };
  }
}
