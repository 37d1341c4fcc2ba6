import type { FuselineError } from '../errors/base.js';
import type { FuselineEvent } from './events.js';

/** What a call is about: the same for all calls of an operation, and nothing of what is asked. */
export interface CallInfo {
  readonly service: string;
  /** `namespace.name`. */
  readonly operation: string;
  readonly circuit: string;
  readonly method: string;
  /** With `{placeholders}` for the values, and without the path of the base URL. */
  readonly pathTemplate: string;
  readonly origin: string;
}

/** How a call ended. */
export interface CallEnd {
  /** What answered; `network` also where the call failed. */
  readonly source: 'network' | 'cache' | 'fallback';
  /** Of the last answer; undefined where no server answered. */
  readonly status: number | undefined;
  /** Attempts made; of calls that share a request, those of the request. */
  readonly attempts: number;
  /** What the caller gets instead of an answer: an error, or, where the call was cancelled, the reason. Undefined where there is an answer. */
  readonly error: unknown;
  /** The caller aborted. */
  readonly cancelled: boolean;
}

/**
 * Follows one call. Methods are called in the order in which things happen, `ended` last and once. What they throw is dropped.
 *
 * Calls that share a request are traced each by itself; the request's attempts and events are told to the call that began it, as long as that
 * lasts.
 */
export interface CallTrace {
  /**
   * An attempt is about to be sent; 1 is the first. Returns headers to add to its request, such as `traceparent`. One that the request has
   * already stays as it is, and one that cannot be sent is left out.
   */
  attemptStarted(attempt: number): Readonly<Record<string, string>> | undefined;
  /** The attempt is over. Neither `status` nor `error`: the caller aborted. `status` and `error`: the answer was one, or could not be read. */
  attemptEnded(attempt: number, status: number | undefined, error: FuselineError | undefined): void;
  /** Each event that this call causes: failed attempts, repetitions, refusals, fallbacks, and what its results make of the circuit. */
  event(event: FuselineEvent): void;
  ended(end: CallEnd): void;
}

/** Follows a client's calls: for spans, or for a log of each call. */
export interface Instrumentation {
  /** A call begins; called synchronously by whoever makes it. Undefined: this call is not followed. */
  callStarted(info: CallInfo): CallTrace | undefined;
}
