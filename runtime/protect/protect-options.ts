import type { Clock } from '../clock.js';
import { POLICY_DEFAULTS } from '../config/defaults.js';
import { retryLayer } from '../config/options/retry.js';
import { type Draft, fill } from '../config/options/rows.js';
import { checkTimeouts, TIME_LIMITS } from '../config/timeouts.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { givenClock, givenFunction, givenName, givenObject } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { type CompiledStep, compileFallback, type Fallback } from '../policies/fallback/fallback.js';

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
   * Which errors are worth another run; `attempts` were made. Default: those that count as failures. If it throws or returns a promise, the
   * function is not run again. It is not asked about an open circuit: that is waited for where the total deadline allows it.
   */
  readonly when?: (error: unknown, attempts: number) => boolean;
}

/** How a function is protected. */
export interface ProtectOptions<T = unknown, A extends readonly unknown[] = readonly unknown[]> {
  readonly breaker: CircuitBreaker;
  /** Limit of one run, in milliseconds, more than 0. `null` or `Infinity`: no limit, the default. */
  readonly timeoutMs?: number | null;
  /** Limit of the whole call with its runs and waits, in milliseconds, more than 0. `null` or `Infinity`: no limit, the default. */
  readonly totalTimeoutMs?: number | null;
  /** Runs the function again if it fails. `true`: with the defaults. `false`: never, the default. */
  readonly retry?: boolean | ProtectRetry;
  /**
   * What answers if the circuit is open, the time is up, or an error counts as a failure. `false`: no fallback, the default: the error comes
   * through. `null` is an answer; to answer false, give `value(false)`.
   */
  readonly fallback?: Fallback<T, A> | false;
  /** What the work is called in events and errors. Default: nothing in errors, the function's own name in events. */
  readonly name?: string;
  /** Default: the circuit's; both must tell the same time. */
  readonly clock?: Clock;
  /** Source of jitter, 0 to 1. For tests. */
  readonly random?: () => number;
  /**
   * Which errors count against the circuit. Default: all. If it throws or returns a promise, the error counts. It is not asked about the refusal
   * of another circuit, a bulkhead or a rate limiter inside the function: that counts as nothing, for no one was asked.
   */
  readonly isFailure?: (error: unknown) => boolean;
}

export const NAMES = namesOf<ProtectOptions>({
  breaker: 1,
  timeoutMs: 1,
  totalTimeoutMs: 1,
  retry: 1,
  fallback: 1,
  name: 1,
  clock: 1,
  random: 1,
  isFailure: 1,
});

/** The options that need more than a look: limits and retries with what is not given filled in; undefined is off. */
export interface CheckedOptions {
  readonly timeoutMs: number | undefined;
  readonly totalTimeoutMs: number | undefined;
  readonly retry: typeof POLICY_DEFAULTS | undefined;
  readonly fallback: readonly CompiledStep[];
}

/** `place` stands before each option in messages. @throws {ConfigurationError} naming the option that cannot work. */
export function checkProtectOptions(fn: unknown, options: ProtectOptions<never, never>, place = ''): CheckedOptions {
  givenFunction('fn', fn);
  refuseUnknown('protect', givenObject('options', options), NAMES, place);
  const { breaker, retry, name, clock, isFailure, random } = options;
  if (typeof breaker?.enter !== 'function')
    throw new ConfigurationError(`${place}breaker`, breaker, 'a CircuitBreaker', "`getCircuitBreaker('name', thresholds)` makes one.");
  if (clock !== undefined) givenClock(`${place}clock`, clock);
  if (name !== undefined) givenName(`${place}name`, name);
  if (isFailure !== undefined) givenFunction(`${place}isFailure`, isFailure);
  if (random !== undefined) givenFunction(`${place}random`, random);
  const settings: Draft = retry === undefined ? {} : { ...retryLayer(retry, 'functions', place) };
  if (typeof retry === 'object' && retry.when !== undefined) givenFunction(`${place}retry.when`, retry.when);
  fill(settings, place, options, TIME_LIMITS);
  checkTimeouts(settings, undefined, place);
  const fallback = compileFallback(options.fallback);
  if (fallback.some((step) => step.kind === 'lastGood'))
    throw new ConfigurationError(
      `${place}fallback`,
      'lastGood()',
      'a value or a function',
      'Only generated clients keep last good responses.',
    );
  return {
    timeoutMs: settings.timeoutMs ?? undefined,
    totalTimeoutMs: settings.totalTimeoutMs ?? undefined,
    retry: settings.retryEnabled === true ? ({ ...POLICY_DEFAULTS, ...settings } as typeof POLICY_DEFAULTS) : undefined,
    fallback,
  };
}
