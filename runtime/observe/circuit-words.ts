/** What a circuit is doing. */
export type StateKind = 'closed' | 'open' | 'half_open' | 'forced_open' | 'forced_closed' | 'metrics_only';

/** What opened a circuit. */
export type OpenReason =
  | 'consecutive_failures'
  | 'failures_in_window'
  | 'failure_rate'
  | 'slow_call_rate'
  | 'failure_or_slow_rate'
  | 'probe_failed'
  | 'probe_expired'
  /** Other processes found the service down; see `fuseline/shared-state`. */
  | 'peers';

/** A sliding window at one moment, for people. Rates are 0 to 1, and null below `minimumCalls`. */
export interface WindowSnapshot {
  readonly type: 'count' | 'time';
  /** Calls that ended in success or failure. Refused, ignored and released calls are not among them. */
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls that ended slow. */
  readonly slowCalls: number;
  /** Calls that are still in flight past the slow threshold. */
  readonly slowCallsInFlight: number;
  /** Share of ended calls that failed. */
  readonly failureRate: number | null;
  /** Share of slow calls, with those in flight past the threshold among both numbers. Null if nothing says what slow is. */
  readonly slowCallRate: number | null;
  /** Share of calls that failed, or were or are slow. */
  readonly failureOrSlowRate: number | null;
}
