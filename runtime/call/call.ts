import { FuselineError, withoutStack } from '../errors/base.js';
import { CallAbortedError, RequestError } from '../errors/call-errors.js';
import { type CallSite, showCallSite } from '../errors/call-site.js';
import { requestIdOf } from '../errors/http-error.js';
import { startTrace } from '../observe/safe-trace.js';
import { type AbortFollower, type AbortHub, follow } from '../policies/abort-hub.js';
import type { Entrance, Failure } from '../policies/stage.js';
import { timeUp } from '../policies/time-up.js';
import { type DeadlineList, type DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';
import { captureScope } from '../user-code.js';
import type { CallInFlight } from './client/life.js';
import type { CallOptions } from './client/options.js';
import { ownFailure, RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import type { AnswerSource } from './outcome.js';
import { phaseOf } from './phase.js';
import { writeBody } from './request/body.js';
import { ParamFault, type ParamValues, writePath, writeQuery } from './request/url.js';
import { takeHeaders, unwritable } from './request/write-request.js';
import type { CallSettings } from './settings.js';
import { requestsAreFollowed } from './transport/diagnostics.js';
import { fetchFault } from './transport/fetch-limits.js';

/**
 * One call: a flow that a caller waits for. It settles once and is counted under exactly one outcome. The object is also the list node of the
 * deadline and the follower of the caller's signal, so that neither needs an allocation.
 */
export class Call extends RequestFlow implements DeadlineNode, AbortFollower, CallInFlight {
  readonly shared = false;
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;
  source: AnswerSource = 'network';
  ageMs: number | undefined = undefined;
  /** The line that made the call, if errors show it. */
  site: CallSite | undefined = undefined;
  // As a node in a list of deadlines.
  expiresAt = Number.POSITIVE_INFINITY;
  list: DeadlineList | undefined = undefined;
  previous: DeadlineNode | undefined = undefined;
  next: DeadlineNode | undefined = undefined;
  // As a follower of the caller's signal.
  hub: AbortHub | undefined = undefined;
  previousFollower: AbortFollower | undefined = undefined;
  nextFollower: AbortFollower | undefined = undefined;
  // As a call of its client.
  earlierCall: CallInFlight | undefined = undefined;
  laterCall: CallInFlight | undefined = undefined;
  readonly #chain: Entrance<RequestFlow>;
  #startedAt = 0;
  /** What was left of the total deadline when it was paused. */
  #leftMs: number | undefined = undefined;
  // Of the options. Read by `#write` only, before the call waits for anything.
  readonly #identity: CallOptions['identity'];
  readonly #headers: CallOptions['headers'];
  #over = false;
  /** False once the call is over or a fallback runs. From then on the deadline no longer applies. */
  #working = true;

  constructor(
    op: CompiledOperation,
    chain: Entrance<RequestFlow>,
    settings: CallSettings,
    params: ParamValues,
    options: CallOptions | undefined,
  ) {
    super(op, settings, params, options?.signal);
    this.#chain = chain;
    this.#identity = options?.identity;
    this.#headers = options?.headers;
  }

  get over(): boolean {
    return this.#over;
  }

  get until(): number {
    return this.expiresAt;
  }

  get progress(): number {
    return this.attempt?.progress ?? 0;
  }

  get requestId(): string | undefined {
    return this.headers === undefined ? undefined : requestIdOf(this.headers);
  }

  start(): void {
    const { op, settings } = this;
    const { client } = op;
    const now = client.clock.now();
    this.#startedAt = now;
    op.stats.inFlight++;
    client.life.started(this);
    if (op.runsUserCode || settings.asksFallback || op.breaker.events.joinsCalls || requestsAreFollowed()) this.user = captureScope();
    if (op.tracing !== undefined) this.trace = startTrace(op.tracing, this.user);
    try {
      this.#begin(now);
    } catch (error) {
      this.#broke(error);
    }
  }

  #begin(now: number): void {
    const { signal } = this;
    if (signal?.aborted === true) {
      this.onCallerAbort(signal.reason);
      return;
    }
    if (!this.#write(now)) return;
    if (signal !== undefined) {
      // The identity function, a getter of the parameters and a `toJSON` of the body are the user's code, and can have aborted the call.
      if (signal.aborted) {
        this.onCallerAbort(signal.reason);
        return;
      }
      follow(signal, this);
    }
    const { totalTimeoutMs } = this.settings;
    // The timer keeps the process alive while the call waits.
    if (totalTimeoutMs !== null) startDeadline(this.op.client.clock, this, totalTimeoutMs, now, true, true);
    this.#chain.enter(this, now);
  }

  /** Fails a call whose start threw, so that `client.call` never throws. An object of the user's caused it, such as a signal that cannot be followed. */
  #broke(error: unknown): void {
    if (!this.#settle()) return;
    const { op } = this;
    const now = op.client.clock.now();
    this.#chain.leave(this, now, undefined);
    op.stats.failures++;
    const fault = error instanceof FuselineError ? error : new RequestError(op.place, 'the call could not be started', { cause: error });
    this.#ended(now, fault);
    this.reject(fault);
  }

  /** Settles with the response of the server. */
  finish(value: unknown, now: number): void {
    if (!this.#settle()) return;
    this.keepAnswer(now);
    this.op.stats.successes++;
    this.#ended(now, undefined);
    this.resolve(value);
  }

  /** Settles with the result of a fallback. */
  answered(value: unknown, source: 'cache' | 'fallback', now: number): void {
    if (!this.#settle()) return;
    this.source = source;
    if (source === 'cache') this.op.stats.cacheAnswers++;
    else this.op.stats.fallbackAnswers++;
    this.#ended(now, undefined);
    this.resolve(value);
  }

  fail(failure: Failure, now: number): void {
    if (!this.#settle()) return;
    const { error } = failure;
    this.op.stats.failures++;
    if (this.site !== undefined) showCallSite(error, this.site);
    this.#ended(now, error);
    this.reject(error);
  }

  override keptAnswer(maxAgeMs: number | null, now: number): { readonly value: unknown; readonly ageMs: number } | undefined {
    const kept = super.keptAnswer(maxAgeMs, now);
    this.ageMs = kept?.ageMs;
    return kept;
  }

  /** Called when the caller aborts. Rejects with the caller's reason and cancels the current work. */
  onCallerAbort(reason: unknown): void {
    if (!this.#settle()) return;
    this.op.stats.cancelled++;
    this.#chain.leave(this, this.op.client.clock.now(), undefined);
    this.trace?.ended({ source: this.source, status: this.status, attempts: this.attempts, error: reason, cancelled: true });
    this.reject(reason);
  }

  onClientClosed(): void {
    this.onCallerAbort(withoutStack(() => new CallAbortedError(this.op.place, undefined, 'aborted, because the client was closed')));
  }

  startAgain(): boolean {
    return true;
  }

  /** Called when the total deadline has passed. */
  onDeadline(now: number): void {
    if (!this.#working) return;
    // If an attempt, or a wait in a queue, times out at the same moment, its error is more precise than that of the call.
    const inner = this.waiting;
    if (inner !== undefined && inner.expiresAt <= now) {
      inner.disarm();
      inner.onDeadline(now);
    }
    this.#timeUp(now);
  }

  expire(now: number): void {
    this.list?.remove(this);
    this.#timeUp(now);
  }

  /** Removes the total deadline, once the call is over or a fallback runs. */
  disarm(): void {
    this.#working = false;
    this.list?.remove(this);
  }

  pauseDeadline(now: number): void {
    if (this.list === undefined) return;
    this.#leftMs = this.expiresAt - now;
    this.list.remove(this);
    this.expiresAt = Number.POSITIVE_INFINITY;
  }

  resumeDeadline(now: number): void {
    const leftMs = this.#leftMs;
    if (leftMs === undefined || !this.#working) return;
    this.#leftMs = undefined;
    startDeadline(this.op.client.clock, this, leftMs, now, leftMs === this.settings.totalTimeoutMs, true);
  }

  unfollow(): void {
    this.hub?.remove(this);
  }

  /** Writes the parts of the request that are the same for all attempts. If that fails, fails the call and returns false. */
  #write(now: number): boolean {
    const { op, params } = this;
    try {
      this.senderName = this.#identity ?? op.client.identity();
    } catch (error) {
      this.fail(ownFailure(new RequestError(op.place, 'the identity function failed', { cause: error })), now);
      return false;
    }
    try {
      this.path = op.basePath + writePath(op.path, params) + (op.query.length === 0 ? '' : writeQuery(op.query, params));
      this.body = writeBody(op.operation.body, params['body']);
      if (op.client.overFetch) this.#mustFitFetch();
      this.ownHeaders = takeHeaders(op, params, this.#headers);
    } catch (error) {
      this.fail(ownFailure(unwritable(op.place, error)), now);
      return false;
    }
    const { body } = this.body;
    // Requests with files or forms have no text that could identify them.
    if (this.settings.keepsLastGood && (body === null || typeof body === 'string'))
      this.cacheKey = `${op.operation.method} ${op.origin}${this.path}\n${body ?? ''}`;
    return true;
  }

  /** @throws {ParamFault} if fetch cannot send the request. */
  #mustFitFetch(): void {
    const fault = fetchFault(this.op.operation.method, this.body.body);
    if (fault !== undefined) throw new ParamFault(fault);
  }

  #timeUp(now: number): void {
    if (this.#working) timeUp(this, this.#chain, this.op.place, this.settings.totalTimeoutMs ?? 0, now, phaseOf(this));
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.op.stats.inFlight--;
    this.disarm();
    this.unfollow();
    this.op.client.life.ended(this);
    return true;
  }

  #ended(now: number, error: unknown): void {
    this.op.stats.took(now - this.#startedAt);
    if (this.trace === undefined) return;
    const { source, status, attempts } = this;
    this.trace.ended({ source, status, attempts, error, cancelled: false });
  }
}
