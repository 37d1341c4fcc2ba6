import { ConfigurationError } from '../errors/configuration-error.js';
import type { RefusalReason } from '../errors/refusal-reason.js';
import { CURRENT, captureScope, NOT_CAPTURED, quietly, type UserFunction, type UserScope, userFunction } from '../user-code.js';
import type { OpenReason, StateKind, WindowSnapshot } from './circuit-words.js';

/** What every event says. No event carries a header, a token, a URL with values, or a body. */
interface EventBase {
  /** Circuit the event is about: `ghl`, `ghl@host`, `ghl/contacts`. */
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
  /** Consecutive failures that led here. */
  readonly failureCount: number;
  /** How long an open circuit waits before it probes; when it opens, this time's wait. */
  readonly recoveryTimeoutMs: number;
  /** Set when a circuit closes: how long it had not been closed. */
  readonly downMs?: number;
  /** Set when a circuit opens by itself: what opened it. */
  readonly reason?: OpenReason;
  /** Set when a closed circuit with a window opens by itself: what the window held. */
  readonly window?: WindowSnapshot;
}

/** One attempt failed and counts against the circuit. */
export interface CallFailedEvent extends EventBase {
  readonly type: 'call_failed';
  readonly operation: string | undefined;
  readonly failureCount: number;
  readonly threshold: number;
  /** `http_503`, `timeout`, `network`, ... Never a message of the server's. */
  readonly cause: string;
}

/** A call was refused because its circuit is open, has no probe to give, or ramps up. */
export interface CallRejectedEvent extends EventBase {
  readonly type: 'call_rejected';
  readonly operation: string | undefined;
  readonly retryAfterMs: number;
  readonly reason: RefusalReason;
  /** The circuit that is open, where the refusing one only follows it. */
  readonly dependency?: string;
}

/** A call failed and something else answered. */
export interface FallbackUsedEvent extends EventBase {
  readonly type: 'fallback_used';
  readonly operation: string;
  readonly source: 'cache' | 'fallback';
  readonly cause: string;
}

/** An attempt failed and another will follow. */
export interface RetryScheduledEvent extends EventBase {
  readonly type: 'retry_scheduled';
  readonly operation: string;
  /** The attempt to come: 2 is the first retry. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly cause: string;
}

/** A call was refused by a bulkhead or a rate limiter; the circuit counts nothing. */
export interface CallLimitedEvent extends EventBase {
  readonly type: 'call_limited';
  readonly operation: string;
  readonly policy: 'bulkhead' | 'rate_limit';
  /** Until the rate limit leaves a request; 0 for a bulkhead, which cannot know. */
  readonly retryAfterMs: number;
}

/** What events about the configuration name instead of a circuit and a service. */
export const ALL_CIRCUITS = '*';

/** A watched configuration file was read, and holds from now on. `circuit` and `service` are `*`. */
export interface ConfigReloadedEvent extends EventBase {
  readonly type: 'config_reloaded';
  /** As it was given to the watcher. */
  readonly file: string;
  /** Services whose settings the file changed; none where it says what already held. */
  readonly services: readonly string[];
}

/** A watched configuration file cannot be used; what held before still holds. `circuit` and `service` are `*`. */
export interface ConfigRejectedEvent extends EventBase {
  readonly type: 'config_rejected';
  readonly file: string;
  /** Kebab-case, of the first fault: `missing-file`, `yaml-syntax`, `bad-value`, ... */
  readonly code: string;
  /** What is wrong, with file, line and column: one line per fault. */
  readonly reason: string;
}

/** What led to another threshold. */
export type ThresholdReason =
  /** The circuit opened, and closed at the first probe, more than once: it may have opened for nothing. */
  | 'false_opens'
  /** Failures as they happen while the circuit stays closed. */
  | 'normal_failure_rate'
  /** Durations as they are while the circuit stays closed. */
  | 'normal_duration'
  /** Outages outlasted the wait: first probes failed. */
  | 'failed_probes'
  /** Every outage was over by the first probe. */
  | 'first_probes_succeed'
  /** The configured value holds again. */
  | 'restored';

/** Adaptive thresholds: another value would fit what was observed (`threshold_proposed`), or holds from now on (`threshold_adapted`). */
export interface ThresholdEvent extends EventBase {
  readonly type: 'threshold_proposed' | 'threshold_adapted';
  /** Of the circuit's options; the last two are of its sliding window. */
  readonly setting: 'failureThreshold' | 'recoveryTimeoutMs' | 'failureRateThreshold' | 'slowCallDurationMs';
  readonly oldValue: number;
  readonly newValue: number;
  readonly reason: ThresholdReason;
  /** Calls that were looked at. */
  readonly calls: number;
}

/**
 * Shared state: the store could not be reached three times in a row, and each process is on its own (`shared_state_unavailable`), or it can be
 * reached again (`shared_state_available`). `circuit` and `service` are `*`.
 */
export interface SharedStateEvent extends EventBase {
  readonly type: 'shared_state_unavailable' | 'shared_state_available';
  /** Set where it is unavailable: no answer in time, an error, or an answer that is none. Never a message of the store's. */
  readonly reason?: 'timeout' | 'error' | 'bad_answer';
  /** Set where it is available again: for how long it was not. */
  readonly downMs?: number;
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
  | ConfigReloadedEvent
  | ConfigRejectedEvent;

/** The event of one type. */
export type EventOf<T extends FuselineEvent['type']> = FuselineEvent & { readonly type: T };

/**
 * Receives events, synchronously and in order. What it throws is dropped: a listener never changes a call's result. It runs in the async context
 * of the call that caused the event, and for events without a call in the context in which it subscribed.
 */
export type EventListener = (event: FuselineEvent) => void;

/** A listener for some of the events. */
export type Listener<E extends FuselineEvent> = (event: E) => void;

/** The call that caused an event. */
export interface Audience {
  /** The context in which the call was made. */
  readonly user: UserScope;
  /** Whether the call itself wants to receive the event, after the registry's listeners. */
  readonly hears: boolean;
  hear(event: FuselineEvent): void;
}

/** Work that emits in the context of its own caller, and wants to receive nothing. */
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
 * Delivers events to listeners in order. A listener may re-enter the library (make a call, reset a circuit): what that emits is delivered
 * after the event at hand has reached all listeners.
 */
export class EventHub {
  // Wrapped, so that one function subscribed twice is two subscriptions.
  readonly #listeners = new Set<Entry>();
  readonly #queue: { readonly event: FuselineEvent; readonly audience: Audience | undefined }[] = [];
  #delivering = false;
  #joining = 0;

  /** True if nothing listens, so that an emitter can skip making the event. */
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
   * As `subscribe`, but the listener always runs in the context in which it subscribed: for what watches all calls, and may set timers or
   * open connections that outlive them.
   *
   * @internal
   */
  watch(listener: EventListener): Subscription {
    return this.#add(listener, undefined, true);
  }

  /** Delivers to all listeners, and then to the call that caused the event, where there is one. */
  emit(event: FuselineEvent, audience?: Audience): void {
    // Delivered later, when another context may be current.
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

  /** Does `work`, and delivers what it emits once it is done: no listener sees half of a change. */
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
        // A copy, so that one subscribed meanwhile waits for the next event; one unsubscribed meanwhile hears nothing more.
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

/** `Symbol.dispose`, also where Node has it under its own name only. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('nodejs.dispose');

/** A running subscription. */
export class Subscription {
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  /** Ends it. Safe to call twice. */
  unsubscribe(): void {
    this.#end();
  }

  [dispose](): void {
    this.#end();
  }
}
