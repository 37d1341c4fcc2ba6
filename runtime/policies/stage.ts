import type { TimeoutError } from '../errors/call-errors.js';
import type { Audience } from '../observe/events.js';
import type { Outcome } from './circuit-breaker/state.js';
import type { CompiledStep } from './fallback/fallback.js';
import type { RetryState } from './retry/retry-state.js';
import type { DeadlineNode } from './timeout/deadline.js';

export type { Outcome };

/**
 * The way of a call is a chain of links, one for each policy that is on, built once per operation. A call goes inwards through them by `enter`, and
 * its result goes outwards by `succeeded` or `failed`. A link knows its two neighbours by the interfaces of this file, and nothing else of the call.
 * Everything that belongs to one call is in its flow; links keep nothing of it.
 *
 * This file knows no policy, no HTTP and no client.
 */

/** How an attempt, or the work of an inner policy, failed. Made once, by the link that did the work. */
export interface Failure {
  /** What the caller gets. May be made when it is first read. */
  readonly error: unknown;
  /** A short, bounded name for events: `http_503`, `timeout`, `circuit_open`. */
  readonly cause: string;
  /** What the circuit counts. */
  readonly outcome: Outcome;
  /** The attempt's own time was up. */
  readonly timedOut: boolean;
  /** A policy refused the call; no request was sent. */
  readonly refused: boolean;
  /** Another attempt could help. */
  readonly transient: boolean;
  /** Provably, no byte of the request was sent. */
  readonly neverSent: boolean;
  /** The server asked for fewer requests. */
  readonly throttled: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly waitMs: number | undefined;
  /** A fallback may answer. */
  readonly answerable: boolean;
}

/** The end of a call's whole time. */
export interface Expiry {
  readonly error: TimeoutError;
  /** How long that whole time was, in milliseconds. The innermost link decides by it whether the attempt under way had its time. */
  readonly limitMs: number;
}

/** The next link on the way in. */
export interface Inner<F> {
  /** Goes on with the flow, keeps it waiting, or calls `outer.failed`. */
  enter(flow: F, now: number): void;
  /**
   * The flow is over: gives back what it holds and passes on. Never calls outwards. `expiry` is set if its time is up, and left out if its caller
   * left. Returns what the circuit is to count for the attempt under way.
   */
  leave(flow: F, now: number, expiry: Expiry | undefined): Outcome;
  /** Ends the request on the wire. Called once the permit is back. */
  drop(flow: F): void;
}

/** The outermost link: where calls enter, and where the failure of a call goes whose time is up. */
export interface Entrance<F> extends Inner<F> {
  failed(flow: F, failure: Failure, now: number): void;
}

/** The next link on the way out. */
export interface Outer<F> {
  succeeded(flow: F, value: unknown, now: number): void;
  failed(flow: F, failure: Failure, now: number): void;
  /** An answer has begun: its status and headers may say something of the rate limit. */
  heard(flow: F, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** The transport is done with one of the flow's requests, perhaps after the flow was over. */
  gone(flow: F): void;
}

/** Passes everything on. A policy overrides what it needs. */
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

/** Makes each link the neighbour of the next, the outermost first. `end` is where results leave the chain, `innermost` does the work. */
export function connect<F extends Flow>(end: Outer<F>, links: readonly Link<F>[], innermost: Inner<F> & { outer: Outer<F> }): void {
  let outer = end;
  for (const [at, link] of links.entries()) {
    link.outer = outer;
    link.inner = links[at + 1] ?? innermost;
    outer = link;
  }
  innermost.outer = outer;
}

/** What the links of policies need of the settings of a call. Durations are milliseconds. */
export interface FlowSettings {
  /** How long a probe may hold its place. */
  readonly leaseMs: number;
  readonly retryEnabled: boolean;
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  readonly jitter: boolean;
  /** A server that asks for a longer wait ends the call. */
  readonly maxRetryAfterMs: number;
  /** The request may be sent again although it may have reached the server. */
  readonly repeatable: boolean;
  readonly fallback: readonly CompiledStep[];
  /** Longest wait for a place in the bulkhead. */
  readonly placeWaitMs: number;
  /** Longest wait for a token of the rate limit. */
  readonly tokenWaitMs: number;
}

/** What belongs to one call: its settings and what each link holds for it. Each of the fields that change is written by one link alone. */
export interface Flow extends Audience {
  readonly settings: FlowSettings;
  /** Settled. Looked at after each call of the user's code, which may have ended the call. */
  readonly over: boolean;
  /** When the work must have ended, for retries and queues. */
  readonly until: number;
  /** Attempts made. */
  attempts: number;
  /** What it does now, for the error that says that its time is up. */
  phase: TimeoutError['phase'];
  /** What ends by itself inside the flow, and may do so at the same moment as the flow: the attempt, or a place in a queue. */
  waiting: DeadlineNode | undefined;
  /** The permit of the circuit, and when it was given. */
  permit: number;
  permitAt: number;
  /** Only after a failure. */
  retry: RetryState | undefined;
  /** Requests that the transport has and has not let go. */
  onWire: number;
  /** Ends the flow because its time is up. Used where a timer may come late. */
  expire(now: number): void;
}
