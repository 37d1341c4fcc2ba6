import { type CircuitBreaker, REFUSED } from '../breaker/breaker.js';
import { DEFAULT_LEASE_MS } from '../breaker/options.js';
import { type Clock, systemClock } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { DeadlineNode, startDeadline } from '../policies/deadline.js';
import { AbortFollower, follow } from './abort-hub.js';

/** How a function is protected. */
export interface ProtectOptions {
  readonly breaker: CircuitBreaker;
  /** Limit of one run, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Which errors count against the circuit. Default: all. What it throws is dropped, and the error counts. */
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
  const { timeoutMs } = options;
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new ConfigurationError('timeoutMs', timeoutMs, 'milliseconds, more than 0');
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
    this.#clock = options.clock ?? systemClock;
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    return this.#aborter.signal;
  }

  start(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) {
      this.reject(signal.reason);
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
    if (typeof returned === 'object' && returned !== null && 'then' in returned) {
      returned.then(
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
    this.#aborter?.abort(error);
    this.reject(error);
  }

  #succeeded(value: T): void {
    if (this.#done) return;
    this.#settle('success', false);
    this.resolve(value);
  }

  #failed(error: unknown): void {
    if (this.#done) return;
    this.#settle(this.#counts(error) ? 'failure' : 'ignored', false);
    this.reject(error);
  }

  #callerAborted(reason: unknown): void {
    if (this.#done) return;
    this.#settle('released', false);
    this.#aborter?.abort(reason);
    this.reject(reason);
  }

  #counts(error: unknown): boolean {
    try {
      return this.options.isFailure?.(error) ?? true;
    } catch {
      return true;
    }
  }

  #settle(outcome: 'success' | 'failure' | 'ignored' | 'released', timedOut: boolean): void {
    this.#done = true;
    this.disarm();
    this.#follower?.unfollow();
    const now = this.#clock.now();
    this.options.breaker.exit(this.#permit, outcome, now, now - this.#startedAt, timedOut);
  }
}

class RunFollower extends AbortFollower {
  constructor(readonly onAbort: (reason: unknown) => void) {
    super();
  }

  override onCallerAbort(reason: unknown): void {
    this.onAbort(reason);
  }
}
