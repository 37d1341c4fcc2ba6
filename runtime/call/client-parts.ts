import type { Clock } from '../clock.js';
import type { EventListener } from '../observe/event-hub.js';
import type { BreakerRegistry } from '../policies/circuit-breaker/registry.js';
import type { LastGoodStore } from '../policies/fallback/last-good.js';
import type { UserFunction } from '../user-code.js';
import type { ClientLife } from './client/life.js';
import type { DispatcherLike } from './transport/types.js';

/** The parts of a client that its calls need. */
export interface ClientParts {
  readonly clock: Clock;
  /** The calls in flight. */
  readonly life: ClientLife;
  /** Source of jitter. */
  readonly random: UserFunction<() => number>;
  /** Receives the events of the client's calls. */
  readonly onEvent: UserFunction<EventListener> | undefined;
  /** The last good responses, kept for fallbacks. */
  readonly lastGood: LastGoodStore;
  /** Stores the circuits and the other state that clients share. */
  readonly registry: BreakerRegistry;
  /** The base URL in the service's OpenAPI document. */
  readonly documentUrl: string | undefined;
  readonly maxResponseBytes: number;
  /** Name of the transport, for errors. */
  readonly transport: string;
  /** Requests go out through the global fetch. */
  readonly overFetch: boolean;
  /** The part of a sender's identity that the user's dispatcher adds, as pairs in the form of `Sender.identity`. */
  readonly via: string;
  /** A dispatcher of the user's or a replaced `fetch` may add what tells senders apart, unseen by the client. May change from call to call. */
  readonly signsUnseen: boolean;
  /** An instrumentation has added headers that tell senders apart. */
  signedByTrace: boolean;
  /** Returns the user's name for the sender of a call that starts now. */
  identity(): string | undefined;
  /** Returns the transport; undefined if it is not loaded yet. */
  dispatcher(): DispatcherLike | undefined;
  loadDispatcher(): Promise<DispatcherLike>;
}
