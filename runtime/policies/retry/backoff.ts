/** The settings of a backoff. Durations are in milliseconds. */
export interface Backoff {
  /** Delay before the first retry. */
  readonly baseDelayMs: number;
  /** Longest computed delay. */
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  /** Whether each delay is a random value between 0 and the computed delay. */
  readonly jitter: boolean;
}

/** Smallest base delay after a 429, in milliseconds. A throttling server needs more time than a transient error does. */
const THROTTLED_BASE_MS = 1_000;

/**
 * Returns the delay before the next attempt, in milliseconds: `base * exponentialBase ^ (attempts - 1)`, at most `maxDelayMs`. `attempts` is the
 * number of attempts so far. With jitter, the delay is a uniform random value between 0 and that (full jitter), so that clients that failed together
 * do not retry together.
 */
export function backoffMs(policy: Backoff, attempts: number, throttled: boolean, random: () => number): number {
  const base = throttled ? Math.max(policy.baseDelayMs, THROTTLED_BASE_MS) : policy.baseDelayMs;
  // Kept finite: 0 times Infinity would be NaN.
  const growth = Math.min(policy.exponentialBase ** (attempts - 1), Number.MAX_VALUE);
  const delay = Math.min(base * growth, Math.max(policy.maxDelayMs, 0));
  return policy.jitter ? delay * random() : delay;
}
