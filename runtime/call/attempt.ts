import { type FuselineError, withoutStack } from '../errors/base.js';
import { NetworkError, RequestError, ResponseParseError, TimeoutError } from '../errors/call-errors.js';
import { HttpError, headerText } from '../errors/http-error.js';
import type { Outcome } from '../policies/circuit-breaker/state.js';
import { retryHint } from '../policies/retry/retry-hint.js';
import { DeadlineNode } from '../policies/timeout/deadline.js';
import { FAILURE, IGNORED, networkFault, RETRY, withoutPayload } from './answer/classify.js';
import { decodeErrorBody, decodeSuccess, isSuccess, matchResponse } from './answer/decode.js';
import type { Call } from './call.js';
import { emitCallFailed } from './call-events.js';
import type { TransportController, TransportHandler } from './transport/types.js';

type Headers = Record<string, string | string[] | undefined>;

/** What the retry policy needs to know of a failed attempt. */
export interface AttemptFailure {
  readonly error: FuselineError;
  /** Another attempt could help. */
  readonly transient: boolean;
  /** Provably nothing was sent. */
  readonly neverSent: boolean;
  readonly throttled: boolean;
  /** What the server asked to wait, in milliseconds. */
  readonly waitMs: number | undefined;
}

const EMPTY = new Uint8Array(0);

/** Ends the request on the socket. One object for all: the caller's error is made elsewhere, this one only travels to the transport. */
const CANCELLED: Error = withoutStack(() => Object.assign(new Error('the attempt was cancelled'), { code: 'ECANCELLED' }));

/**
 * One attempt: the transport's handler and the deadline's list node in one object. It settles once; whatever the transport still says
 * afterwards changes nothing.
 */
export class Attempt extends DeadlineNode implements TransportHandler {
  status = 0;
  headers: Headers = {};
  #phase: 'connecting' | 'waiting' | 'body' = 'connecting';
  #done = false;
  #controller: TransportController | undefined;
  #chunk: Uint8Array = EMPTY;
  #chunks: Uint8Array[] | undefined;
  #bytes = 0;

  constructor(
    readonly call: Call,
    readonly permit: number,
    readonly startedAt: number,
    /** Limit of this attempt and what set it. */
    readonly limitMs: number,
    readonly scope: 'attempt' | 'total',
  ) {
    super();
  }

  onRequestStart(controller: TransportController): void {
    this.#controller = controller;
    // Cancelled while it waited for a connection: it never leaves.
    if (this.#done) controller.abort(CANCELLED);
    else this.#phase = 'waiting';
  }

  onResponseStart(_controller: TransportController, status: number, headers: Headers): void {
    // An informational answer comes first at times; the final one replaces it.
    this.status = status;
    this.headers = headers;
    this.#phase = 'body';
  }

  onResponseData(_controller: TransportController, chunk: Uint8Array): void {
    if (this.#done) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.call.op.core.maxResponseBytes) {
      this.#fail(this.#parseError('too_large'), outcomeOf(this.call.op.statuses[this.status] ?? 0), false);
      this.#controller?.abort(CANCELLED);
    } else if (this.#chunks !== undefined) this.#chunks.push(chunk);
    else if (this.#chunk.length === 0) this.#chunk = chunk;
    else this.#chunks = [this.#chunk, chunk];
  }

  onResponseEnd(): void {
    if (this.#done) return;
    const { operation, statuses, place } = this.call.op;
    const matched = matchResponse(operation.responses, this.status);
    if (!isSuccess(matched, this.status)) {
      const bits = statuses[this.status] ?? 0;
      this.#failHttp(bits);
      return;
    }
    try {
      const { value, text } = decodeSuccess(operation, matched, this.status, this.headers, this.#body(), place);
      const now = this.#settle('success', false);
      this.call.succeed(value, text, this, now);
    } catch (error) {
      if (!(error instanceof ResponseParseError)) throw error;
      // HTML or half a document in place of the answer is a fault of the service; an empty one is most often a fault of the document.
      const broken = error.problem === 'content_type' || error.problem === 'invalid_json';
      this.#fail(error, broken ? 'failure' : 'success', broken);
    }
  }

  onResponseError(_controller: TransportController | null, error: Error): void {
    if (this.#done) return;
    const { place } = this.call.op;
    const fault = networkFault(error, this.#phase !== 'connecting');
    if (fault.reason.startsWith('UND_ERR_INVALID_ARG') || fault.reason === 'ERR_INVALID_CHAR') {
      this.#fail(
        withoutStack(
          () =>
            new RequestError(place, 'the request cannot be sent: a header, the path or the body is not valid', {
              cause: withoutPayload(error),
            }),
        ),
        'released',
        false,
      );
      return;
    }
    const failure = withoutStack(() => new NetworkError(place, fault.reason, !fault.neverSent, { cause: withoutPayload(error) }));
    const outcome: Outcome = fault.reason === 'UND_ERR_DESTROYED' || fault.reason === 'UND_ERR_CLOSED' ? 'released' : 'failure';
    this.#fail(failure, outcome, !fault.permanent, { neverSent: fault.neverSent });
  }

  override onDeadline(): void {
    if (this.#done) return;
    const { place, policy, stats } = this.call.op;
    stats.timeouts++;
    const error = withoutStack(() => new TimeoutError(place, this.scope, this.limitMs, this.#phase, this.call.causeOption()));
    // A deadline of the whole call says nothing about this attempt's server, which may have been given a few milliseconds; but where
    // attempts have no limit of their own, the first one had all of it.
    const counts = this.scope === 'attempt' || (policy.timeoutMs === null && this.call.attempts === 1);
    this.#fail(error, counts ? 'failure' : 'released', this.scope === 'attempt', {
      neverSent: this.#phase === 'connecting',
    });
    this.#controller?.abort(CANCELLED);
  }

  /** The caller aborted. */
  cancel(): void {
    if (this.#done) return;
    this.#settle('released', false);
    this.#controller?.abort(CANCELLED);
  }

  #failHttp(bits: number): void {
    const { operation, place, core } = this.call.op;
    const hint = retryHint(this.headers, core.clock.wallNow());
    const body = decodeErrorBody(this.headers, this.#body());
    const { method, path } = operation;
    // Each property written out: an object made by spreading is so slow to read that the error would cost four times as much.
    const details = {
      service: place.service,
      operation: place.operation,
      method,
      path,
      body,
      headers: this.headers,
      retryAfterMs: hint.waitMs,
    };
    const error = withoutStack(() => new HttpError(this.status, details));
    const asked = this.status === 429 || this.status === 503 || this.status === 408;
    this.#fail(error, outcomeOf(bits), (bits & RETRY) !== 0 && !hint.dailyLimit, {
      throttled: this.status === 429,
      waitMs: asked ? hint.waitMs : undefined,
    });
  }

  #fail(
    error: FuselineError,
    outcome: Outcome,
    transient: boolean,
    more: { readonly neverSent?: boolean; readonly throttled?: boolean; readonly waitMs?: number | undefined } = {},
  ): void {
    const now = this.#settle(outcome, error.kind === 'timeout', error);
    this.call.attemptFailed(
      { error, transient, neverSent: more.neverSent ?? false, throttled: more.throttled ?? false, waitMs: more.waitMs },
      now,
      this,
    );
  }

  /** Leaves the deadline's list and gives the permit back. Returns the time, read once for all who need it. */
  #settle(outcome: Outcome, timedOut: boolean, error?: FuselineError): number {
    this.#done = true;
    this.disarm();
    const { call } = this;
    const { breaker, core } = call.op;
    const now = core.clock.now();
    if (call.trace !== undefined) {
      const cancelled = error === undefined && outcome === 'released';
      call.trace.attemptEnded(call.attempts, cancelled || this.status === 0 ? undefined : this.status, error);
    }
    if (outcome === 'failure' && error !== undefined) emitCallFailed(call, error);
    breaker.exit(this.permit, outcome, now, now - this.startedAt, timedOut, call);
    return now;
  }

  #body(): Uint8Array {
    if (this.#chunks === undefined) return this.#chunk;
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  #parseError(problem: ResponseParseError['problem']): ResponseParseError {
    const contentType = headerText(this.headers, 'content-type')?.split(';', 1)[0];
    return withoutStack(() => new ResponseParseError(this.call.op.place, problem, this.status, contentType, this.#bytes));
  }
}

/** What a status means to the circuit. */
function outcomeOf(bits: number): Outcome {
  if ((bits & IGNORED) !== 0) return 'ignored';
  return (bits & FAILURE) !== 0 ? 'failure' : 'success';
}
