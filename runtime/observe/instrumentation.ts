import type { FuselineError } from '../errors/base.js';
import type { FuselineEvent } from './events.js';

/** What is known about a call before it starts. It is the same for all calls of an operation, and holds no parameter. */
export interface CallInfo {
  readonly service: string;
  /** `namespace.name`. */
  readonly operation: string;
  readonly circuit: string;
  readonly method: string;
  /** The path with `{placeholders}` instead of values, and without the path of the base URL. */
  readonly pathTemplate: string;
  readonly origin: string;
}

/** How a call ended. */
export interface CallEnd {
  /** What answered. `network` also if the call failed. */
  readonly source: 'network' | 'cache' | 'fallback';
  /** The status of the last answer; undefined if no server answered. */
  readonly status: number | undefined;
  /** The number of attempts. Calls that share a request have the number of that request. */
  readonly attempts: number;
  /** The error of the call, or the abort reason of a cancelled call. Undefined if the caller gets an answer. */
  readonly error: unknown;
  /** Whether the caller aborted. */
  readonly cancelled: boolean;
}

/**
 * Follows one call. Its methods are called in the order of events, `ended` last and once, in the context of the call. Their errors are dropped.
 *
 * Each of several calls that share a request has its own trace. The trace of the call that started the request receives the attempts and events, as
 * long as that call lasts.
 */
export interface CallTrace {
  /**
   * An attempt is about to be sent; 1 is the first. Returns headers to add to its request, such as `traceparent`. A header that the request already has
   * stays as it is, and a header that cannot be sent is left out. So is one that can name a sender, if `signsRequests` is false.
   */
  attemptStarted(attempt: number): Readonly<Record<string, string>> | undefined;
  /** The attempt ended. Without `status` and `error`, the caller aborted. With both, the answer was an error or could not be read. */
  attemptEnded(attempt: number, status: number | undefined, error: FuselineError | undefined): void;
  /** Receives each event that this call causes: failed attempts, retries, refusals, fallbacks, and transitions of the circuit. */
  event(event: FuselineEvent): void;
  ended(end: CallEnd): void;
}

/** Follows the calls of a client, for spans or for a log of each call. */
export interface Instrumentation {
  /**
   * Whether the headers that it adds can tell on whose behalf a request is sent. `false`: they cannot, as with trace headers, and calls can share
   * requests. Default true: calls share a request only if the client or the call has an `identity`. Read when an operation is called for the first
   * time, and after a reload.
   */
  readonly signsRequests?: boolean | undefined;
  /** A call starts. Runs synchronously within the call. Returns undefined to leave this call alone. */
  callStarted(info: CallInfo): CallTrace | undefined;
}
