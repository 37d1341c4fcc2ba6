import { type CircuitBreaker, REFUSED } from '../breaker/breaker.js';
import { DEFAULT_LEASE_MS } from '../breaker/options.js';
import type { Outcome } from '../breaker/state.js';
import type { Clock } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isRefusal } from '../errors/refusal.js';
import { DeadlineNode, startDeadline } from '../policies/deadline.js';
import { AbortFollower, follow } from './abort-hub.js';

/** How a function is protected. */
export interface ProtectOptions {
  readonly breaker: CircuitBreaker;
  /** Limit of one run, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** Default: the circuit's; both must tell the same time. */
  readonly clock?: Clock;
  /**
   * Which errors count against the circuit. Default: all. What it throws is dropped, and the error counts. It is not asked about the refusal
   * of another circuit, a bulkhead or a rate limiter inside the function: that counts as nothing, for no one was asked.
   */
  readonly isFailure?: (error: unknown) => boolean;
}

/** What a protected function is given. */
export interface ProtectContext {
  /** Aborts when the time is up or the caller aborts. Made when first read: a function that does not look at it costs nothing. */
  readonly signal: AbortSignal;
}

/**
 * Protects any function, sync or async, with a circuit and a time limit. The returned function takes a caller's signal.
 *
 * A function that ignores the signal is left behind when its time is up: the caller gets the error, what it does later changes nothing.
 *
 * @throws {ConfigurationError} at once, naming the option that cannot work.
 * @throws {CircuitOpenError} without running the function, while the circuit is open.
 * @throws {TimeoutError} when it takes longer than `timeoutMs`.
 * @example
 * const fetchRates = protect(({ signal }) => rates.load({ signal }), { breaker, timeoutMs: 2_000 });
 * const today = await fetchRates();
 */
export function protect<T>(
  fn: (context: ProtectContext) => T | PromiseLike<T>,
  options: ProtectOptions,
): (signal?: AbortSignal) => Promise<T> {
  const { breaker, timeoutMs, isFailure } = options;
  if (typeof fn !== 'function') throw new ConfigurationError('fn', fn, 'a function');
  if (typeof breaker?.enter !== 'function') throw new ConfigurationError('breaker', breaker, 'a CircuitBreaker');
  if (timeoutMs !== undefined && (typeof timeoutMs !== 'number' || !(timeoutMs > 0)))
    throw new ConfigurationError('timeoutMs', timeoutMs, 'milliseconds, more than 0');
  if (isFailure !== undefined && typeof isFailure !== 'function') throw new ConfigurationError('isFailure', isFailure, 'a function');
  return (signal) =>
    new Promise<T>((resolve, reject) => {
      new Run(fn, options, resolve, reject).start(signal);
    });
}

/** One run: the deadline's list node and the context in one object. */
class Run<T> extends DeadlineNode implements ProtectContext {
  #permit = REFUSED;
  #startedAt = 0;
  #done = false;
  /** Why the work must stop, once it must. */
  #stopped: { readonly reason: unknown } | undefined;
  #aborter: AbortController | undefined;
  #follower: RunFollower | undefined;
  readonly #clock: Clock;

  constructor(
    readonly fn: (context: ProtectContext) => T | PromiseLike<T>,
    readonly options: ProtectOptions,
    readonly resolve: (value: T | PromiseLike<T>) => void,
    readonly reject: (reason: unknown) => void,
  ) {
    super();
    this.#clock = options.clock ?? options.breaker.clock;
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      // Work may look for the first time when its time is long up.
      if (this.#stopped !== undefined) this.#aborter.abort(this.#stopped.reason);
    }
    return this.#aborter.signal;
  }

  start(signal: AbortSignal | undefined): void {
    if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
      this.reject(new ConfigurationError('signal', signal, 'an AbortSignal'));
      return;
    }
    if (isAborted(signal)) {
      this.reject(signal?.reason);
      return;
    }
    const { breaker, timeoutMs } = this.options;
    const now = this.#clock.now();
    this.#startedAt = now;
    this.#permit = breaker.enter(now, timeoutMs ?? DEFAULT_LEASE_MS);
    if (this.#permit === REFUSED) {
      this.reject(breaker.openError(now));
      return;
    }
    // A listener of the circuit's events may have aborted it meanwhile.
    if (isAborted(signal)) {
      this.#callerAborted(signal?.reason);
      return;
    }
    if (timeoutMs !== undefined && timeoutMs !== Number.POSITIVE_INFINITY) startDeadline(this.#clock, this, timeoutMs, now, true);
    if (signal !== undefined) {
      this.#follower = new RunFollower((reason) => this.#callerAborted(reason));
      follow(signal, this.#follower);
    }
    let returned: T | PromiseLike<T>;
    try {
      returned = this.fn(this);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (((typeof returned === 'object' && returned !== null) || typeof returned === 'function') && 'then' in returned) {
      // A foreign thenable may call back twice, or throw from `then` itself: a promise of our own settles once, whatever it does.
      Promise.resolve(returned).then(
        (value) => this.#succeeded(value),
        (error: unknown) => this.#failed(error),
      );
    } else this.#succeeded(returned as T);
  }

  override onDeadline(): void {
    if (this.#done) return;
    const { breaker, timeoutMs = 0 } = this.options;
    const place = { service: breaker.service, operation: undefined };
    const error: FuselineError = withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs, 'waiting'));
    this.#settle('failure', true);
    this.#stop(error);
  }

  #succeeded(value: T): void {
    if (this.#done) return;
    this.#settle('success', false);
    this.resolve(value);
  }

  #failed(error: unknown): void {
    if (this.#done) return;
    this.#settle(this.#outcomeOf(error), false);
    this.reject(error);
  }

  #callerAborted(reason: unknown): void {
    if (this.#done) return;
    this.#settle('released', false);
    this.#stop(reason);
  }

  #stop(reason: unknown): void {
    this.#stopped = { reason };
    this.#aborter?.abort(reason);
    this.reject(reason);
  }

  #outcomeOf(error: unknown): Outcome {
    if (isRefusal(error)) return 'released';
    try {
      return (this.options.isFailure?.(error) ?? true) ? 'failure' : 'ignored';
    } catch {
      return 'failure';
    }
  }

  #settle(outcome: Outcome, timedOut: boolean): void {
    this.#done = true;
    this.disarm();
    this.#follower?.unfollow();
    const now = this.#clock.now();
    this.options.breaker.exit(this.#permit, outcome, now, now - this.#startedAt, timedOut);
  }
}

/** A function, so that the compiler does not take the second reading for the first. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

class RunFollower extends AbortFollower {
  constructor(readonly onAbort: (reason: unknown) => void) {
    super();
  }

  override onCallerAbort(reason: unknown): void {
    this.onAbort(reason);
  }
}
