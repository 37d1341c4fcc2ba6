import type { TimeoutError } from '../errors/call-errors.js';
import type { Audience } from '../observe/event-hub.js';
import type { Outcome } from './circuit-breaker/state.js';
import type { CompiledStep } from './fallback/fallback.js';
import type { RetryState } from './retry/retry-state.js';
import type { DeadlineNode } from './timeout/deadline.js';

export type { Outcome };

/**
 * A call passes through a chain of links, one for each enabled policy. The chain is built once per operation. `enter` passes a call inwards;
 * `succeeded` and `failed` pass its result outwards. A link knows only its two neighbours, through the interfaces of this file. The state of a call
 * is in its flow; links store none of it.
 *
 * This file depends on no policy, on no HTTP code and on no client.
 */

/** Describes how an attempt, or the work of an inner policy, failed. The link that did the work creates it once. */
export interface Failure {
  /** The error that the caller gets. Can be created when it is first read. */
  readonly error: unknown;
  /** A short, bounded name for events: `http_503`, `timeout`, `circuit_open`. */
  readonly cause: string;
  /** The outcome that the circuit counts. */
  readonly outcome: Outcome;
  /** The attempt exceeded its own time limit. */
  readonly timedOut: boolean;
  /** A policy refused the call; no request was sent. */
  readonly refused: boolean;
  /** Another attempt could help. */
  readonly transient: boolean;
  /** It is certain that no byte of the request was sent. */
  readonly neverSent: boolean;
  /** The server asked for fewer requests. */
  readonly throttled: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly waitMs: number | undefined;
  /** A fallback may answer. */
  readonly answerable: boolean;
}

/** The total deadline of a call has passed. */
export interface Expiry {
  readonly error: TimeoutError;
  /** How long that whole time was, in milliseconds. The innermost link decides by it whether the attempt under way had its time. */
  readonly limitMs: number;
}

/** The next link on the way in. */
export interface Inner<F> {
  /** Passes the flow on, lets it wait, or calls `outer.failed`. */
  enter(flow: F, now: number): void;
  /**
   * Called when the flow is over. Releases what the link holds for the flow and passes the call on inwards. Never calls outwards. `expiry` is set
   * if the deadline has passed, and undefined if the caller aborted. Returns the outcome that the circuit counts for the current attempt.
   */
  leave(flow: F, now: number, expiry: Expiry | undefined): Outcome;
  /** Aborts the request on the wire. Called after the permit was released. */
  drop(flow: F): void;
}

/** The outermost link. Calls enter here. It also receives the failure of a call whose deadline has passed. */
export interface Entrance<F> extends Inner<F> {
  failed(flow: F, failure: Failure, now: number): void;
}

/** The next link on the way out. */
export interface Outer<F> {
  succeeded(flow: F, value: unknown, now: number): void;
  failed(flow: F, failure: Failure, now: number): void;
  /** Called when a response starts. Its status and headers can contain the state of the server's rate limit. */
  heard(flow: F, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** Called when the transport has released one of the flow's requests. This can happen after the flow is over. */
  gone(flow: F): void;
}

/** The base class of all links. Every method passes its call on; a policy overrides the methods it needs. */
export abstract class Link<F extends Flow> implements Inner<F>, Outer<F> {
  // Set by `connect`.
  outer!: Outer<F>;
  inner!: Inner<F>;

  enter(flow: F, now: number): void {
    this.inner.enter(flow, now);
  }

  leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    return this.inner.leave(flow, now, expiry);
  }

  drop(flow: F): void {
    this.inner.drop(flow);
  }

  succeeded(flow: F, value: unknown, now: number): void {
    this.outer.succeeded(flow, value, now);
  }

  failed(flow: F, failure: Failure, now: number): void {
    this.outer.failed(flow, failure, now);
  }

  heard(flow: F, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.outer.heard(flow, status, headers);
  }

  gone(flow: F): void {
    this.outer.gone(flow);
  }
}

/** Connects the links, outermost first. `end` receives the results that leave the chain; `innermost` does the work. */
export function connect<F extends Flow>(end: Outer<F>, links: readonly Link<F>[], innermost: Inner<F> & { outer: Outer<F> }): void {
  let outer = end;
  for (const [at, link] of links.entries()) {
    link.outer = outer;
    link.inner = links[at + 1] ?? innermost;
    outer = link;
  }
  innermost.outer = outer;
}

/** The settings of a call that the links of policies need. Durations are in milliseconds. */
export interface FlowSettings {
  /** Longest time for which a probe can hold its permit. */
  readonly leaseMs: number;
  readonly retryEnabled: boolean;
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  readonly jitter: boolean;
  /** If the circuit is open, a retry waits for its probe, for `maxDelayMs` at most. */
  readonly waitForProbe: boolean;
  /** If the server asks for a longer wait, the call ends without another attempt. */
  readonly maxRetryAfterMs: number;
  /** The request can be sent again even if it may have reached the server. */
  readonly repeatable: boolean;
  readonly fallback: readonly CompiledStep[];
  /** Longest wait for a place in the bulkhead. */
  readonly placeWaitMs: number;
  /** Longest wait for a token of the rate limit. */
  readonly tokenWaitMs: number;
}

/** The state of one call: its settings and the data that each link holds for it. Each mutable field is written by exactly one link. */
export interface Flow extends Audience {
  readonly settings: FlowSettings;
  /** True once the call is settled. Checked after every call of the user's code, because that code can abort the call. */
  readonly over: boolean;
  /** The deadline of the call in the clock's monotonic time, for retries and queues. */
  readonly until: number;
  /** Attempts made. */
  attempts: number;
  /** Those of the attempts that repeated a request because a reused connection was dead. They take nothing from the attempts of the retry. */
  repeats: number;
  /** The current phase, reported in a `TimeoutError`. */
  phase: TimeoutError['phase'];
  /** The inner deadline, of the attempt or of the wait in a queue. It can expire at the same moment as the deadline of the flow. */
  waiting: DeadlineNode | undefined;
  /** The permit of the circuit, and the time at which the circuit gave it. */
  permit: number;
  permitAt: number;
  /** Undefined until the first failure. */
  retry: RetryState<Failure> | undefined;
  /** Requests that the transport has received and not yet released. */
  onWire: number;
  /** Ends the flow because its deadline has passed. Used where a timer can fire late. */
  expire(now: number): void;
}
