/** What goes from the server to the page. The page imports these types, so this file knows nothing that a browser does not. */
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';

/** One circuit as the page shows it. Times are wall-clock milliseconds since the epoch, so that a circuit that rests does not change. */
export interface CircuitRow {
  readonly name: string;
  readonly service: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Set where the state was forced; `off` where the circuit is switched off by its options. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | 'off' | null;
  /** Since when it is known what it did: what was before is not shown. */
  readonly begun: number;
  /** Since when it has been in this state. */
  readonly since: number;
  /** Since when it has not been closed; null while it is. */
  readonly downSince: number | null;
  /** When it probes; null unless it is open and waits. */
  readonly retryAt: number | null;
  /** The open circuit because of which this one refuses calls. */
  readonly blockedBy: string | null;
  /** What opened it last. */
  readonly reason: OpenReason | null;
  /** Share of calls let in after a recovery, 0 to 1. */
  readonly rampShare: number;
  /** Failures counted towards opening, and probes that succeeded. */
  readonly failures: number;
  readonly successes: number;
  /** Of the last minute: attempts a second, refused ones a second, and the share that failed; null where none was judged. */
  readonly rate: number;
  readonly refusedRate: number;
  readonly failedShare: number | null;
  /** Closed for a minute and more, and still a share of attempts fails that is worth a look. */
  readonly failing: boolean;
  /** p50, p95 and p99 of the last minutes in milliseconds; null where there was no attempt. */
  readonly latency: readonly [p50: number, p95: number, p99: number] | null;
  /** Attempts per step of `StateMessage.stepMs`, and those of them that failed; oldest first. */
  readonly course: readonly [requests: readonly number[], failures: readonly number[]];
  /** When it came into which state, oldest first. */
  readonly periods: readonly (readonly [at: number, kind: StateKind])[];
  /** Failures by class, latest first. */
  readonly errors: readonly (readonly [cause: string, count: number, lastAt: number])[];
  /** What callers got instead: in this outage, or in the last one; and since the dashboard began. */
  readonly outage: AnswerCounts;
  readonly answers: AnswerCounts;
  readonly totals: Totals;
  readonly settings: Settings;
}

export interface AnswerCounts {
  readonly cache: number;
  readonly fallback: number;
  readonly error: number;
}

/** Counts since the circuit was made. */
export interface Totals {
  readonly requests: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly refused: number;
  readonly opened: number;
  /** Refused by a bulkhead, and by a rate limiter, since the dashboard began. */
  readonly bulkhead: number;
  readonly rateLimit: number;
}

export interface Settings {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly recoveryTimeoutMs: number;
  /** True where rates over a window open it, and not failures in a row. */
  readonly window: boolean;
}

/** One operation: how many calls it had, and what callers got; those under way are calls, too. */
export type OperationRow = readonly [name: string, calls: number, errors: number, cache: number, fallback: number, inFlight: number];

/** One line of the timeline. */
export interface TimelineEntry {
  /** Grows by one with each entry. */
  readonly id: number;
  readonly at: number;
  /** `*` where it concerns all. */
  readonly circuit: string;
  /** The state that the circuit came into, another threshold of it, or what became of a watched configuration file. */
  readonly kind: StateKind | 'config_reloaded' | 'config_rejected' | 'threshold_adapted' | 'threshold_proposed';
  /** What opened it by itself, and the class of the failure before. */
  readonly reason?: OpenReason;
  readonly cause?: string;
  /** Consecutive failures that led here. */
  readonly failures?: number;
  /** How long an open circuit waits until it probes, in milliseconds. */
  readonly waitMs?: number;
  /** Where it closed: how long it had not been closed, in milliseconds. */
  readonly downMs?: number;
  /** Of a configuration: the services that it changed, or the code of its fault. Of a threshold: which one. */
  readonly detail?: string;
  /** Of a threshold: its old and its new value. */
  readonly from?: number;
  readonly to?: number;
}

/** Everything: the first message, and what a page gets that could not keep up. */
export interface StateMessage {
  /** The server's wall clock as it sent this. */
  readonly now: number;
  /** Which process this is. */
  readonly instance: string;
  readonly stepMs: number;
  /** A message comes at least this often, in milliseconds. */
  readonly heartbeatMs: number;
  readonly circuits: readonly CircuitRow[];
  /** Circuits that are not among them, because there are too many: none that has a problem. */
  readonly left: number;
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

/** What a circuit's row has become: its name, and the fields that changed. */
export type RowPatch = Pick<CircuitRow, 'name'> & Partial<CircuitRow>;

/** What has changed since the message before. */
export interface UpdateMessage {
  readonly now: number;
  /** New circuits with all their fields. */
  readonly circuits: readonly RowPatch[];
  readonly removed: readonly string[];
  readonly left: number;
  readonly timeline: readonly TimelineEntry[];
}

/** Nothing has changed, and the server is there. */
export interface BeatMessage {
  readonly now: number;
}
