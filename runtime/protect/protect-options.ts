import type { Clock } from '../clock.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject } from '../errors/given.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import type { Fallback } from '../policies/fallback/fallback.js';

/** How a function is run again. Say it only of a function that may be repeated: nobody but you knows whether it is idempotent. */
export interface ProtectRetry {
  /** Runs, the first included. Default 3. */
  readonly maxAttempts?: number;
  /** First wait, in milliseconds. Default 100. */
  readonly baseDelayMs?: number;
  /** Longest wait that backoff chooses, in milliseconds. Default 5,000. */
  readonly maxDelayMs?: number;
  /** Default 2. */
  readonly exponentialBase?: number;
  /** Draw each wait from 0 to the computed delay. Default true. */
  readonly jitter?: boolean;
  /** An error's own `retryAfterMs` above this ends the call at once, in milliseconds. Default 60,000. */
  readonly maxRetryAfterMs?: number;
  /**
   * Which errors are worth another run; `attempts` were made. Default: those that count as failures. What it throws is dropped, and the
   * function is not run again. It is not asked about an open circuit: that is waited for where the total deadline allows it.
   */
  readonly when?: (error: unknown, attempts: number) => boolean;
}

/** How a function is protected. */
export interface ProtectOptions<T = unknown, A extends readonly unknown[] = readonly unknown[]> {
  readonly breaker: CircuitBreaker;
  /** Limit of one run, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** Limit of the whole call with its runs and waits, in milliseconds. Default: none. */
  readonly totalTimeoutMs?: number;
  /** Run it again where it fails. Default: never. `true` means the defaults. */
  readonly retry?: boolean | ProtectRetry;
  /** What answers instead: when the circuit is open, the time is up, or an error counts as a failure. Default: the error comes through. */
  readonly fallback?: Fallback<T, A>;
  /** What the work is called in events and errors. Default: nothing in errors, the function's own name in events. */
  readonly name?: string;
  /** Default: the circuit's; both must tell the same time. */
  readonly clock?: Clock;
  /** Source of jitter, 0 to 1. For tests. */
  readonly random?: () => number;
  /**
   * Which errors count against the circuit. Default: all. What it throws is dropped, and the error counts. It is not asked about the refusal
   * of another circuit, a bulkhead or a rate limiter inside the function: that counts as nothing, for no one was asked.
   */
  readonly isFailure?: (error: unknown) => boolean;
}

const RETRY_NUMBERS = [
  ['maxAttempts', 1, 'a whole number, 1 or more'],
  ['baseDelayMs', 0, 'milliseconds, 0 or more'],
  ['maxDelayMs', 0, 'milliseconds, 0 or more'],
  ['maxRetryAfterMs', 0, 'milliseconds, 0 or more'],
  ['exponentialBase', 1, 'a number, 1 or more'],
] as const;

/** @throws {ConfigurationError} naming the option that cannot work. */
export function checkProtectOptions(fn: unknown, options: ProtectOptions<never, never>): void {
  givenFunction('fn', fn);
  const { breaker, timeoutMs, totalTimeoutMs, retry, fallback, name, clock } = givenObject('options', options);
  if (typeof breaker?.enter !== 'function') throw new ConfigurationError('breaker', breaker, 'a CircuitBreaker');
  checkTime('timeoutMs', timeoutMs);
  checkTime('totalTimeoutMs', totalTimeoutMs);
  if (timeoutMs !== undefined && totalTimeoutMs !== undefined && timeoutMs > totalTimeoutMs)
    throw new ConfigurationError('timeoutMs', timeoutMs, `at most totalTimeoutMs, which is ${totalTimeoutMs}`);
  if (clock !== undefined) givenClock('clock', clock);
  for (const key of ['isFailure', 'random'] as const) checkFunction(key, options[key]);
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw new ConfigurationError('name', name, 'a name');
  if (fallback === null) throw new ConfigurationError('fallback', fallback, 'a value, a function or a chain', 'For null, say value(null).');
  if (retry === undefined || typeof retry === 'boolean') return;
  givenObject('retry', retry, 'true, false or an object');
  for (const [key, least, expected] of RETRY_NUMBERS) {
    const given = retry[key];
    const whole = key !== 'maxAttempts' || Number.isSafeInteger(given);
    if (given !== undefined && !(Number.isFinite(given) && given >= least && whole))
      throw new ConfigurationError(`retry.${key}`, given, expected);
  }
  if (retry.jitter !== undefined && typeof retry.jitter !== 'boolean')
    throw new ConfigurationError('retry.jitter', retry.jitter, 'true or false');
  checkFunction('retry.when', retry.when);
}

function checkTime(option: string, given: unknown): void {
  if (given !== undefined && (typeof given !== 'number' || !(given > 0)))
    throw new ConfigurationError(option, given, 'milliseconds, more than 0');
}

function checkFunction(option: string, given: unknown): void {
  if (given !== undefined) givenFunction(option, given);
}
