import type { Clock } from '../clock.js';
import { POLICY_DEFAULTS } from '../config/defaults.js';
import { retryLayer } from '../config/options/retry.js';
import { type Draft, fill } from '../config/options/rows.js';
import { checkTimeouts, TIME_LIMITS } from '../config/timeouts.js';
import { flag } from '../errors/checks.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { givenClock, givenFunction, givenName, givenObject, refuseUnreadable } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { type CompiledStep, compileFallback, type Fallback } from '../policies/fallback/fallback.js';

/** Options of retries. Set them only for a function that is safe to repeat: fuseline cannot know whether it is idempotent. */
export interface ProtectRetry {
  /** Largest number of runs, including the first. Default 3. */
  readonly maxAttempts?: number;
  /** Delay before the first retry, in milliseconds. Default 100. */
  readonly baseDelayMs?: number;
  /** Longest delay that the backoff computes, in milliseconds. Default 5,000. */
  readonly maxDelayMs?: number;
  /** Factor by which the delay grows with each retry. Default 2. */
  readonly exponentialBase?: number;
  /** Whether each delay is a random value between 0 and the computed delay. Default true. */
  readonly jitter?: boolean;
  /**
   * Whether a retry that meets the open circuit waits for its next probe, but not longer than `maxDelayMs`. If other calls probe the circuit then, the
   * retry waits for a place among them, or until the circuit closes, again not longer than `maxDelayMs`. A first run never waits. Default `false`:
   * the call ends immediately with the error of its last run.
   */
  readonly waitForProbe?: boolean;
  /** If an error's `retryAfterMs` exceeds this value, the call ends immediately, in milliseconds. Default 60,000. */
  readonly maxRetryAfterMs?: number;
  /**
   * Returns true if the function should run again after `error`. `attempts` is the number of runs so far. Default: true for errors that count as
   * failures. If the predicate throws or returns a promise, the function does not run again. The predicate is not called for an open
   * circuit; see `waitForProbe`.
   */
  readonly when?: (error: unknown, attempts: number) => boolean;
}

/** Options of `protect`. */
export interface ProtectOptions<T = unknown, A extends readonly unknown[] = readonly unknown[]> {
  /** The circuit that protects the function. Several functions can share one. */
  readonly breaker: CircuitBreaker;
  /** Limit of one run, in milliseconds, more than 0. `null` or `Infinity` means no limit. Default: no limit. */
  readonly timeoutMs?: number | null;
  /** Limit of the whole call with all runs and waits, in milliseconds, more than 0. `null` or `Infinity` means no limit. Default: no limit. */
  readonly totalTimeoutMs?: number | null;
  /** Whether a failed function runs again. `true` uses the defaults of `ProtectRetry`. Default `false`. */
  readonly retry?: boolean | ProtectRetry;
  /**
   * Supplies the result if the circuit is open, the call times out, or an error counts as a failure. `false` means no fallback: the call rejects with
   * the error. `null` is a result. To return `false` as the result, use `value(false)`. Default `false`.
   */
  readonly fallback?: Fallback<T, A> | false;
  /**
   * `true`: `error.stack` of an error of fuseline names the line of your code that made the call. Default: true if `FUSELINE_ENV`, else `NODE_ENV`, is
   * `development` or `dev`.
   */
  readonly captureStack?: boolean;
  /** Name of the function in events and errors. Default: the function's own name in events, and no name in errors. */
  readonly name?: string;
  /** Default: the clock of the circuit. Both clocks must report the same time. */
  readonly clock?: Clock;
  /** Source of jitter, returns a number from 0 to 1. For tests. Default `Math.random`. */
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
  captureStack: 1,
  name: 1,
  clock: 1,
  random: 1,
  isFailure: 1,
});

/** The checked limits and retries, with defaults filled in. Undefined means off. */
export interface CheckedOptions {
  readonly timeoutMs: number | undefined;
  readonly totalTimeoutMs: number | undefined;
  readonly retry: typeof POLICY_DEFAULTS | undefined;
  readonly fallback: readonly CompiledStep[];
}

/** Checks the options of `protect`. `place` is the prefix of option names in messages. @throws {ConfigurationError} naming the invalid option. */
export function checkProtectOptions(fn: unknown, options: ProtectOptions<never, never>, place = ''): CheckedOptions {
  givenFunction('fn', fn);
  refuseUnknown('protect', givenObject('options', options), NAMES, place);
  refuseUnreadable(options, place);
  const { breaker, retry, name, clock, isFailure, random } = options;
  if (typeof breaker?.enter !== 'function')
    throw new ConfigurationError(`${place}breaker`, breaker, 'a CircuitBreaker', "`getCircuitBreaker('name', thresholds)` makes one.");
  if (clock !== undefined) givenClock(`${place}clock`, clock);
  if (name !== undefined) givenName(`${place}name`, name);
  if (isFailure !== undefined) givenFunction(`${place}isFailure`, isFailure);
  if (random !== undefined) givenFunction(`${place}random`, random);
  if (options.captureStack !== undefined) flag(`${place}captureStack`, options.captureStack);
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
