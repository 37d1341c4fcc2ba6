import type { Clock } from '../clock.js';
import type { EventListener } from '../observe/events.js';
import type { BreakerRegistry } from '../policies/circuit-breaker/registry.js';
import type { LastGoodStore } from '../policies/fallback/last-good.js';
import type { UserFunction, UserScope } from '../user-code.js';
import type { DispatcherLike } from './transport/types.js';

/** The parts of a client that its calls need. */
export interface ClientParts {
  readonly clock: Clock;
  /** Source of jitter. */
  readonly random: UserFunction<() => number>;
  /** Receives the events of the client's calls. */
  readonly onEvent: UserFunction<EventListener> | undefined;
  /** The good answers that are kept for fallbacks. */
  readonly lastGood: LastGoodStore;
  /** Where circuits are kept, and what clients share besides. */
  readonly registry: BreakerRegistry;
  /** The base URL of the service's document. */
  readonly documentUrl: string | undefined;
  readonly maxResponseBytes: number;
  /** The token comes from a function of the user's. */
  readonly asksForToken: boolean;
  /** Name of the transport, for errors. */
  readonly transport: string;
  /** The part of a sender's identity that comes from the user's dispatcher. Pairs as in `Sender.identity`. */
  readonly via: string;
  /** A dispatcher of the user's or a replaced `fetch` may add what tells senders apart, unseen by the client. May change from call to call. */
  readonly signsUnseen: boolean;
  /** An instrumentation has added headers that tell senders apart. */
  signedByTrace: boolean;
  /** The token for the next attempt. A token function runs in the context of the call. */
  token(scope: UserScope): string | undefined | Promise<string>;
  /** The user's own name for the sender of a call that begins now. */
  identity(): string | undefined;
  dispatcher(): DispatcherLike | Promise<DispatcherLike>;
}
