import type { Clock } from '../../clock.js';
import { wholeMs } from '../../clock.js';
import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { LatencyPercentiles } from '../../observe/latency-sketch.js';
import type { BreakerCounters } from './counters.js';
import { SHOWN_STATE, type Shown } from './shown-state.js';
import type { BreakerState } from './state.js';

/** The state and statistics of a circuit at one moment. Durations are in milliseconds, times are in ISO 8601. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly service: string;
  readonly state: Shown;
  /** The state forced by hand, or `closed` because of `enabled: false`; null otherwise. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | null;
  /** Consecutive failures. While the circuit is open, the failures that opened it. */
  readonly failureCount: number;
  /** Successful probes while the circuit is half-open; 0 otherwise. */
  readonly successCount: number;
  /** Successes divided by successes plus failures, 0 to 1; 1 if there were no calls. */
  readonly successRate: number;
  readonly errorRate: number;
  /** Milliseconds until the next probe; null unless open. */
  readonly timeUntilRetryMs: number | null;
  /** Milliseconds since the circuit entered this state. */
  readonly inStateMs: number;
  /** The name of the open circuit because of which this one refuses calls, if it follows one; null otherwise. */
  readonly blockedBy: string | null;
  /** Milliseconds for which the circuit has not been closed, half-open periods included; null while it is closed. */
  readonly downMs: number | null;
  /** The calls and rates of the sliding window. If the circuit is not closed, those at the time of opening. Null without a window. */
  readonly window: WindowSnapshot | null;
  /** The share of calls that the ramp admits after a recovery; 1 otherwise. */
  readonly rampShare: number;
  /** Openings in a row without a stable closed period between them; 0 without a reopen backoff. */
  readonly openingsInARow: number;
  readonly stats: {
    readonly totalRequests: number;
    readonly successfulRequests: number;
    readonly failedRequests: number;
    readonly timeoutRequests: number;
    readonly rejectedRequests: number;
    /** The part of `rejectedRequests` that the ramp refused. */
    readonly rampRejectedRequests: number;
    readonly ignoredRequests: number;
    readonly releasedRequests: number;
    readonly circuitOpens: number;
    readonly stateChanges: number;
    readonly fallbackCalls: number;
    readonly consecutiveFailures: number;
    readonly consecutiveSuccesses: number;
    readonly avgResponseTimeMs: number;
    /** Percentiles of the durations of calls that succeeded or failed in the last 5 to 10 minutes, accurate to 5 %; null if there were none. */
    readonly latency: LatencyPercentiles | null;
    readonly lastFailureTime: string | null;
    readonly lastSuccessTime: string | null;
  };
}

/** A circuit, as far as a reader of its snapshot is concerned. */
export interface SnapshotCircuit {
  readonly name: string;
  readonly service: string;
  readonly clock: Clock;
  retryAfterMs(now: number): number;
  blockedBy(now: number): { readonly name: string } | undefined;
}

/** The parts of a circuit's machine that a snapshot reads. */
export interface SnapshotState {
  readonly downSince: number | undefined;
  stateAt(now: number): BreakerState;
  window(now: number): WindowSnapshot | undefined;
  rampShare(now: number): number;
}

const FORCED: { readonly [K in BreakerState['kind']]?: 'open' | 'closed' | 'metrics_only' } = {
  forced_open: 'open',
  forced_closed: 'closed',
  metrics_only: 'metrics_only',
};

/** Returns the snapshot of a circuit at `now`. */
export function snapshotOf(circuit: SnapshotCircuit, machine: SnapshotState, c: Readonly<BreakerCounters>, now: number): BreakerSnapshot {
  const { name, service, clock } = circuit;
  const { downSince } = machine;
  const state = machine.stateAt(now);
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
    timeUntilRetryMs: state.kind === 'open' ? wholeMs(state.until - now) : null,
    inStateMs: now - state.since,
    blockedBy: circuit.blockedBy(now)?.name ?? null,
    downMs: downSince === undefined ? null : now - downSince,
    window: machine.window(now) ?? null,
    rampShare: machine.rampShare(now),
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

/** Returns the wall-clock time of a monotonic time as ISO 8601. Computed on reading, so that a call needs to read only the monotonic clock. */
function isoTime(clock: Clock, at: number): string | null {
  if (at < 0) return null;
  return new Date(clock.wallNow() - (clock.now() - at)).toISOString();
}
