import type { RefusalReason } from '../../errors/refusal-reason.js';
import type { OpenReason, StateKind } from '../../observe/circuit-words.js';

export type { OpenReason, RefusalReason, StateKind };

/**
 * What a circuit is doing: one value, replaced whole, so that no two fields can disagree. `epoch` names the period; a permit belongs to
 * the period that gave it, and a result from any other period changes nothing. Times are monotonic milliseconds.
 */
export type BreakerState = Closed | Open | HalfOpen | ForcedOpen | ForcedClosed | MetricsOnly;

/** What earlier periods leave behind: how often the circuit opened without a stable time between. Stays `STABLE` without a backoff. */
export interface History {
  /** Openings in a row. */
  readonly openings: number;
  /** Of these, openings of a circuit that had just closed. */
  readonly flaps: number;
}

/** Calls pass, but for those that a ramp holds back until `rampUntil`; consecutive failures are counted. */
export interface Closed {
  readonly kind: 'closed';
  readonly epoch: number;
  readonly since: number;
  readonly failures: number;
  readonly history: History;
  /** Negative infinity where there is no ramp. */
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

/** A few probes pass; their results decide. `since`: when it was ready to probe. */
export interface HalfOpen {
  readonly kind: 'half_open';
  readonly epoch: number;
  readonly since: number;
  readonly successes: number;
  readonly probes: readonly Probe[];
  readonly history: History;
}

/** A permit given while half-open. It is worth nothing after `leaseUntil`: a probe that never settles must not hold its place for ever. */
export interface Probe {
  readonly permit: number;
  readonly leaseUntil: number;
}

/** Opened by hand: calls are refused until someone releases it. */
export interface ForcedOpen {
  readonly kind: 'forced_open';
  readonly epoch: number;
  readonly since: number;
}

/** Closed by hand: calls pass, and no failure opens it. */
export interface ForcedClosed {
  readonly kind: 'forced_closed';
  readonly epoch: number;
  readonly since: number;
}

/** Calls pass; what would have opened the circuit is counted and reported. */
export interface MetricsOnly {
  readonly kind: 'metrics_only';
  readonly epoch: number;
  readonly since: number;
  readonly failures: number;
}

/** What one circuit leaves to another that continues it. Times are those of a clock that both have. */
export interface Condition {
  readonly state: BreakerState;
  /** Since when it has not been closed; undefined where it is. */
  readonly downSince: number | undefined;
}

/** How a permitted call ended. `ignored` and `released` say nothing about the service: the permit is given back, without a verdict. */
export type Outcome = 'success' | 'failure' | 'ignored' | 'released';
