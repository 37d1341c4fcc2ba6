import type { RefusalReason } from '../../errors/refusal-reason.js';
import type { OpenReason, StateKind } from '../../observe/circuit-words.js';

export type { OpenReason, RefusalReason, StateKind };

/**
 * The state of a circuit: one value, replaced whole, so that no two fields can disagree. `epoch` is the number of the period. A permit belongs
 * to the period that gave it, and a result from any other period changes nothing. Times are monotonic milliseconds.
 */
export type BreakerState = Closed | Open | HalfOpen | ForcedOpen | ForcedClosed | MetricsOnly;

/** What a period remembers of earlier ones: how often the circuit opened without a stable time between. Stays `STABLE` without a backoff. */
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

/** A few probes pass, and their results decide. `since` is when the first probe could have come. */
export interface HalfOpen {
  readonly kind: 'half_open';
  readonly epoch: number;
  readonly since: number;
  readonly successes: number;
  readonly probes: readonly Probe[];
  readonly history: History;
}

/** A permit given while half-open. It expires at `leaseUntil`: a probe that never settles must not hold its place forever. */
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

/** What one circuit hands to another that continues it. Both read the same clock. */
export interface Condition {
  readonly state: BreakerState;
  /** When the circuit ceased to be closed; undefined if it is closed. */
  readonly downSince: number | undefined;
}

/** How a permitted call ended. `ignored` and `released` say nothing about the service: the permit is given back without a verdict. */
export type Outcome = 'success' | 'failure' | 'ignored' | 'released';
