import { numericHeader, retryHint, serverTime } from '../retry/retry-hint.js';
import type { RateHints } from './token-bucket.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A reset of at least this value is a date in epoch seconds (SendGrid); a smaller one is seconds from now. */
const EPOCH_SECONDS = 100_000_000;

/** Whether an answer has a header that `rateHints` begins with. Most have none, and reading them costs more than this. */
export function saysOfRate(headers: Headers): boolean {
  return (
    headers['x-ratelimit-remaining'] !== undefined ||
    headers['ratelimit-remaining'] !== undefined ||
    headers['x-ratelimit-daily-remaining'] !== undefined
  );
}

/**
 * Reads the state of the server's rate limit from a response: `X-RateLimit-Remaining` with `-Reset` (SendGrid) or `-Interval-Milliseconds`
 * (GoHighLevel), GoHighLevel's `X-RateLimit-Daily-Remaining`, the unprefixed `RateLimit-Remaining` and `-Reset`, and the wait that a 429 asks for.
 * Returns undefined if the response has none of them.
 */
export function rateHints(status: number, headers: Headers, wallNow: number): RateHints | undefined {
  const remaining = numericHeader(headers, 'x-ratelimit-remaining') ?? numericHeader(headers, 'ratelimit-remaining');
  const dailyRemaining = numericHeader(headers, 'x-ratelimit-daily-remaining');
  const pauseMs = status === 429 ? retryHint(headers, wallNow).waitMs : undefined;
  if (remaining === undefined && dailyRemaining === undefined && pauseMs === undefined) return undefined;
  const reset = numericHeader(headers, 'x-ratelimit-reset') ?? numericHeader(headers, 'ratelimit-reset');
  const intervalMs = numericHeader(headers, 'x-ratelimit-interval-milliseconds');
  return { remaining, dailyRemaining, pauseMs, intervalMs, resetMs: reset === undefined ? undefined : untilReset(reset, headers, wallNow) };
}

/** Computed from the `Date` of the response, as for `Retry-After`, so that a wrong local clock has no effect. */
function untilReset(reset: number, headers: Headers, wallNow: number): number {
  if (reset < EPOCH_SECONDS) return reset * 1000;
  return Math.max(0, reset * 1000 - serverTime(headers, wallNow));
}
