import { ConfigurationError } from '../errors/configuration-error.js';
import { givenFunction } from '../errors/given.js';
import { CURRENT, captureScope, NOT_CAPTURED, quietly, type UserFunction, type UserScope, userFunction } from '../user-code.js';
import type { FuselineEvent } from './events.js';
import { Subscription } from './subscription.js';

/**
 * Receives events, synchronously and in order. A listener never changes the result of a call: its errors are dropped. It runs in the async context of
 * the call that caused the event. Events without a call reach it in the context in which it subscribed. Of a call that started before it subscribed, it
 * may receive no event but the changes of circuits.
 */
export type EventListener = (event: FuselineEvent) => void;

/** Decides whether a listener receives an event. */
export type Wants = (event: FuselineEvent) => boolean;

/** A listener for some of the events. */
export type Listener<E extends FuselineEvent> = (event: E) => void;

/** The call that caused an event. */
export interface Audience {
  /** The context in which the call was made. */
  readonly user: UserScope;
  /** Whether the call itself receives the event, after the listeners of the registry. */
  readonly hears: boolean;
  /** Tells the attempts of one call from those of others. Left out by work that makes one attempt. */
  readonly callNumber?: number;
  hear(event: FuselineEvent): void;
}

/** Work that emits in the context of its own caller, and receives no event. */
export const CALLER: Audience = { user: CURRENT, hears: false, hear: () => undefined };

interface Entry {
  readonly listener: UserFunction<EventListener>;
  readonly wants: UserFunction<(event: FuselineEvent) => boolean> | undefined;
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
   * default all. If `wants` throws, the listener receives the event.
   */
  subscribe<E extends FuselineEvent>(listener: Listener<E>, wants?: Wants): Subscription {
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

  #add(listener: EventListener, given: Wants | undefined, detached: boolean): Subscription {
    if (typeof listener !== 'function') throw new ConfigurationError('listener', listener, 'a function');
    if (given !== undefined) givenFunction('wants', given);
    const wants = given === undefined ? undefined : userFunction(given);
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
        for (const entry of [...this.#listeners]) if (this.#listeners.has(entry)) deliver(entry, next.event, next.audience);
        if (next.audience?.hears === true) next.audience.hear(next.event);
      }
    } finally {
      this.#delivering = false;
    }
  }
}

function deliver({ listener, wants, scope, detached }: Entry, event: FuselineEvent, audience: Audience | undefined): void {
  let user = scope;
  if (!detached && audience !== undefined) {
    // A call captures no context if there is no listener when it starts. Its events have no context of their own then, and the context in which the
    // listener subscribed can be that of another caller. What happens to a circuit is not about one call.
    if (audience.user !== NOT_CAPTURED) user = audience.user;
    else if (OF_A_CALL.has(event.type)) return;
  }
  if (wants === undefined || quietly(user, wants, event) !== false) quietly(user, listener, event);
}

/** The events that are about one call. The others are about a circuit or the configuration. */
const OF_A_CALL: ReadonlySet<FuselineEvent['type']> = new Set([
  'call_failed',
  'call_rejected',
  'call_limited',
  'fallback_used',
  'retry_scheduled',
]);
