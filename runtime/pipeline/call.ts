import { REFUSED } from '../breaker/breaker.js';
import type { CallOptions } from '../client/options.js';
import type { TimerHandle } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { CircuitOpenError, RequestError, TimeoutError } from '../errors/call-errors.js';
import { requestIdOf } from '../errors/http-error.js';
import { causeOf } from '../observe/cause.js';
import { startDeadline } from '../policies/deadline.js';
import { NO_BODY, type WrittenBody, writeBody } from '../transport/body.js';
import type { DispatcherLike, TransportRequest } from '../transport/types.js';
import { type ParamValues, writePath, writeQuery } from '../transport/url.js';
import { follow } from './abort-hub.js';
import { Attempt, type AttemptFailure } from './attempt.js';
import { emitRejected, emitRetry } from './call-events.js';
import type { CompiledOperation } from './compile.js';
import type { Guard } from './guard.js';
import { limitsCode, loadLimits } from './limits-code.js';
import { Preparation } from './preparation.js';
import { canFallBack, finalError, waitBeforeRetry } from './retry-decision.js';
import { runFallback } from './run-fallback.js';
import { Settling } from './settling.js';
import { type RequestParts, unwritable, withHeaders, writeRequest } from './write-request.js';

/**
 * One logical call: its attempts, waits, deadline and fallback. The first attempt settles in its callbacks; what repeats it is entered
 * only after a failure.
 */
export class Call extends Settling implements RequestParts {
  /** Who asked for what: keys of the last good response. No cache key: none is kept. */
  identity = '';
  cacheKey = '';
  path = '';
  body: WrittenBody = NO_BODY;
  protected attempt: Attempt | undefined;
  /** Only where something limits this operation's calls. */
  protected guard: Guard | undefined;
  #totalAt = Number.POSITIVE_INFINITY;
  #errors: FuselineError[] | undefined;
  #timer: TimerHandle | undefined;
  #paidThrottled: boolean | undefined;
  /** The retry that was paid for has not been sent. */
  #unsent = false;
  #idempotencyKey: string | undefined;
  #preparation: Preparation | undefined;

  constructor(
    op: CompiledOperation,
    readonly params: ParamValues,
    readonly options: CallOptions | undefined,
  ) {
    super(op);
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
    const now = op.core.clock.now();
    this.begin(now);
    if (signal?.aborted === true) {
      this.onCallerAbort(signal.reason);
      return;
    }
    try {
      this.path = op.basePath + writePath(op.path, params) + (op.query.length === 0 ? '' : writeQuery(op.query, params));
      this.body = writeBody(op.operation.body, params['body']);
    } catch (error) {
      this.#fail(unwritable(op.place, error), now);
      return;
    }
    const { body } = this.body;
    // Files and forms have no text to tell one request from another.
    if (op.keepsLastGood && (body === null || typeof body === 'string'))
      this.cacheKey = `${op.operation.method} ${op.origin}${this.path}\n${body ?? ''}`;
    if (signal !== undefined) follow(signal, this);
    const { totalTimeoutMs } = op.policy;
    if (totalTimeoutMs !== null) this.#totalAt = now + totalTimeoutMs;
    if (op.limits !== undefined || op.coalesces) this.#limit(now);
    else this.#prepare(now);
  }

  /** Does the work of another call: what it has written is sent, and its trace is told. */
  protected adopt(other: Call): void {
    this.path = other.path;
    this.body = other.body;
    this.identity = other.identity;
    this.cacheKey = other.cacheKey;
    this.#idempotencyKey = other.#idempotencyKey;
    this.trace = other.trace;
  }

  /** Until when an attempt may follow. */
  protected get retryUntil(): number {
    return this.#totalAt;
  }

  /** May something else answer in its stead? */
  protected get fallsBack(): boolean {
    return true;
  }

  succeed(value: unknown, text: string | undefined, attempt: Attempt, now: number): void {
    if (this.settled) return;
    const { op } = this;
    if (this.attempts === 1) op.budget.success();
    else if (this.#paidThrottled !== undefined) op.budget.refund(this.#paidThrottled);
    if (this.cacheKey !== '' && text !== undefined) op.core.lastGood.put(this.identity, this.cacheKey, text, now);
    this.headers = attempt.headers;
    this.status = attempt.status;
    this.finish(value, now);
  }

  attemptFailed(failure: AttemptFailure, now: number, attempt: Attempt): void {
    if (this.settled) return;
    this.headers = attempt.headers;
    this.status = attempt.status === 0 ? undefined : attempt.status;
    const { op } = this;
    this.#errors ??= [];
    this.#errors.push(failure.error);
    const waitMs = waitBeforeRetry(op, failure, this.attempts, now, this.retryUntil);
    if (waitMs === undefined || !op.budget.take(failure.throttled)) {
      this.#fail(finalError(op, this.#errors, failure.error, failure.transient), now);
      return;
    }
    this.#paidThrottled = failure.throttled;
    this.#unsent = true;
    emitRetry(this, this.attempts + 1, waitMs, failure.error);
    // A listener may have aborted the call.
    if (this.settled) return;
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

  #limit(now: number): void {
    const code = limitsCode();
    if (code === undefined) {
      this.#wait(loadLimits(), () => this.#limit(this.op.core.clock.now()), 'the code of the limits cannot be loaded', now);
      return;
    }
    this.guard = code.guardFor(this, this.#totalAt);
    if (this.guard.admit(now)) this.#prepare(now);
  }

  /** Token and transport are at hand but for the first call and for token functions that are async; only then is anything awaited. */
  #prepare(now: number): void {
    const { op } = this;
    const { core, breaker } = op;
    let token: string | undefined | Promise<string>;
    if (op.needsToken) {
      // An open circuit asks nobody for a token, unless the kept response of that very sender may answer.
      const refused = typeof core.options.token === 'function' && !op.keepsLastGood && breaker.retryAfterMs(now) > 0;
      if (refused && breaker.enter(now, op.leaseMs, this.observer) === REFUSED) {
        this.#refused(now);
        return;
      }
      try {
        token = core.token();
      } catch (error) {
        this.#notReady(NO_TOKEN, error);
        return;
      }
    }
    // The token function is the user's own code and may have aborted the call.
    if (this.settled) return;
    const dispatcher = core.dispatcher();
    if (token instanceof Promise || dispatcher instanceof Promise || isThenable(token)) {
      const proceed = ([ready, transport]: [string | undefined, DispatcherLike]): void =>
        this.#attemptNow(ready, transport, core.clock.now());
      this.#wait(Promise.all([token, dispatcher]), proceed, NO_TOKEN, now);
      return;
    }
    this.#attemptNow(token, dispatcher, now);
  }

  /** @internal It has got its place. */
  proceed(now: number): void {
    this.#prepare(now);
  }

  /** @internal A policy further out refused it, or the work that it shares has failed. */
  failed(error: FuselineError, now: number): void {
    this.#fail(error, now);
  }

  /** @internal The rate limit leaves it no request in time: what the attempts before met is told, where there were any. */
  rateLimited(error: FuselineError, now: number): void {
    const last = this.#errors?.at(-1);
    this.#fail(this.#errors === undefined || last === undefined ? error : finalError(this.op, this.#errors, last, true), now);
  }

  #wait<T>(work: Promise<T>, proceed: (value: T) => void, fault: string, now: number): void {
    const preparation = new Preparation(this.op.core.clock, this.#totalAt, now, (end) => this.outOfTime('preparing', end));
    this.#preparation = preparation;
    void preparation.wait(work, proceed, (error) => this.#notReady(fault, error));
  }

  #notReady(fault: string, error: unknown): void {
    this.#fail(new RequestError(this.op.place, fault, { cause: error }), this.op.core.clock.now());
  }

  #attemptNow(token: string | undefined, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    let request: TransportRequest;
    try {
      request = writeRequest(op, this, token);
    } catch (error) {
      this.#fail(unwritable(op.place, error), now);
      return;
    }
    if (this.guard !== undefined && !this.guard.pass(request, dispatcher, now)) return;
    this.send(request, dispatcher, now);
  }

  /** @internal Sends an attempt, unless the circuit refuses. */
  send(request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    const { core, breaker, policy } = op;
    const remaining = this.#totalAt - now;
    // Timers come late where the event loop was blocked.
    if (remaining <= 0) {
      this.guard?.refund();
      this.outOfTime(this.attempts === 0 ? 'preparing' : 'backoff', now);
      return;
    }
    const permit = breaker.enter(now, op.leaseMs, this.observer);
    if (permit === REFUSED) {
      this.guard?.refund();
      this.#refused(now);
      return;
    }
    // Half-open is an event, and a listener may have aborted the call.
    if (this.settled) {
      this.guard?.refund();
      breaker.release(permit, now);
      return;
    }
    this.attempts++;
    op.stats.attempts++;
    if (this.attempts > 1) op.stats.retries++;
    this.#unsent = false;
    const cutShort = policy.timeoutMs === null || remaining < policy.timeoutMs;
    const limitMs = cutShort ? remaining : (policy.timeoutMs ?? Number.POSITIVE_INFINITY);
    const attempt = new Attempt(this, permit, now, cutShort ? (policy.totalTimeoutMs ?? 0) : limitMs, cutShort ? 'total' : 'attempt');
    this.attempt = attempt;
    let sent = request;
    if (this.trace !== undefined) {
      sent = withHeaders(request, this.trace.attemptStarted(this.attempts));
      // It is code of the user's, and may have aborted the call.
      if (this.settled) {
        this.guard?.refund();
        return;
      }
    }
    // The remainder of a deadline is a duration that no other call shares.
    const shared = !cutShort || limitMs === policy.totalTimeoutMs;
    if (limitMs !== Number.POSITIVE_INFINITY) startDeadline(core.clock, attempt, limitMs, now, shared);
    const handler = this.guard === undefined ? attempt : this.guard.watch(attempt);
    try {
      dispatcher.dispatch(sent, handler);
    } catch (error) {
      handler.onResponseError(null, error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
    }
  }

  #refused(now: number): void {
    const { op } = this;
    const { breaker } = op;
    op.stats.rejected++;
    const retryAfterMs = breaker.retryAfterMs(now);
    const reason = breaker.refusalReason(now);
    const dependency = breaker.blockedBy(now)?.name;
    emitRejected(this, retryAfterMs, reason, dependency);
    const last = this.#errors?.at(-1);
    const makeError = (): FuselineError => {
      if (this.#errors === undefined || last === undefined)
        return withoutStack(() => new CircuitOpenError(op.place, breaker.name, retryAfterMs, reason, dependency));
      return finalError(op, this.#errors, last, true);
    };
    this.#end(makeError, 'circuit_open', now);
  }

  /** @internal */
  outOfTime(phase: TimeoutError['phase'], now: number): void {
    const { op } = this;
    this.#fail(
      withoutStack(() => new TimeoutError(op.place, 'total', op.policy.totalTimeoutMs ?? 0, phase, this.causeOption())),
      now,
    );
  }

  #fail(error: FuselineError, now: number): void {
    this.#end(() => error, causeOf(error), now, error);
  }

  /** The call has failed for good: the fallback answers, or the caller gets the error. */
  #end(makeError: () => FuselineError, cause: string, now: number, error?: FuselineError): void {
    if (this.settled) return;
    this.#refundUnsent();
    // The place goes to the next one before a fallback runs: the fallback asks nothing of the service.
    this.guard?.end();
    const { fallback } = this.op;
    if (fallback.length > 0 && this.fallsBack && (error === undefined || canFallBack(error, this.op.statuses))) {
      runFallback(this, makeError, cause, now);
      return;
    }
    this.fail(makeError(), now);
  }

  protected override letGo(): void {
    this.guard?.end();
  }

  protected override stop(): void {
    this.guard?.end();
    this.#preparation?.end();
    this.#refundUnsent();
    if (this.#timer !== undefined) this.op.core.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.attempt?.cancel();
  }

  #refundUnsent(): void {
    if (this.#unsent) this.op.budget.refund(this.#paidThrottled ?? false);
    this.#unsent = false;
  }
}

const NO_TOKEN = 'the token function failed';

function isThenable(value: unknown): value is Promise<string> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
