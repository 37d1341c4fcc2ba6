import { ConfigurationError } from '../errors/configuration-error.js';
import type { RefusalReason } from '../errors/refusal-reason.js';
import type { SignInReason } from '../errors/sign-in-error.js';
import { CURRENT, captureScope, NOT_CAPTURED, quietly, type UserFunction, type UserScope, userFunction } from '../user-code.js';
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
  /** `http_503`, `timeout`, `network`, ... Never a message of the server. */
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

/**
 * Receives events, synchronously and in order. A listener never changes the result of a call: its errors are dropped. It runs in the async context of
 * the call that caused the event. Events without a call reach it in the context in which it subscribed.
 */
export type EventListener = (event: FuselineEvent) => void;

/** A listener for some of the events. */
export type Listener<E extends FuselineEvent> = (event: E) => void;

/** The call that caused an event. */
export interface Audience {
  /** The context in which the call was made. */
  readonly user: UserScope;
  /** Whether the call itself receives the event, after the listeners of the registry. */
  readonly hears: boolean;
  hear(event: FuselineEvent): void;
}

/** Work that emits in the context of its own caller, and receives no event. */
export const CALLER: Audience = { user: CURRENT, hears: false, hear: () => undefined };

interface Entry {
  readonly listener: UserFunction<EventListener>;
  readonly wants: ((event: FuselineEvent) => boolean) | undefined;
  /** The context in which it subscribed. */
  readonly scope: UserScope;
  /** Runs in the context in which it subscribed, whatever call caused the event. */
  readonly detached: boolean;
}

/**
 * Delivers events to listeners in order. A listener can call the library again, for example reset a circuit. The events of that call are delivered
 * after the current event has reached all listeners.
 */
export class EventHub {
  // Entries, not functions, so that one function can subscribe twice.
  readonly #listeners = new Set<Entry>();
  readonly #queue: { readonly event: FuselineEvent; readonly audience: Audience | undefined }[] = [];
  #delivering = false;
  #joining = 0;

  /** True if there is no listener. Then an emitter can skip making the event. */
  get silent(): boolean {
    return this.#listeners.size === 0;
  }

  /**
   * Whether some listener runs in the contexts of the calls that cause events.
   *
   * @internal
   */
  get joinsCalls(): boolean {
    return this.#joining > 0;
  }

  /**
   * Subscribes until disposed (`using` works) or `unsubscribe` is called. The listener receives the events for which `wants` returns true, by
   * default all.
   */
  subscribe<E extends FuselineEvent>(listener: Listener<E>, wants?: (event: FuselineEvent) => boolean): Subscription {
    return this.#add(listener as EventListener, wants, false);
  }

  /**
   * As `subscribe`, but the listener always runs in the context in which it subscribed. For listeners that watch all calls, and set timers or open
   * connections that outlive them.
   *
   * @internal
   */
  watch(listener: EventListener): Subscription {
    return this.#add(listener, undefined, true);
  }

  /** Delivers to all listeners, and then to the call that caused the event, if any. */
  emit(event: FuselineEvent, audience?: Audience): void {
    // The event is delivered later, when another context can be current.
    const late = this.#delivering && audience?.user === CURRENT;
    this.#queue.push({ event, audience: late ? { ...CALLER, user: captureScope() } : audience });
    if (!this.#delivering) this.#deliver();
  }

  #add(listener: EventListener, wants: Entry['wants'], detached: boolean): Subscription {
    if (typeof listener !== 'function') throw new ConfigurationError('listener', listener, 'a function');
    const entry: Entry = { listener: userFunction(listener), wants, scope: captureScope(), detached };
    this.#listeners.add(entry);
    if (!detached) this.#joining++;
    return new Subscription(() => {
      if (this.#listeners.delete(entry) && !detached) this.#joining--;
    });
  }

  /** Does `work`, and delivers its events afterwards, so that no listener sees half of a change. */
  together<T>(work: () => T): T {
    if (this.#delivering) return work();
    this.#delivering = true;
    try {
      return work();
    } finally {
      this.#deliver();
    }
  }

  #deliver(): void {
    this.#delivering = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        // A copy: a listener that subscribes meanwhile waits for the next event. One that unsubscribes meanwhile receives nothing more.
        for (const entry of [...this.#listeners])
          if (this.#listeners.has(entry) && entry.wants?.(next.event) !== false)
            quietly(scopeOf(entry, next.audience), entry.listener, next.event);
        if (next.audience?.hears === true) next.audience.hear(next.event);
      }
    } finally {
      this.#delivering = false;
    }
  }
}

function scopeOf(entry: Entry, audience: Audience | undefined): UserScope {
  return entry.detached || audience === undefined || audience.user === NOT_CAPTURED ? entry.scope : audience.user;
}

/** `Symbol.dispose`. Older versions of Node have it only under a name of their own. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('nodejs.dispose');

/** A running subscription. */
export class Subscription {
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  /** Ends the subscription. Safe to call twice. */
  unsubscribe(): void {
    this.#end();
  }

  [dispose](): void {
    this.#end();
  }
}
