import type { Clock } from '../../clock.js';
import type { WindowSnapshot } from '../../observe/circuit-words.js';
import { type LatencyPercentiles, LatencySketch } from '../../observe/latency-sketch.js';
import type { BreakerState, Outcome } from './state.js';
import { TransitionCounts } from './transition-counts.js';

/**
 * Counters of one circuit since it was made. Plain fields: counting costs an addition. They count what ended: a probe whose lease ran out
 * is in `requests` alone until it ends, if ever it does.
 */
export class BreakerCounters {
  /** Attempts that asked for a permit. */
  requests = 0;
  successes = 0;
  failures = 0;
  /** Failures that were attempt timeouts; part of `failures`. */
  timeouts = 0;
  /** Refused without a request. */
  rejected = 0;
  /** Refused by the ramp after a recovery; part of `rejected`. */
  rampRejected = 0;
  /** Ended in an outcome that is configured to count as nothing. */
  ignored = 0;
  /** Given back: the caller aborted, or an inner policy refused. */
  released = 0;
  opens = 0;
  stateChanges = 0;
  fallbacks = 0;
  consecutiveFailures = 0;
  consecutiveSuccesses = 0;
  /** Sum over attempts that succeeded or failed, in milliseconds. */
  totalDurationMs = 0;
  /** Monotonic; negative where it never happened. */
  lastFailureAt = -1;
  lastSuccessAt = -1;
  /** Undefined before the first change of state. */
  transitions: TransitionCounts | undefined = undefined;
  /** Of attempts that succeeded or failed. Undefined before the first: an idle circuit needs no memory for it. */
  latency: LatencySketch | undefined = undefined;

  /** Calls that have a permit and have not ended. */
  get underWay(): number {
    return this.requests - this.rejected - this.successes - this.failures - this.ignored - this.released;
  }

  /** Counts a call that ended. */
  count(outcome: Outcome, now: number, durationMs: number, timedOut: boolean): void {
    if (outcome === 'success') {
      this.successes++;
      this.consecutiveSuccesses++;
      this.consecutiveFailures = 0;
      this.#took(durationMs, now);
      this.lastSuccessAt = now;
    } else if (outcome === 'failure') {
      this.failures++;
      if (timedOut) this.timeouts++;
      this.consecutiveFailures++;
      this.consecutiveSuccesses = 0;
      this.#took(durationMs, now);
      this.lastFailureAt = now;
    } else if (outcome === 'ignored') this.ignored++;
    else this.released++;
  }

  /** Counts a change of state. `downMs`: how long the circuit had not been closed, where it closes. */
  moved(from: BreakerState['kind'], to: BreakerState['kind'], downMs: number | undefined): void {
    this.stateChanges++;
    this.transitions ??= new TransitionCounts();
    this.transitions.moved(SHOWN_STATE[from], SHOWN_STATE[to], downMs);
  }

  /** Adds what another circuit has counted. What says how a circuit is now, such as failures in a row, is no sum and stays. */
  add(other: Readonly<BreakerCounters>): void {
    for (const key of SUMS) this[key] += other[key];
    if (other.transitions === undefined) return;
    this.transitions ??= new TransitionCounts();
    this.transitions.add(other.transitions);
  }

  #took(durationMs: number, now: number): void {
    this.totalDurationMs += durationMs;
    this.latency ??= new LatencySketch(now);
    this.latency.record(durationMs, now);
  }
}

/** Counters that only grow. */
const SUMS = [
  'requests',
  'successes',
  'failures',
  'timeouts',
  'rejected',
  'rampRejected',
  'ignored',
  'released',
  'opens',
  'stateChanges',
  'fallbacks',
  'totalDurationMs',
] as const satisfies readonly (keyof BreakerCounters)[];

/** A circuit at one moment, for people, health checks and logs. Durations in milliseconds, times ISO 8601. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly service: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Set where someone forced the state by hand. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | null;
  /** Consecutive failures counted towards opening. */
  readonly failureCount: number;
  /** Successful probes so far. */
  readonly successCount: number;
  /** Of attempts that ended in a verdict, 0 to 1; 1 before the first. */
  readonly successRate: number;
  readonly errorRate: number;
  /** Until the next probe; null unless open. */
  readonly timeUntilRetryMs: number | null;
  /** How long the circuit has been in this state. */
  readonly inStateMs: number;
  /** The open circuit because of which this one refuses calls, where it follows one; null otherwise. */
  readonly blockedBy: string | null;
  /** How long it has not been closed, probing included; null while it is. */
  readonly downMs: number | null;
  /** The sliding window's calls and rates, up to the opening where it is not closed; null without a window. */
  readonly window: WindowSnapshot | null;
  /** Share of calls let in while the circuit ramps up after a recovery; 1 otherwise. */
  readonly rampShare: number;
  /** Openings in a row without a stable time between; 0 without a reopen backoff. */
  readonly openingsInARow: number;
  readonly stats: {
    readonly totalRequests: number;
    readonly successfulRequests: number;
    readonly failedRequests: number;
    readonly timeoutRequests: number;
    readonly rejectedRequests: number;
    /** Of these, refused by the ramp. */
    readonly rampRejectedRequests: number;
    readonly ignoredRequests: number;
    readonly releasedRequests: number;
    readonly circuitOpens: number;
    readonly stateChanges: number;
    readonly fallbackCalls: number;
    readonly consecutiveFailures: number;
    readonly consecutiveSuccesses: number;
    readonly avgResponseTimeMs: number;
    /** Of attempts that succeeded or failed in the last 5 to 10 minutes, within 5 %; null where there were none. */
    readonly latency: LatencyPercentiles | null;
    readonly lastFailureTime: string | null;
    readonly lastSuccessTime: string | null;
  };
}

/** What a gauge shows of a circuit. */
export interface Glance extends Pick<BreakerSnapshot, 'state' | 'inStateMs'> {
  /** Held by hand, not switched off by its options. */
  readonly forced: boolean;
  /** How long it has not been closed; 0 while it is. */
  readonly downMs: number;
  /** Until a call may come through; Infinity while held open by hand. */
  readonly retryAfterMs: number;
  readonly window: WindowSnapshot | undefined;
}

/** How each state looks from outside: what matters there is whether calls pass. */
export const SHOWN_STATE: { readonly [K in BreakerState['kind']]: BreakerSnapshot['state'] } = {
  closed: 'closed',
  open: 'open',
  half_open: 'half_open',
  forced_open: 'open',
  forced_closed: 'closed',
  metrics_only: 'closed',
};

/** What a snapshot needs of a circuit beside its state and counters. */
export interface SnapshotSource extends Pick<BreakerSnapshot, 'name' | 'service' | 'window' | 'rampShare' | 'blockedBy'> {
  readonly clock: Clock;
  /** When it ceased to be closed; undefined while it is. */
  readonly downSince: number | undefined;
}

const FORCED: { readonly [K in BreakerState['kind']]?: 'open' | 'closed' | 'metrics_only' } = {
  forced_open: 'open',
  forced_closed: 'closed',
  metrics_only: 'metrics_only',
};

/** A circuit in `state`, as people read it at `now`. */
export function snapshotOf(
  { name, service, clock, window, rampShare, downSince, blockedBy }: SnapshotSource,
  state: BreakerState,
  c: BreakerCounters,
  now: number,
): BreakerSnapshot {
  const judged = c.successes + c.failures;
  const successRate = judged === 0 ? 1 : c.successes / judged;
  return {
    name,
    service,
    state: SHOWN_STATE[state.kind],
    forced: FORCED[state.kind] ?? null,
    failureCount: 'failures' in state ? state.failures : 0,
    successCount: state.kind === 'half_open' ? state.successes : 0,
    successRate,
    errorRate: 1 - successRate,
    timeUntilRetryMs: state.kind === 'open' ? state.until - now : null,
    inStateMs: now - state.since,
    blockedBy,
    downMs: downSince === undefined ? null : now - downSince,
    window,
    rampShare,
    openingsInARow: 'history' in state ? state.history.openings : 0,
    stats: {
      totalRequests: c.requests,
      successfulRequests: c.successes,
      failedRequests: c.failures,
      timeoutRequests: c.timeouts,
      rejectedRequests: c.rejected,
      rampRejectedRequests: c.rampRejected,
      ignoredRequests: c.ignored,
      releasedRequests: c.released,
      circuitOpens: c.opens,
      stateChanges: c.stateChanges,
      fallbackCalls: c.fallbacks,
      consecutiveFailures: c.consecutiveFailures,
      consecutiveSuccesses: c.consecutiveSuccesses,
      avgResponseTimeMs: judged === 0 ? 0 : c.totalDurationMs / judged,
      latency: c.latency?.percentiles(now) ?? null,
      lastFailureTime: isoTime(clock, c.lastFailureAt),
      lastSuccessTime: isoTime(clock, c.lastSuccessAt),
    },
  };
}

/** The wall-clock time of a monotonic reading, as ISO 8601. Computed when read, so that a call needs no second clock. */
function isoTime(clock: Clock, at: number): string | null {
  if (at < 0) return null;
  return new Date(clock.wallNow() - (clock.now() - at)).toISOString();
}
