import type { RefusalReason } from '../../errors/refusal-reason.js';
import type { OpenReason, StateKind } from '../../observe/circuit-words.js';

export type { OpenReason, RefusalReason, StateKind };

/**
 * The state of a circuit. It is one value that is replaced as a whole, so that no two fields can disagree. `epoch` is the number of the period. A
 * permit belongs to the period that gave it; the result of a call of another period changes nothing. Times are monotonic milliseconds.
 */
export type BreakerState = Closed | Open | HalfOpen | ForcedOpen | ForcedClosed | MetricsOnly;

/** Counts the openings without a stable closed period between them. Always `STABLE` without a reopen backoff. */
export interface History {
  /** Openings in a row. */
  readonly openings: number;
  /** How many of these openings came shortly after the circuit had closed. */
  readonly flaps: number;
}

/** Calls pass, except those that a ramp holds back until `rampUntil`. Consecutive failures are counted. */
export interface Closed {
  readonly kind: 'closed';
  readonly epoch: number;
  readonly since: number;
  readonly failures: number;
  /** The call that the failures come from, or `SEVERAL`; see `calls.ts`. Undefined without a failure. */
  readonly failedBy: number | undefined;
  readonly history: History;
  /** Negative infinity without a ramp. */
  readonly rampUntil: number;
}

/** Calls are refused until `until`, which is `waitMs` after `since`. */
export interface Open {
  readonly kind: 'open';
  readonly epoch: number;
  readonly since: number;
  readonly until: number;
  readonly waitMs: number;
  readonly failures: number;
  readonly reason: OpenReason;
  readonly history: History;
}

/** A few probes pass, and their results decide the next state. `since` is the earliest time for the first probe. */
export interface HalfOpen {
  readonly kind: 'half_open';
  readonly epoch: number;
  readonly since: number;
  readonly successes: number;
  readonly probes: readonly Probe[];
  readonly history: History;
}

/** A permit given while half-open. It expires at `leaseUntil`, so that a probe that never settles cannot hold it forever. */
export interface Probe {
  readonly permit: number;
  readonly leaseUntil: number;
}

/** Opened by hand: calls are refused until `reset` or another force. */
export interface ForcedOpen {
  readonly kind: 'forced_open';
  readonly epoch: number;
  readonly since: number;
}

/** Closed by hand, or off by its options: calls pass, and no failure opens the circuit. */
export interface ForcedClosed {
  readonly kind: 'forced_closed';
  readonly epoch: number;
  readonly since: number;
}

/** Calls pass, and no failure opens the circuit. Consecutive failures are counted. */
export interface MetricsOnly {
  readonly kind: 'metrics_only';
  readonly epoch: number;
  readonly since: number;
  readonly failures: number;
}

/** The data that one circuit passes to another that continues it. Both use the same clock. */
export interface Condition {
  readonly state: BreakerState;
  /** The time since which the circuit has not been closed; undefined if it is closed. */
  readonly downSince: number | undefined;
}

/**
 * The outcome of an admitted call. `ignored` and `released` say nothing about the service: the permit is given back, and nothing is counted for it.
 */
export type Outcome = 'success' | 'failure' | 'ignored' | 'released';
