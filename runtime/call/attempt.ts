import { type FuselineError, withoutStack } from '../errors/base.js';
import { ResponseParseError, TimeoutError } from '../errors/call-errors.js';
import { timeoutCause } from '../errors/cause.js';
import { headerText } from '../errors/http-error.js';
import type { Expiry, Failure, Outcome, Outer } from '../policies/stage.js';
import { DeadlineNode } from '../policies/timeout/deadline.js';
import { hadItsTime, tookOver } from '../policies/timeout/had-its-time.js';
import { userObject } from '../user-code.js';
import { bodyDecoder } from './answer/body-decoder.js';
import { type BodyDecoder, type BodyReceiver, type CodingProblem, joined } from './answer/body-receiver.js';
import { asError } from './answer/classify.js';
import { decodeErrorBody, decodeSuccess, isSuccess, matchResponse, readsBody } from './answer/decode.js';
import { attemptFailure, brokenAttempt, errorAnswer, outcomeOf } from './answer/failures.js';
import type { AttemptHandle, RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import { MOST_REPEATS } from './preparing.js';
import { allConnectionsBusy, startsOnOpenConnection } from './transport/connections.js';
import { redirectIn } from './transport/redirect-history.js';
import type { Redirect, TransportController, TransportHandler } from './transport/types.js';

type Headers = Record<string, string | string[] | undefined>;

/** The parts of the innermost link that its attempts need. */
export interface AttemptOwner {
  readonly op: CompiledOperation;
  readonly outer: Outer<RequestFlow>;
  /** True if an outer link needs the response headers. */
  readonly hears: boolean;
  /** True if an outer link needs the end of each request on the wire. */
  readonly tellsGone: boolean;
}

const EMPTY = new Uint8Array(0);
const PHASES = ['connecting', 'waiting', 'body'] as const;
const NO_HEADERS: Headers = {};

/** The error that aborts a request in the transport. It is shared by all attempts, because the caller never sees it. */
const CANCELLED: Error = withoutStack(() => Object.assign(new Error('the attempt was cancelled'), { code: 'ECANCELLED' }));

/**
 * One attempt. The object is also the transport's handler and the list node of the deadline. It settles once; later events of the transport are
 * ignored.
 */
export class Attempt extends DeadlineNode implements TransportHandler, AttemptHandle, BodyReceiver {
  #status = 0;
  #headers: Headers = NO_HEADERS;
  #phase: 'connecting' | 'waiting' | 'body' = 'connecting';
  #done = false;
  /** True if the request goes out on a connection that was open before. */
  #reuses = false;
  /** True if the transport did not start the request at once. */
  #queued = false;
  /** How long the request waited until one of our own connections was free, in milliseconds. */
  #queuedMs = 0;
  redirect: Redirect | undefined = undefined;
  /** True once the transport has released the request. */
  #gone = false;
  #controller: TransportController | undefined = undefined;
  #chunk: Uint8Array = EMPTY;
  #chunks: Uint8Array[] | undefined = undefined;
  #bytes = 0;
  /** The body, if it has content codings. */
  #coded: BodyDecoder | undefined = undefined;
  readonly #link: AttemptOwner;
  readonly #flow: RequestFlow;
  #startedAt: number;

  constructor(
    link: AttemptOwner,
    flow: RequestFlow,
    /** Number of the attempt, from 1. */
    readonly number: number,
    startedAt: number,
  ) {
    super();
    this.#link = link;
    this.#flow = flow;
    this.#startedAt = startedAt;
  }

  onRequestStart(controller: TransportController, context?: unknown): void {
    this.#controller = controller;
    if (context !== undefined && context !== null) this.redirect = redirectIn(context, this.#link.op.origin) ?? this.redirect;
    // Cancelled while waiting for a connection: the request is never sent.
    if (this.#done) this.drop();
    else {
      const { client, origin } = this.#link.op;
      // fetch does not tell when it starts a request.
      this.#reuses = !client.overFetch && startsOnOpenConnection(origin);
      // A request that waits for a new connection waits for the service.
      if (this.#queued && this.#reuses) this.#queuedMs = client.clock.now() - this.#startedAt;
      // A redirect makes another request. Until then the service had its time.
      this.#queued = false;
      this.#enterPhase('waiting');
    }
  }

  /** Called when the transport has taken the request. */
  handedOver(): void {
    this.#queued = this.#phase === 'connecting';
  }

  declares(status: number): boolean {
    return isSuccess(matchResponse(this.#link.op.operation.responses, status), status);
  }

  onRedirect(redirect: Redirect): void {
    this.redirect = redirect;
  }

  onResponseStart(controller: TransportController, status: number, headers: Headers): void {
    // Another origin knows nothing of the service's rate limit.
    if (this.#link.hears && this.redirect?.elsewhere !== true) this.#link.outer.heard(this.#flow, status, headers);
    // An informational response (1xx) can come first; the final response replaces it.
    this.#status = status;
    this.#headers = headers;
    if (this.#done) return;
    this.#enterPhase('body');
    const coding = headers['content-encoding'];
    const { operation, client } = this.#link.op;
    if (coding !== undefined && readsBody(operation, status))
      this.#coded = bodyDecoder(coding, hasDecoded(controller), client.maxResponseBytes, this);
  }

  onResponseData(_controller: TransportController, chunk: Uint8Array): void {
    if (this.#done) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#link.op.client.maxResponseBytes) {
      this.onUndecodable('too_large', undefined);
    } else if (this.#coded !== undefined) this.#coded.push(chunk);
    else if (this.#chunks !== undefined) this.#chunks.push(chunk);
    else if (this.#chunk.length === 0) this.#chunk = chunk;
    else this.#chunks = [this.#chunk, chunk];
  }

  onResponseEnd(): void {
    try {
      if (this.#coded !== undefined) {
        // Nothing is left to cancel on the wire, although a large body is decoded later.
        this.#controller = undefined;
        this.#coded.end();
      } else if (!this.#done) this.#answered();
    } finally {
      this.#letGo();
    }
  }

  onResponseError(_controller: TransportController | null, error: unknown): void {
    try {
      if (!this.#done) this.#broke(asError(error));
    } finally {
      this.#letGo();
    }
  }

  /** Grows with each phase and each byte of the response. */
  override get progress(): number {
    return this.#bytes + PHASES.indexOf(this.#phase);
  }

  onDecoded(bytes: Uint8Array): void {
    this.#chunk = bytes;
    this.#bytes = bytes.length;
    this.#answered();
  }

  onUndecodable(problem: CodingProblem, coding: string | undefined): void {
    const error = this.#parseError(problem, coding);
    const { responses } = this.#link.op.operation;
    if (!isSuccess(matchResponse(responses, this.#status), this.#status)) this.#failHttp(error);
    else if (problem === 'too_large') this.#fail(error, { outcome: outcomeOf(this.#bits) });
    // The server may send a coding to everyone who asks like this: the answer is there, and says nothing against the service.
    else if (problem === 'unknown_coding') this.#fail(error, { outcome: 'ignored' });
    else this.#fail(error, { outcome: 'failure', transient: true });
    this.drop();
  }

  /** The transport writes a request at the end of the turn, so it can have left only after the block. */
  override startAgain(now: number): boolean {
    this.#startedAt = now;
    // The wait for our own connection was before that, and takes nothing from the new limit.
    this.#queuedMs = 0;
    return true;
  }

  /** Called when the attempt exceeds its time limit. */
  override onDeadline(): void {
    if (this.#done) return;
    const { place, stats } = this.#link.op;
    const { settings } = this.#flow;
    stats.timeouts++;
    const limitMs = settings.timeoutMs ?? 0;
    const lacks = this.lacksConnection;
    const phase = lacks ? 'connection' : this.#phase;
    const own = lacks || tookOver(this.#queuedMs, limitMs);
    const details = { ...this.#flow.causeOption(), queuedMs: this.#queuedMs };
    const error = withoutStack(() => new TimeoutError(place, 'attempt', limitMs, phase, details));
    const counted = own ? ({ outcome: 'released', cause: 'local' } as const) : ({ outcome: 'failure', timedOut: true } as const);
    this.#fail(error, { ...counted, transient: true, neverSent: this.#phase === 'connecting' });
    this.drop();
  }

  /** Called when the flow is over before the attempt has ended. */
  leave(now: number, expiry: Expiry | undefined): Outcome {
    if (this.#done) return 'released';
    const { stats } = this.#link.op;
    const { timeoutMs } = this.#flow.settings;
    const lacksConnection = this.lacksConnection;
    this.#settle(expiry?.error, expiry === undefined);
    if (expiry === undefined) return 'released';
    stats.timeouts++;
    const ranMs = now - this.#startedAt - this.#queuedMs;
    const failed = !lacksConnection && hadItsTime({ ranMs, limitMs: timeoutMs, number: this.number, callLimitMs: expiry.limitMs });
    const own = lacksConnection || (!failed && tookOver(this.#queuedMs, expiry.limitMs));
    stats.attemptFailed(own ? 'local' : timeoutCause(this.#phase));
    return failed ? 'failure' : 'released';
  }

  /** Aborts the request on the wire. */
  drop(): void {
    const controller = this.#controller;
    if (this.#gone || controller === undefined) return;
    try {
      // The controller of a user's dispatcher is the user's code.
      this.#flow.user.invoke(userObject(controller), 'abort', CANCELLED);
    } catch {
      // A transport that cannot abort a request might never report its end either.
      this.#letGo();
    }
  }

  /** True if the request still waits for one of our own connections, and the service did nothing wrong. */
  get lacksConnection(): boolean {
    return this.#phase === 'connecting' && allConnectionsBusy(this.#link.op.origin);
  }

  get #bits(): number {
    return this.#flow.settings.statuses[this.#status] ?? 0;
  }

  #enterPhase(phase: 'waiting' | 'body'): void {
    this.#phase = phase;
    this.#flow.phase = phase;
  }

  #answered(): void {
    const { operation, place, client } = this.#link.op;
    const matched = matchResponse(operation.responses, this.#status);
    if (!isSuccess(matched, this.#status)) {
      this.#failHttp();
      return;
    }
    let value: unknown;
    try {
      const decoded = decodeSuccess(operation, matched, this.#status, this.#headers, this.#body(), place);
      value = decoded.value;
      this.#flow.text = decoded.text;
    } catch (error) {
      if (!(error instanceof ResponseParseError)) throw error;
      // HTML or truncated JSON is a fault of the service. An empty body is most often a mistake in the OpenAPI document.
      const broken = error.problem === 'content_type' || error.problem === 'invalid_json';
      this.#fail(error, { outcome: broken ? 'failure' : 'success', transient: broken });
      return;
    }
    this.#settle(undefined, false);
    this.#link.outer.succeeded(this.#flow, value, client.clock.now());
  }

  /** `unread`: why the body is missing. */
  #failHttp(unread?: FuselineError): void {
    const { op } = this.#link;
    const headers = this.#headers;
    const body = unread === undefined ? decodeErrorBody(headers, this.#body()) : undefined;
    const at = op.client.clock.wallNow();
    this.#failed(errorAnswer(op, { status: this.#status, headers, body, unread, bits: this.#bits, at }));
  }

  #broke(error: Error): void {
    const started = this.#phase !== 'connecting';
    const mayRepeat = this.#flow.repeats < MOST_REPEATS;
    const { failure, dead } = brokenAttempt(this.#link.op, error, {
      started,
      reuses: this.#reuses && this.#phase === 'waiting',
      mayRepeat,
    });
    this.#flow.metDeadConnection = dead && mayRepeat;
    this.#failed(failure);
  }

  #fail(error: FuselineError, about: Pick<Failure, 'outcome'> & Partial<Failure>): void {
    this.#failed(attemptFailure(error, about));
  }

  #failed(failure: Failure): void {
    const { op, outer } = this.#link;
    op.stats.attemptFailed(failure.cause);
    this.#settle(failure.error as FuselineError, false);
    // Without its idempotency key, a request that may be repeated no longer may.
    const unkeyed = this.redirect?.unkeyed === true && op.operation.idempotencyHeader !== undefined;
    outer.failed(this.#flow, unkeyed ? { ...failure, transient: false } : failure, op.client.clock.now());
  }

  /** Removes the attempt from the deadline's list, and stores status and headers in the flow. */
  #settle(error: FuselineError | undefined, cancelled: boolean): void {
    this.#done = true;
    this.disarm();
    this.#coded?.stop();
    const flow = this.#flow;
    flow.waiting = undefined;
    if (!cancelled) {
      flow.headers = this.#headers;
      flow.status = this.#status === 0 ? undefined : this.#status;
    }
    flow.trace?.attemptEnded(this.number, cancelled || this.#status === 0 ? undefined : this.#status, error);
  }

  /** Called when the transport has released the request. */
  #letGo(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#flow.onWire--;
    if (this.#link.tellsGone) this.#link.outer.gone(this.#flow);
  }

  #body(): Uint8Array {
    return this.#chunks === undefined ? this.#chunk : joined(this.#chunks, this.#bytes);
  }

  #parseError(problem: ResponseParseError['problem'], coding?: string): ResponseParseError {
    const contentType = headerText(this.#headers, 'content-type')?.split(';', 1)[0];
    const { place, client } = this.#link.op;
    const limit = problem === 'too_large' ? client.maxResponseBytes : undefined;
    return withoutStack(() => new ResponseParseError(place, problem, this.#status, contentType, this.#bytes, coding, limit));
  }
}

/** The controller of a user's dispatcher can be anything. */
function hasDecoded(controller: TransportController): boolean {
  try {
    return controller.decoded === true;
  } catch {
    return false;
  }
}
