import type { FuselineEvent } from '../../observe/events.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import type { OpenReason } from '../../policies/circuit-breaker/state.js';
import type { Setting } from './settings.js';

/** Intervals that are remembered: what is normal now, not what was last week. */
export const KEPT_INTERVALS = 12;

/** Openings that are remembered, and for how many intervals they may have been for nothing: a day at the default interval. */
const KEPT_OPENINGS = 20;
const KEPT_FALSE_OPENS = 288;

/** An interval in which this share of the calls failed was no normal one, although the circuit did not open. */
const ABNORMAL_RATE = 0.5;

interface Interval {
  readonly calls: number;
  readonly failures: number;
  /** Undisturbed: the circuit was closed throughout. */
  readonly normal: boolean;
  readonly p95Ms: number | null;
}

/** One opening from the first refusal to the recovery. */
export interface Opening {
  readonly reason: OpenReason | undefined;
  /** Probes that failed before it closed; none: it closed at the first try. */
  readonly failedProbes: number;
  /** The interval in which it closed. */
  readonly interval: number;
}

/** What is normal: the undisturbed intervals together. */
export interface Normal {
  readonly calls: number;
  readonly failures: number;
  /** The middle one of their 95th percentiles; null where no interval had a call. */
  readonly p95Ms: number | null;
}

/** What a controller remembers of one circuit. Its size is fixed. */
export class CircuitHistory {
  readonly #intervals: Interval[] = [];
  readonly #openings: Opening[] = [];
  readonly #used = new Map<Setting, WeakSet<Opening>>();
  #interval = 0;
  #successes: number;
  #failures: number;
  #disturbed: boolean;
  #down: { readonly reason: OpenReason | undefined; failedProbes: number } | undefined;

  /** `from`: what the circuit had counted before; undefined for a circuit that is new. */
  constructor(from: BreakerSnapshot | undefined) {
    this.#successes = from?.stats.successfulRequests ?? 0;
    this.#failures = from?.stats.failedRequests ?? 0;
    this.#disturbed = from !== undefined && from.state !== 'closed';
  }

  /** Openings whose end was seen and that have led to no change of this setting yet, oldest first. */
  openings(setting: Setting): readonly Opening[] {
    return this.#openings.filter((opening) => this.#used.get(setting)?.has(opening) !== true);
  }

  /** Recent openings that were over at the first probe. */
  get falseOpens(): readonly Opening[] {
    return this.#openings.filter(({ failedProbes, interval }) => failedProbes === 0 && this.#interval - interval < KEPT_FALSE_OPENS);
  }

  /** These openings have led to a change of the setting: they must not lead to another. */
  use(setting: Setting, openings: readonly Opening[]): void {
    const used = this.#used.get(setting) ?? new WeakSet();
    for (const opening of openings) used.add(opening);
    this.#used.set(setting, used);
  }

  hear(event: FuselineEvent): void {
    if (event.type === 'circuit_opened') {
      this.#disturbed = true;
      // One that opened because of other processes says nothing of its own thresholds.
      if (event.reason === 'peers') this.#down = undefined;
      else if (event.oldState === 'closed') this.#down = { reason: event.reason, failedProbes: 0 };
      else if (this.#down !== undefined) this.#down.failedProbes++;
    } else if (event.type === 'circuit_closed') {
      // One that was closed by hand says nothing of the service.
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
