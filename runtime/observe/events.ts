import type { RefusalReason } from '../errors/refusal-reason.js';
import type { SignInReason } from '../errors/sign-in-error.js';
import type { OpenReason, StateKind, WindowSnapshot } from './circuit-words.js';

/** The fields of every event. No event holds a header, a token, a URL with values, or a body. */
interface EventBase {
  /** The name of the circuit: `ghl`, `ghl@host`, `ghl/contacts`. */
  readonly circuit: string;
  readonly service: string;
  /** Wall-clock milliseconds since the epoch. */
  readonly at: number;
}

/** A circuit changed its state. */
export interface TransitionEvent extends EventBase {
  readonly type:
    | 'circuit_opened'
    | 'circuit_half_open'
    | 'circuit_closed'
    | 'circuit_forced_open'
    | 'circuit_forced_closed'
    | 'circuit_metrics_only';
  readonly oldState: StateKind;
  readonly newState: StateKind;
  /** The consecutive failures before the transition. */
  readonly failureCount: number;
  /** How long an open circuit waits before it probes. For an opening, the wait of this opening. */
  readonly recoveryTimeoutMs: number;
  /** Set if a circuit closes: how long it was not closed. */
  readonly downMs?: number;
  /** Set if a circuit opens by itself: why. */
  readonly reason?: OpenReason;
  /** Set if a closed circuit with a window opens by itself: the window at that moment. */
  readonly window?: WindowSnapshot;
}

/** One attempt failed and counts against the circuit. */
export interface CallFailedEvent extends EventBase {
  readonly type: 'call_failed';
  readonly operation: string | undefined;
  readonly failureCount: number;
  readonly threshold: number;
  /** `http_503`, `refused`, `dns`, `tls`, `reset`, `connect_timeout`, `timeout`, ... Never a message of the server. */
  readonly cause: string;
}

/** A circuit refused a call because it is open, has no free probe, or ramps up. */
export interface CallRejectedEvent extends EventBase {
  readonly type: 'call_rejected';
  readonly operation: string | undefined;
  readonly retryAfterMs: number;
  readonly reason: RefusalReason;
  /** The open circuit, if the refusing circuit only follows it. */
  readonly dependency?: string;
}

/** A call failed, and a fallback answered instead. */
export interface FallbackUsedEvent extends EventBase {
  readonly type: 'fallback_used';
  readonly operation: string;
  readonly source: 'cache' | 'fallback';
  readonly cause: string;
}

/** An attempt failed, and another will follow. */
export interface RetryScheduledEvent extends EventBase {
  readonly type: 'retry_scheduled';
  readonly operation: string;
  /** The number of the next attempt: 2 is the first retry. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly cause: string;
}

/** A bulkhead or a rate limiter refused a call. The circuit does not count it. */
export interface CallLimitedEvent extends EventBase {
  readonly type: 'call_limited';
  readonly operation: string;
  readonly policy: 'bulkhead' | 'rate_limit';
  /** Milliseconds until the rate limit allows a request. 0 for a bulkhead, which cannot know. */
  readonly retryAfterMs: number;
}

/** The `circuit` and `service` of events that are about all circuits. */
export const ALL_CIRCUITS = '*';

/** A watched configuration file was read, and applies from now on. `circuit` and `service` are `*`. */
export interface ConfigReloadedEvent extends EventBase {
  readonly type: 'config_reloaded';
  /** The name that was given to the watcher. */
  readonly file: string;
  /** The services whose settings the file changed. Empty if it changed nothing. */
  readonly services: readonly string[];
}

/** A watched configuration file cannot be used. The settings before it still apply. `circuit` and `service` are `*`. */
export interface ConfigRejectedEvent extends EventBase {
  readonly type: 'config_rejected';
  readonly file: string;
  /** The code of the first fault, in kebab-case: `missing-file`, `yaml-syntax`, `bad-value`, ... */
  readonly code: string;
  /** The faults with file, line and column, one per line. */
  readonly reason: string;
}

/** Why a threshold changes. */
export type ThresholdReason =
  /** The circuit opened and closed at the first probe, more than once. Possibly it opened for nothing. */
  | 'false_opens'
  /** The usual failures while the circuit stays closed. */
  | 'normal_failure_rate'
  /** The usual durations while the circuit stays closed. */
  | 'normal_duration'
  /** The first probes failed: outages were longer than the wait. */
  | 'failed_probes'
  /** The first probes succeeded: outages were shorter than the wait. */
  | 'first_probes_succeed'
  /** The configured value applies again. */
  | 'restored';

/** Adaptive thresholds: another value fits the observed calls (`threshold_proposed`), or applies from now on (`threshold_adapted`). */
export interface ThresholdEvent extends EventBase {
  readonly type: 'threshold_proposed' | 'threshold_adapted';
  /** The option of the circuit. The last two belong to its sliding window. */
  readonly setting: 'failureThreshold' | 'recoveryTimeoutMs' | 'failureRateThreshold' | 'slowCallDurationMs';
  readonly oldValue: number;
  readonly newValue: number;
  readonly reason: ThresholdReason;
  /** The number of observed calls. */
  readonly calls: number;
}

/**
 * Shared state: three exchanges with the store failed in a row, and this process is on its own (`shared_state_unavailable`), or an exchange succeeded
 * again (`shared_state_available`). `circuit` and `service` are `*`.
 */
export interface SharedStateEvent extends EventBase {
  readonly type: 'shared_state_unavailable' | 'shared_state_available';
  /** Set if the store is unavailable: no answer in time, an error, or an unusable answer. Never a message of the store. */
  readonly reason?: 'timeout' | 'error' | 'bad_answer';
  /** Set if the store is available again: how long it was not. */
  readonly downMs?: number;
}

/**
 * A sign-in of `fuseline/auth`: the server gave new tokens (`token_refreshed`), or there are none (`token_refresh_failed`). `service` is the name of the
 * sign-in, and `circuit` the circuit of its endpoint. It holds no token.
 */
export interface TokenEvent extends EventBase {
  readonly type: 'token_refreshed' | 'token_refresh_failed';
  /** The name that was given to `for`. Left out for the account without a name. */
  readonly account?: string;
  /** Set if it failed: why. */
  readonly reason?: SignInReason;
  /** Set if it failed: the failures in a row. */
  readonly failures?: number;
  /** Set if it failed: whether the token before it can still be used. */
  readonly early?: boolean;
}

export type FuselineEvent =
  | TransitionEvent
  | CallFailedEvent
  | CallRejectedEvent
  | FallbackUsedEvent
  | RetryScheduledEvent
  | CallLimitedEvent
  | ThresholdEvent
  | SharedStateEvent
  | TokenEvent
  | ConfigReloadedEvent
  | ConfigRejectedEvent;

/** The event of one type. */
export type EventOf<T extends FuselineEvent['type']> = FuselineEvent & { readonly type: T };
