/** What decides how long to wait. Durations are milliseconds. */
export interface Backoff {
  /** First wait. */
  readonly baseDelayMs: number;
  /** Longest wait that backoff chooses. */
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  /** Draw each wait from 0 to the computed delay. */
  readonly jitter: boolean;
}

/** First wait after a 429, in milliseconds: throttling wants more patience than a glitch (the field's value). */
export const THROTTLED_BASE_MS = 1_000;

/**
 * The wait before the attempt that follows `attempts` made, in milliseconds: `base * exponentialBase ^ (attempts - 1)`, at most
 * `maxDelayMs`; with jitter a uniform draw from 0 to that (full jitter), so that clients that failed together do not come back together.
 */
export function backoffMs(policy: Backoff, attempts: number, throttled: boolean, random: () => number): number {
  const base = throttled ? Math.max(policy.baseDelayMs, THROTTLED_BASE_MS) : policy.baseDelayMs;
  // Not infinite: a base of 0 stays 0 however many attempts were made.
  const growth = Math.min(policy.exponentialBase ** (attempts - 1), Number.MAX_VALUE);
  const delay = Math.min(base * growth, Math.max(policy.maxDelayMs, 0));
  return policy.jitter ? delay * random() : delay;
}
