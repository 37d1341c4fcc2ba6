import type { FuselineError } from '../errors/base.js';
import { RequestError } from '../errors/call-errors.js';
import { requestIdOf } from '../errors/http-error.js';
import type { Audience, FuselineEvent } from '../observe/events.js';
import { type SafeTrace, startTrace } from '../observe/safe-trace.js';
import { AbortFollower, follow } from '../policies/abort-hub.js';
import { captureScope, NOT_CAPTURED, quietly, type UserScope } from '../user-code.js';
import type { AnswerSource } from './api-promise.js';
import type { Attempt, AttemptFailure } from './attempt.js';
import { emitRetry } from './call-events.js';
import type { CallOptions } from './client/options.js';
import type { CompiledOperation } from './compile.js';
import { fallBack } from './giving-up.js';
import type { Guard } from './guard.js';
import type { Preparation } from './preparation.js';
import { prepare, prepareAttempt } from './preparing.js';
import { NO_BODY, type WrittenBody, writeBody } from './request/body.js';
import type { Sender } from './request/sender.js';
import { type ParamValues, writePath, writeQuery } from './request/url.js';
import { type RequestParts, unwritable } from './request/write-request.js';
import { Retries } from './retries.js';
import { requestsAreFollowed } from './transport/diagnostics.js';

/** Of a call that has written no request. */
const NO_SENDER: Sender = { identity: '', sharing: 'none' };

/**
 * One logical call: its attempts, waits, deadline and fallback. It settles once, and is counted in exactly one ending. The first attempt settles
 * in its callbacks; what repeats it is entered only after a failure.
 */
export class Call extends AbortFollower implements RequestParts, Audience {
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;
  source: AnswerSource = 'network';
  status: number | undefined;
  attempts = 0;
  ageMs: number | undefined;
  headers: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** Who asks, as far as it is known: set with each request that is written. */
  sender: Sender = NO_SENDER;
  /** The user's own name for the sender. */
  senderName: string | undefined;
  /** What was asked: with the sender the key of the last good response. Empty: none is kept. */
  cacheKey = '';
  path = '';
  body: WrittenBody = NO_BODY;
  /** When the call must be over. */
  totalAt = Number.POSITIVE_INFINITY;
  /** Only where something limits this operation's calls. */
  guard: Guard | undefined;
  /** Only while it waits for what an attempt needs. */
  preparation: Preparation | undefined;
  /** The one under way, or the last. */
  attempt: Attempt | undefined;
  /** Only after a failure. */
  retries: Retries | undefined;
  /** The context in which the call was made: the user's code runs in it, whenever it runs. */
  user: UserScope = NOT_CAPTURED;
  /** Where the client is instrumented and follows this call. The work of others is told to the one who began it. */
  trace: SafeTrace | undefined;
  /** When the work of others settled, by the clock's monotonic time; it is the end of their calls, too. */
  settledAt: number | undefined;
  /** Negative: never begun, and not counted. It does the work of others, which are. */
  #startedAt = -1;
  #settled = false;
  #idempotencyKey: string | undefined;

  constructor(
    readonly op: CompiledOperation,
    readonly params: ParamValues,
    readonly options: CallOptions | undefined,
  ) {
    super();
  }

  get settled(): boolean {
    return this.#settled;
  }

  get requestId(): string | undefined {
    return this.headers === undefined ? undefined : requestIdOf(this.headers);
  }

  /** Whether the client or an instrumentation receives the call's events, besides the registry's listeners. */
  get hears(): boolean {
    return this.trace !== undefined || this.op.core.onEvent !== undefined;
  }

  hear(event: FuselineEvent): void {
    this.trace?.event(event);
    const { onEvent } = this.op.core;
    if (onEvent !== undefined) quietly(this.user, onEvent, event);
  }

  /** Until when an attempt may follow. */
  get retryUntil(): number {
    return this.totalAt;
  }

  /** May something else answer in its stead? */
  get fallsBack(): boolean {
    return true;
  }

  idempotencyKey(): string {
    this.#idempotencyKey ??= crypto.randomUUID();
    return this.#idempotencyKey;
  }

  /** The last attempt's error as the cause of one that follows from it. */
  causeOption(): { readonly cause: FuselineError } | undefined {
    const last = this.retries?.last;
    return last === undefined ? undefined : { cause: last };
  }

  start(): void {
    const { op, params } = this;
    const signal = this.options?.signal;
    const now = op.core.clock.now();
    this.#startedAt = now;
    op.stats.inFlight++;
    if (op.runsUserCode || op.breaker.events.joinsCalls || requestsAreFollowed()) this.user = captureScope();
    if (op.tracing !== undefined) this.trace = startTrace(op.tracing, this.user);
    if (signal?.aborted === true) {
      this.onCallerAbort(signal.reason);
      return;
    }
    try {
      this.senderName = this.options?.identity ?? op.core.identity();
    } catch (error) {
      fallBack(this, new RequestError(op.place, 'the identity function failed', { cause: error }), now);
      return;
    }
    try {
      this.path = op.basePath + writePath(op.path, params) + (op.query.length === 0 ? '' : writeQuery(op.query, params));
      this.body = writeBody(op.operation.body, params['body']);
    } catch (error) {
      fallBack(this, unwritable(op.place, error), now);
      return;
    }
    const { body } = this.body;
    // Files and forms have no text to tell one request from another.
    if (op.keepsLastGood && (body === null || typeof body === 'string'))
      this.cacheKey = `${op.operation.method} ${op.origin}${this.path}\n${body ?? ''}`;
    if (signal !== undefined) follow(signal, this);
    const { totalTimeoutMs } = op.policy;
    if (totalTimeoutMs !== null) this.totalAt = now + totalTimeoutMs;
    prepare(this, now);
  }

  /** Does the work of another call: what it has written is sent, and its trace is told. */
  protected adopt(other: Call): void {
    this.path = other.path;
    this.body = other.body;
    this.sender = other.sender;
    this.senderName = other.senderName;
    this.cacheKey = other.cacheKey;
    this.trace = other.trace;
    this.user = other.user;
    this.#idempotencyKey = other.#idempotencyKey;
  }

  succeed(value: unknown, text: string | undefined, attempt: Attempt, now: number): void {
    if (this.#settled) return;
    const { op } = this;
    if (this.retries === undefined) op.budget.success();
    else this.retries.succeeded();
    if (this.cacheKey !== '' && text !== undefined && this.sender.sharing !== 'none')
      op.core.lastGood.put(this.sender.identity, this.cacheKey, text, now);
    this.headers = attempt.headers;
    this.status = attempt.status;
    this.finish(value, now);
  }

  attemptFailed(failure: AttemptFailure, now: number, attempt: Attempt): void {
    if (this.#settled) return;
    this.headers = attempt.headers;
    this.status = attempt.status === 0 ? undefined : attempt.status;
    const { op } = this;
    this.retries ??= new Retries(op);
    const waitMs = this.retries.afterFailure(failure, this.attempts, now, this.retryUntil, this.user);
    if (waitMs === undefined) {
      fallBack(this, this.retries.finalError(failure.error, failure.transient), now);
      return;
    }
    emitRetry(this, this.attempts + 1, waitMs, failure.error);
    // A listener may have aborted the call.
    if (!this.settled) this.retries.wait(waitMs, () => prepareAttempt(this, op.core.clock.now()));
  }

  /** The work that was shared has ended; what is told of its answer is true of this call, too. */
  tellOf({ attempts, headers, status }: Call): void {
    this.attempts = attempts;
    this.headers = headers;
    this.status = status;
  }

  /** Settles with a value, from whatever source. `now` is the time at which it was at hand. */
  finish(value: unknown, now: number): void {
    if (!this.#settle()) return;
    if (this.#startedAt < 0) this.settledAt = now;
    else {
      const { stats } = this.op;
      if (this.source === 'network') stats.successes++;
      else if (this.source === 'cache') stats.cacheAnswers++;
      else stats.fallbackAnswers++;
      stats.took(now - this.#startedAt);
      if (this.trace !== undefined) this.#ended(this.trace, undefined, false);
    }
    this.guard?.end();
    this.resolve(value);
  }

  /** Settles with an error that nobody has asked for yet. `_cause`: what it is, for those who need no more. */
  failWith(makeError: () => FuselineError, _cause: string, now: number): void {
    this.fail(makeError(), now);
  }

  /** Settles with an error. */
  fail(error: unknown, now: number): void {
    if (!this.#settle()) return;
    if (this.#startedAt < 0) this.settledAt = now;
    else {
      const { stats } = this.op;
      stats.failures++;
      stats.took(now - this.#startedAt);
      if (this.trace !== undefined) this.#ended(this.trace, error, false);
    }
    this.guard?.end();
    this.reject(error);
  }

  /** Settles with the caller's reason, and ends what is under way. */
  override onCallerAbort(reason: unknown): void {
    if (!this.#settle()) return;
    this.guard?.end();
    this.preparation?.end();
    this.retries?.end();
    this.attempt?.cancel();
    if (this.#startedAt >= 0) {
      this.op.stats.cancelled++;
      if (this.trace !== undefined) this.#ended(this.trace, reason, true);
    }
    this.reject(reason);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#startedAt >= 0) this.op.stats.inFlight--;
    this.unfollow();
    return true;
  }

  #ended(trace: SafeTrace, error: unknown, cancelled: boolean): void {
    const { source, status, attempts } = this;
    trace.ended({ source, status, attempts, error, cancelled });
  }
}
