import type { Clock } from '../clock.js';
import type { EventListener } from '../observe/events.js';
import type { BreakerRegistry } from '../policies/circuit-breaker/registry.js';
import type { LastGoodStore } from '../policies/fallback/last-good.js';
import type { UserFunction } from '../user-code.js';
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
  /** Name of the transport, for errors. */
  readonly transport: string;
  /** The part of a sender's identity that comes from the user's dispatcher. Pairs as in `Sender.identity`. */
  readonly via: string;
  /** Code outside the client may add credentials to a request. */
  readonly mayBeSignedOutside: boolean;
  /** An instrumentation has added headers that tell senders apart: from then on no two calls share a request. */
  signedByTrace: boolean;
  /** The user's own name for the sender of a call that begins now. */
  identity(): string | undefined;
  dispatcher(): DispatcherLike | Promise<DispatcherLike>;
}
