import { REFUSED } from '../breaker/breaker.js';
import type { CallOptions } from '../client/options.js';
import type { TimerHandle } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { CircuitOpenError, RequestError, TimeoutError } from '../errors/call-errors.js';
import { requestIdOf } from '../errors/http-error.js';
import { causeOf } from '../observe/cause.js';
import type { Flight } from '../policies/coalesce.js';
import { startDeadline } from '../policies/deadline.js';
import { NO_BODY, type WrittenBody, writeBody } from '../transport/body.js';
import type { DispatcherLike, TransportRequest } from '../transport/types.js';
import { type ParamValues, writePath, writeQuery } from '../transport/url.js';
import { AbortFollower, follow } from './abort-hub.js';
import type { AnswerSource } from './api-promise.js';
import { Attempt, type AttemptFailure } from './attempt.js';
import { emitRejected, emitRetry } from './call-events.js';
import type { CompiledOperation } from './compile.js';
import { Guard, type Limits } from './guard.js';
import { Preparation, type Preparing } from './preparation.js';
import { canFallBack, finalError, waitBeforeRetry } from './retry-decision.js';
import { runFallback } from './run-fallback.js';
import { type RequestParts, unwritable, writeRequest } from './write-request.js';

/**
 * One logical call: its attempts, waits, deadline and fallback. The first attempt settles in its callbacks; what repeats it is entered
 * only after a failure.
 */
export class Call extends AbortFollower implements RequestParts, Preparing {
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;
  source: AnswerSource = 'network';
  status: number | undefined;
  attempts = 0;
  ageMs: number | undefined;
  headers: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** Who asked for what: keys of the last good response. No cache key: none is kept. */
  identity = '';
  cacheKey = '';
  path = '';
  body: WrittenBody = NO_BODY;
  #settled = false;
  #totalAt = Number.POSITIVE_INFINITY;
  #attempt: Attempt | undefined;
  #errors: FuselineError[] | undefined;
  #timer: TimerHandle | undefined;
  #paidThrottled: boolean | undefined;
  /** The retry that was paid for has not been sent. */
  #unsent = false;
  #idempotencyKey: string | undefined;
  #preparation: Preparation | undefined;
  /** Only where something limits this operation's calls. */
  #guard: Guard | undefined;
  /** Set where this call does the work of several: it answers to their seats, and they have the deadlines and fallbacks. */
  #flight: Flight | undefined;

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

  idempotencyKey(): string {
    this.#idempotencyKey ??= crypto.randomUUID();
    return this.#idempotencyKey;
  }

  start(): void {
    const { op, params } = this;
    const signal = this.options?.signal;
    if (signal?.aborted === true) {
      this.#settled = true;
      this.reject(signal.reason);
      return;
    }
    try {
      this.path = op.basePath + writePath(op.path, params) + (op.query.length === 0 ? '' : writeQuery(op.query, params));
      this.body = writeBody(op.operation.body, params['body']);
    } catch (error) {
      this.#fail(unwritable(op.place, error));
      return;
    }
    const { body } = this.body;
    // Files and forms have no text to tell one request from another.
    if (op.keepsLastGood && (body === null || typeof body === 'string'))
      this.cacheKey = `${op.operation.method} ${op.origin}${this.path}\n${body ?? ''}`;
    if (signal !== undefined) follow(signal, this);
    const now = op.core.clock.now();
    const { totalTimeoutMs } = op.policy;
    if (totalTimeoutMs !== null) this.#totalAt = now + totalTimeoutMs;
    if (op.limits !== undefined) {
      this.#guard = new Guard(this, op.limits, this.#totalAt);
      if (!this.#guard.admit(now)) return;
    }
    this.#prepare(now);
  }

  /** @internal Sends this call's request for all who join the flight, by a call of its own that has neither signal nor deadline: those are theirs. */
  startFlight(flight: Flight, limits: Limits | undefined, request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    const work = new Call({ ...op, limits, policy: { ...op.policy, totalTimeoutMs: null } }, this.params, this.options);
    work.#flight = flight;
    work.resolve = (value) => flight.land(value);
    work.reject = (reason) => flight.fail(reason);
    work.path = this.path;
    work.body = this.body;
    work.identity = this.identity;
    work.cacheKey = this.cacheKey;
    work.#idempotencyKey = this.#idempotencyKey;
    flight.work = work;
    flight.cancel = (timedOut) => work.#endFlight(timedOut);
    if (limits !== undefined) {
      work.#guard = new Guard(work, limits, work.#totalAt);
      if (!work.#guard.admit(now) || !work.#guard.pass(request, dispatcher, now)) return;
    }
    work.send(request, dispatcher, now);
  }

  /** No one waits for it any more. */
  #endFlight(timedOut: boolean): void {
    // The first attempt has had all of its callers' time, and a server that let it pass has failed.
    if (timedOut && this.attempts === 1) this.#attempt?.onDeadline();
    this.onCallerAbort(undefined);
  }

  /** @internal The shared work has ended; what it tells of its answer is this call's, too. */
  tellOf(work: Call): void {
    this.attempts = work.attempts;
    this.headers = work.headers;
    this.status = work.status;
  }

  override onCallerAbort(reason: unknown): void {
    if (this.#settled) return;
    this.#stopWaiting();
    this.#attempt?.cancel();
    this.#settled = true;
    this.reject(reason);
  }

  succeed(value: unknown, text: string | undefined, attempt: Attempt, now: number): void {
    if (this.#settled) return;
    const { op } = this;
    if (this.attempts === 1) op.budget.success();
    else if (this.#paidThrottled !== undefined) op.budget.refund(this.#paidThrottled);
    if (this.cacheKey !== '' && text !== undefined) op.core.lastGood.put(this.identity, this.cacheKey, text, now);
    this.headers = attempt.headers;
    this.status = attempt.status;
    this.finish(value);
  }

  /** Settles with a value, from whatever source. */
  finish(value: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.unfollow();
    this.#guard?.end();
    this.resolve(value);
  }

  attemptFailed(failure: AttemptFailure, now: number, attempt: Attempt): void {
    if (this.#settled) return;
    this.headers = attempt.headers;
    this.status = attempt.status === 0 ? undefined : attempt.status;
    const { op } = this;
    this.#errors ??= [];
    this.#errors.push(failure.error);
    const waitMs = waitBeforeRetry(op, failure, this.attempts, now, this.#flight?.until ?? this.#totalAt);
    if (waitMs === undefined || !op.budget.take(failure.throttled)) {
      this.#fail(finalError(op, this.#errors, failure.error, failure.transient));
      return;
    }
    this.#paidThrottled = failure.throttled;
    this.#unsent = true;
    emitRetry(op, this.attempts + 1, waitMs, failure.error);
    // A listener may have aborted the call.
    if (this.#settled) return;
    // Not unref'd: the caller is waiting, so the process must not end here.
    this.#timer = op.core.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#prepare(op.core.clock.now());
    }, waitMs);
  }

  /** The last attempt's error as the cause of one that follows from it. */
  causeOption(): { readonly cause: FuselineError } | undefined {
    const last = this.#errors?.at(-1);
    return last === undefined ? undefined : { cause: last };
  }

  /** Token and transport are at hand but for the first call and for token functions that are async; only then is anything awaited. */
  #prepare(now: number): void {
    const { op } = this;
    const { core, breaker } = op;
    let token: string | undefined | Promise<string>;
    if (op.needsToken) {
      // An open circuit asks nobody for a token, unless the kept response of that very sender may answer.
      const refused = typeof core.options.token === 'function' && !op.keepsLastGood && breaker.retryAfterMs(now) > 0;
      if (refused && breaker.enter(now, op.leaseMs, core.options.onEvent) === REFUSED) {
        this.#refused(now);
        return;
      }
      try {
        token = core.token();
      } catch (error) {
        this.preparationFailed(error);
        return;
      }
    }
    // The token function is the user's own code and may have aborted the call.
    if (this.#settled) return;
    const dispatcher = core.dispatcher();
    if (token instanceof Promise || dispatcher instanceof Promise || isThenable(token)) {
      this.#preparation = new Preparation(core.clock, this, this.#totalAt, now);
      void this.#preparation.wait(token, dispatcher);
      return;
    }
    this.#attemptNow(token, dispatcher, now);
  }

  /** @internal It has got its place. */
  proceed(now: number): void {
    this.#prepare(now);
  }

  /** @internal A policy further out refused it, or the work that it shares has failed. */
  failed(error: FuselineError): void {
    this.#fail(error);
  }

  /** @internal The rate limit leaves it no request in time: what the attempts before met is told, where there were any. */
  rateLimited(error: FuselineError): void {
    const last = this.#errors?.at(-1);
    this.#fail(this.#errors === undefined || last === undefined ? error : finalError(this.op, this.#errors, last, true));
  }

  /** @internal */
  prepared(token: string | undefined, dispatcher: DispatcherLike): void {
    this.#attemptNow(token, dispatcher, this.op.core.clock.now());
  }

  /** @internal */
  preparationFailed(error: unknown): void {
    this.#fail(new RequestError(this.op.place, 'the token function failed', { cause: error }));
  }

  /** @internal */
  preparationTimedOut(): void {
    this.outOfTime('preparing');
  }

  #attemptNow(token: string | undefined, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    let request: TransportRequest;
    try {
      request = writeRequest(op, this, token);
    } catch (error) {
      this.#fail(unwritable(op.place, error));
      return;
    }
    if (this.#guard !== undefined && !this.#guard.pass(request, dispatcher, now)) return;
    this.send(request, dispatcher, now);
  }

  /** @internal Sends an attempt, unless the circuit refuses. */
  send(request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    const { core, breaker, policy } = op;
    const remaining = this.#totalAt - now;
    // Timers come late where the event loop was blocked.
    if (remaining <= 0) {
      this.#guard?.refund();
      this.outOfTime(this.attempts === 0 ? 'preparing' : 'backoff');
      return;
    }
    const permit = breaker.enter(now, op.leaseMs, core.options.onEvent);
    if (permit === REFUSED) {
      this.#guard?.refund();
      this.#refused(now);
      return;
    }
    // Half-open is an event, and a listener may have aborted the call.
    if (this.#settled) {
      this.#guard?.refund();
      breaker.release(permit, now);
      return;
    }
    this.attempts++;
    this.#unsent = false;
    const cutShort = policy.timeoutMs === null || remaining < policy.timeoutMs;
    const limitMs = cutShort ? remaining : (policy.timeoutMs ?? Number.POSITIVE_INFINITY);
    const attempt = new Attempt(this, permit, now, cutShort ? (policy.totalTimeoutMs ?? 0) : limitMs, cutShort ? 'total' : 'attempt');
    this.#attempt = attempt;
    // The remainder of a deadline is a duration that no other call shares.
    const shared = !cutShort || limitMs === policy.totalTimeoutMs;
    if (limitMs !== Number.POSITIVE_INFINITY) startDeadline(core.clock, attempt, limitMs, now, shared);
    const handler = this.#guard === undefined ? attempt : this.#guard.watch(attempt);
    try {
      dispatcher.dispatch(request, handler);
    } catch (error) {
      handler.onResponseError(null, error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
    }
  }

  #refused(now: number): void {
    const { op } = this;
    const { breaker } = op;
    const retryAfterMs = breaker.retryAfterMs(now);
    const reason = breaker.refusalReason(now);
    const dependency = breaker.blockedBy(now)?.name;
    emitRejected(op, retryAfterMs, reason, dependency);
    const last = this.#errors?.at(-1);
    const makeError = (): FuselineError => {
      if (this.#errors === undefined || last === undefined)
        return withoutStack(() => new CircuitOpenError(op.place, breaker.name, retryAfterMs, reason, dependency));
      return finalError(op, this.#errors, last, true);
    };
    this.#end(makeError, 'circuit_open');
  }

  /** @internal */
  outOfTime(phase: TimeoutError['phase']): void {
    const { op } = this;
    this.#fail(withoutStack(() => new TimeoutError(op.place, 'total', op.policy.totalTimeoutMs ?? 0, phase, this.causeOption())));
  }

  #fail(error: FuselineError): void {
    this.#end(() => error, causeOf(error), error);
  }

  /** The call has failed for good: the fallback answers, or the caller gets the error. */
  #end(makeError: () => FuselineError, cause: string, error?: FuselineError): void {
    if (this.#settled) return;
    this.#refundUnsent();
    // The place goes to the next one before a fallback runs: the fallback asks nothing of the service.
    this.#guard?.end();
    const { fallback } = this.op;
    if (fallback.length > 0 && this.#flight === undefined && (error === undefined || canFallBack(error, this.op.statuses))) {
      runFallback(this, makeError, cause);
      return;
    }
    this.failWith(makeError, cause);
  }

  /** @internal Settles with an error that nobody has asked for yet. `cause`: what it is, for those who need no more. */
  failWith(makeError: () => FuselineError, _cause: string): void {
    this.fail(makeError());
  }

  /** Settles with an error. */
  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.unfollow();
    this.reject(error);
  }

  #stopWaiting(): void {
    this.#guard?.end();
    this.#preparation?.end();
    this.#refundUnsent();
    if (this.#timer === undefined) return;
    this.op.core.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #refundUnsent(): void {
    if (this.#unsent) this.op.budget.refund(this.#paidThrottled ?? false);
    this.#unsent = false;
  }
}

function isThenable(value: unknown): value is Promise<string> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
