/** The messages from the server to the page. The page imports these types, so this file uses nothing that a browser lacks. */
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';

/** One circuit on the page. Times are wall-clock milliseconds since the epoch, so that the row of an idle circuit does not change. */
export interface CircuitRow {
  readonly name: string;
  readonly service: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Set if someone forced the state. `off` if the options switch the circuit off. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | 'off' | null;
  /** Since when the circuit is observed. Earlier data is not shown. */
  readonly begun: number;
  /** When the circuit entered this state. */
  readonly since: number;
  /** Since when the circuit has not been closed; null if it is closed. */
  readonly downSince: number | null;
  /** When the circuit probes; null unless it is open and waits. */
  readonly retryAt: number | null;
  /** The open circuit because of which this circuit refuses calls. */
  readonly blockedBy: string | null;
  /** The reason of the last opening. */
  readonly reason: OpenReason | null;
  /** The share of calls that pass after a recovery, 0 to 1. */
  readonly rampShare: number;
  /** The failures that count towards opening. */
  readonly failures: number;
  /** The successful probes. */
  readonly successes: number;
  /** Attempts per second in the last minute. */
  readonly rate: number;
  /** Refused attempts per second in the last minute. */
  readonly refusedRate: number;
  /** The share of attempts that failed in the last minute; null if none succeeded or failed. */
  readonly failedShare: number | null;
  /** True if the circuit has been closed for a minute or more, and many attempts fail. */
  readonly failing: boolean;
  /** The outage of the sign-in, and what to do; null if there is none. */
  readonly signIn: { readonly name: string; readonly since: number; readonly what: string; readonly action: string } | null;
  /** p50, p95 and p99 of the last minutes in milliseconds; null if there was no attempt. */
  readonly latency: readonly [p50: number, p95: number, p99: number] | null;
  /** Attempts per step of `StateMessage.stepMs`, and the failed ones, the oldest first. */
  readonly course: readonly [requests: readonly number[], failures: readonly number[]];
  /** The states with their beginnings, the oldest first. */
  readonly periods: readonly (readonly [at: number, kind: StateKind])[];
  /** The failures by class, the latest first. */
  readonly errors: readonly (readonly [cause: string, count: number, lastAt: number])[];
  /** What callers got instead of an answer, in this outage or the last one. */
  readonly outage: AnswerCounts;
  /** What callers got instead of an answer, since the dashboard started. */
  readonly answers: AnswerCounts;
  readonly totals: Totals;
  readonly settings: Settings;
}

export interface AnswerCounts {
  readonly cache: number;
  readonly fallback: number;
  readonly error: number;
}

/** The counts since the circuit was made. */
export interface Totals {
  readonly requests: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly refused: number;
  readonly opened: number;
  /** Calls that a bulkhead refused since the dashboard started. */
  readonly bulkhead: number;
  /** Calls that a rate limiter refused since the dashboard started. */
  readonly rateLimit: number;
}

export interface Settings {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly recoveryTimeoutMs: number;
  /** True if a sliding window opens the circuit, and not failures in a row. */
  readonly window: boolean;
}

/** One operation: its calls, including those under way, and their outcomes. */
export type OperationRow = readonly [name: string, calls: number, errors: number, cache: number, fallback: number, inFlight: number];

/** A sign-in got no new token, or one at last. */
export type SignInKind = 'token_refresh_failed' | 'token_refreshed';

/** One line of the timeline. */
export interface TimelineEntry {
  /** The number of the entry. It grows by one. */
  readonly id: number;
  readonly at: number;
  /** The name of the circuit, or `*` for all. */
  readonly circuit: string;
  /** The new state of the circuit, a change of its threshold, the result of reading a watched configuration file, or a sign-in that fails. */
  readonly kind: StateKind | 'config_reloaded' | 'config_rejected' | 'threshold_adapted' | 'threshold_proposed' | SignInKind;
  /** Why the circuit opened by itself. */
  readonly reason?: OpenReason;
  /** The class of the failure before the opening. */
  readonly cause?: string;
  /** The consecutive failures before the opening. */
  readonly failures?: number;
  /** How long the open circuit waits before it probes, in milliseconds. */
  readonly waitMs?: number;
  /** For a closing: how long the circuit was not closed, in milliseconds. */
  readonly downMs?: number;
  /** For a configuration: the changed services, or the code of its fault. For a threshold: its name. For a sign-in: why it failed. */
  readonly detail?: string;
  /** For a threshold: the old value. */
  readonly from?: number;
  /** For a threshold: the new value. */
  readonly to?: number;
}

/** The whole state: the first message to a page, and to a page that was too slow. */
export interface StateMessage {
  /** The server's wall clock at the time of sending. */
  readonly now: number;
  /** The name of the process. */
  readonly instance: string;
  readonly stepMs: number;
  /** The longest time between two messages, in milliseconds. */
  readonly heartbeatMs: number;
  readonly circuits: readonly CircuitRow[];
  /** The number of circuits that are left out because there are too many. None of them has a problem. */
  readonly left: number;
  /** The entries of the timeline, the oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

/** The change of a row: the name of the circuit, and the changed fields. */
export type RowPatch = Pick<CircuitRow, 'name'> & Partial<CircuitRow>;

/** The changes since the last message. */
export interface UpdateMessage {
  readonly now: number;
  /** The changed rows. New circuits have all their fields. */
  readonly circuits: readonly RowPatch[];
  readonly removed: readonly string[];
  readonly left: number;
  readonly timeline: readonly TimelineEntry[];
}

/** A heartbeat without changes. */
export interface BeatMessage {
  readonly now: number;
}
