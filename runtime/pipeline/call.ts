import { REFUSED } from '../breaker/breaker.js';
import { authParts } from '../client/auth.js';
import type { CallOptions } from '../client/options.js';
import { MAX_TIMER_MS, type TimerHandle } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { CircuitOpenError, RequestError, RetryExhaustedError, TimeoutError } from '../errors/call-errors.js';
import { requestIdOf } from '../errors/http-error.js';
import { causeOf } from '../observe/cause.js';
import { backoffMs } from '../policies/backoff.js';
import { FAILURE, RETRY } from '../policies/classify.js';
import { startDeadline } from '../policies/deadline.js';
import { type WrittenBody, writeBody } from '../transport/body.js';
import type { DispatcherLike, TransportRequest } from '../transport/types.js';
import { headerValue, ParamFault, type ParamValues, writePath, writeQuery } from '../transport/url.js';
import { AbortFollower, follow } from './abort-hub.js';
import type { AnswerSource } from './api-promise.js';
import { Attempt, type AttemptFailure } from './attempt.js';
import type { CompiledOperation } from './compile.js';
import { PendingDeadline } from './pending-deadline.js';
import { runFallback } from './run-fallback.js';

/**
 * One logical call: its attempts, waits, deadline and fallback. The first attempt settles in its callbacks; what repeats it is entered
 * only after a failure.
 */
export class Call extends AbortFollower {
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
  #settled = false;
  #path = '';
  #body: WrittenBody | undefined;
  #totalAt = Number.POSITIVE_INFINITY;
  #attempt: Attempt | undefined;
  #errors: FuselineError[] | undefined;
  #timer: TimerHandle | undefined;
  #paidThrottled: boolean | undefined;
  /** The retry that was paid for has not been sent. */
  #unsent = false;
  #idempotencyKey: string | undefined;
  #pending: PendingDeadline | undefined;

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

  start(): void {
    const { op, params } = this;
    const signal = this.options?.signal;
    if (signal?.aborted === true) {
      this.#settled = true;
      this.reject(signal.reason);
      return;
    }
    try {
      this.#path = op.basePath + writePath(op.path, params) + (op.query.length === 0 ? '' : writeQuery(op.query, params));
      this.#body = writeBody(op.operation.body, params['body']);
    } catch (error) {
      this.#failRequest(error);
      return;
    }
    const { body } = this.#body;
    // Files and forms have no text to tell one request from another.
    if (op.keepsLastGood && (body === null || typeof body === 'string'))
      this.cacheKey = `${op.operation.method} ${op.origin}${this.#path}\n${body ?? ''}`;
    if (signal !== undefined) follow(signal, this);
    const now = op.core.clock.now();
    const { totalTimeoutMs } = op.policy;
    if (totalTimeoutMs !== null) this.#totalAt = now + totalTimeoutMs;
    this.#prepare(now);
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
    this.resolve(value);
  }

  attemptFailed(failure: AttemptFailure, now: number, attempt: Attempt): void {
    if (this.#settled) return;
    this.headers = attempt.headers;
    this.status = attempt.status === 0 ? undefined : attempt.status;
    const { op } = this;
    this.#errors ??= [];
    this.#errors.push(failure.error);
    const { policy } = op;
    const repeatable =
      policy.retryEnabled && failure.transient && (op.repeatable || failure.neverSent) && this.attempts < policy.maxAttempts;
    const waitMs = repeatable ? this.#waitBeforeRetry(failure, now) : undefined;
    if (waitMs === undefined || !op.budget.take(failure.throttled)) {
      this.#fail(this.#finalError(failure));
      return;
    }
    this.#paidThrottled = failure.throttled;
    this.#unsent = true;
    this.#emitRetry(waitMs, failure.error);
    // Not unref'd: the caller is waiting, so the process must not end here.
    this.#timer = op.core.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#prepare(op.core.clock.now());
    }, waitMs);
  }

  /** Counts against the circuit: tell whoever listens. */
  reportFailure(error: FuselineError): void {
    const { breaker, core, operation, policy } = this.op;
    if (breaker.events.silent && core.options.onEvent === undefined) return;
    breaker.events.emit(
      {
        type: 'call_failed',
        circuit: breaker.name,
        service: breaker.service,
        operation: operation.id,
        at: core.clock.wallNow(),
        failureCount: breaker.failureCount,
        threshold: policy.failureThreshold,
        cause: causeOf(error),
      },
      core.options.onEvent,
    );
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
        this.#failToken(error);
        return;
      }
    }
    const dispatcher = core.dispatcher();
    if (token instanceof Promise || dispatcher instanceof Promise || isThenable(token)) {
      this.#pending = new PendingDeadline(core.clock, this.#totalAt, now, () => this.#outOfTime('preparing'));
      void this.#prepareSlowly(token, dispatcher, this.#pending);
      return;
    }
    this.#attemptNow(token, dispatcher, now);
  }

  async #prepareSlowly(
    token: string | undefined | PromiseLike<string>,
    dispatcher: DispatcherLike | Promise<DispatcherLike>,
    pending: PendingDeadline,
  ): Promise<void> {
    let ready: string | undefined;
    let transport: DispatcherLike;
    try {
      ready = await token;
      transport = await dispatcher;
    } catch (error) {
      if (this.#stillPending(pending)) this.#failToken(error);
      return;
    }
    if (this.#stillPending(pending)) this.#attemptNow(ready, transport, this.op.core.clock.now());
  }

  /** False where what came has come too late: the deadline has passed, and a fallback may be at work, or the caller aborted. */
  #stillPending(pending: PendingDeadline): boolean {
    if (this.#settled || this.#pending !== pending) return false;
    pending.end();
    this.#pending = undefined;
    return true;
  }

  #attemptNow(token: string | undefined, dispatcher: DispatcherLike, now: number): void {
    const { op } = this;
    const { core, breaker, policy } = op;
    const remaining = this.#totalAt - now;
    // Timers come late where the event loop was blocked.
    if (remaining <= 0) {
      this.#outOfTime(this.attempts === 0 ? 'preparing' : 'backoff');
      return;
    }
    let request: TransportRequest;
    try {
      request = this.#request(token);
    } catch (error) {
      this.#failRequest(error);
      return;
    }
    const permit = breaker.enter(now, op.leaseMs, core.options.onEvent);
    if (permit === REFUSED) {
      this.#refused(now);
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
    try {
      dispatcher.dispatch(request, attempt);
    } catch (error) {
      attempt.onResponseError(null, error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
    }
  }

  #request(token: string | undefined): TransportRequest {
    const { op, params, options } = this;
    const { operation } = op;
    const written = this.#body as WrittenBody;
    const own: [string, string][] = [];
    for (const param of op.headerParams) {
      const value = params[param.key];
      const name = param.wire ?? param.key;
      if (value !== undefined && value !== null)
        own.push(
          param.in === 'cookie'
            ? ['cookie', `${name}=${encodeURIComponent(headerValue(param, value))}`]
            : [name, headerValue(param, value)],
        );
      else if (param.required === true) throw new ParamFault(`header parameter '${param.key}' is missing`);
    }
    if (options?.headers !== undefined) own.push(...Object.entries(options.headers));
    const auth = (): ReturnType<typeof authParts> => authParts(op.security, token, op.core.options.credentials);
    const headers =
      own.length === 0 ? op.headers.usual(token, written.contentType, auth) : op.headers.written(written.contentType, auth(), own);
    this.identity = headers.identity;
    let list = headers.list;
    const keyHeader = operation.idempotencyHeader?.toLowerCase();
    if (keyHeader !== undefined && !list.some((name, at) => at % 2 === 0 && name === keyHeader)) {
      this.#idempotencyKey ??= crypto.randomUUID();
      list = [...list, keyHeader, this.#idempotencyKey];
    }
    let path = this.#path;
    if (op.security.some((scheme) => scheme.type === 'apiKey' && scheme.in === 'query')) {
      const { query } = auth();
      if (query !== '') path += (path.includes('?') ? '&' : '?') + query;
    }
    return { origin: op.origin, path, method: operation.method, headers: list, body: written.body };
  }

  /** Milliseconds to wait before the next attempt, or undefined where none is worth making. */
  #waitBeforeRetry(failure: AttemptFailure, now: number): number | undefined {
    const { policy, core, breaker, fallback } = this.op;
    let waitMs = backoffMs(policy, this.attempts, failure.throttled, core.random);
    if (failure.waitMs !== undefined) {
      // Coming back before the server's time is refused again; a hint beyond our patience ends the call instead of being shortened.
      if (failure.waitMs > policy.maxRetryAfterMs) return undefined;
      waitMs = Math.max(waitMs, failure.waitMs + core.random() * Math.min(failure.waitMs * 0.1, 250));
    }
    const openMs = breaker.retryAfterMs(now);
    if (openMs > 0) {
      // Where something else can answer, nobody waits for a circuit to probe.
      if (fallback.length > 0) return undefined;
      waitMs = Math.max(waitMs, openMs);
    }
    return now + waitMs < this.#totalAt && waitMs <= MAX_TIMER_MS ? waitMs : undefined;
  }

  #finalError(failure: AttemptFailure): FuselineError {
    const errors = this.#errors ?? [failure.error];
    if (errors.length < 2 || !failure.transient) return failure.error;
    return withoutStack(() => new RetryExhaustedError(this.op.place, this.attempts, errors, failure.error));
  }

  #refused(now: number): void {
    const { op } = this;
    const { breaker, core, operation } = op;
    const retryAfterMs = breaker.retryAfterMs(now);
    if (!breaker.events.silent || core.options.onEvent !== undefined) {
      breaker.events.emit(
        {
          type: 'call_rejected',
          circuit: breaker.name,
          service: breaker.service,
          operation: operation.id,
          at: core.clock.wallNow(),
          retryAfterMs,
        },
        core.options.onEvent,
      );
    }
    const last = this.#errors?.at(-1);
    const makeError = (): FuselineError => {
      if (this.#errors === undefined || last === undefined)
        return withoutStack(() => new CircuitOpenError(op.place, breaker.name, retryAfterMs));
      const errors = this.#errors;
      return errors.length === 1 ? last : withoutStack(() => new RetryExhaustedError(op.place, this.attempts, errors, last));
    };
    this.#end(makeError, 'circuit_open');
  }

  #failToken(error: unknown): void {
    this.#fail(new RequestError(this.op.place, 'the token function failed', { cause: error }));
  }

  /** The input cannot be written: our own fault names the parameter; anything else was thrown by a getter or `toJSON` of the input's. */
  #failRequest(error: unknown): void {
    const { place } = this.op;
    this.#fail(
      error instanceof ParamFault
        ? new RequestError(place, error.message, { cause: error.cause })
        : new RequestError(place, 'the parameters cannot be written', { cause: error }),
    );
  }

  #outOfTime(phase: 'preparing' | 'backoff'): void {
    const { op } = this;
    this.#pending = undefined;
    this.#fail(withoutStack(() => new TimeoutError(op.place, 'total', op.policy.totalTimeoutMs ?? 0, phase, this.causeOption())));
  }

  #fail(error: FuselineError): void {
    this.#end(() => error, causeOf(error), error);
  }

  /** The call has failed for good: the fallback answers, or the caller gets the error. */
  #end(makeError: () => FuselineError, cause: string, error?: FuselineError): void {
    if (this.#settled) return;
    this.#refundUnsent();
    const { fallback } = this.op;
    if (fallback.length > 0 && (error === undefined || canFallBack(error, this.op.statuses))) {
      runFallback(this, makeError, cause);
      return;
    }
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
    this.#pending?.end();
    this.#refundUnsent();
    if (this.#timer === undefined) return;
    this.op.core.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #refundUnsent(): void {
    if (this.#unsent) this.op.budget.refund(this.#paidThrottled ?? false);
    this.#unsent = false;
  }

  #emitRetry(delayMs: number, error: FuselineError): void {
    const { breaker, core, operation } = this.op;
    if (breaker.events.silent && core.options.onEvent === undefined) return;
    breaker.events.emit(
      {
        type: 'retry_scheduled',
        circuit: breaker.name,
        service: breaker.service,
        operation: operation.id,
        at: core.clock.wallNow(),
        attempt: this.attempts + 1,
        delayMs,
        cause: causeOf(error),
      },
      core.options.onEvent,
    );
  }
}

/** Did the service fail to give a usable answer? Statuses that are neither failures nor retried are answers. */
function canFallBack(error: FuselineError, statuses: Uint8Array): boolean {
  if (error.kind === 'http')
    return ((statuses[(error as FuselineError & { readonly status: number }).status] ?? 0) & (FAILURE | RETRY)) !== 0;
  return error.kind !== 'request' && error.kind !== 'configuration' && error.kind !== 'aborted';
}

function isThenable(value: unknown): value is Promise<string> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
