import { headerText } from '../../errors/http-error.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a throttled or unavailable server asked for. */
export interface RetryHint {
  /** Milliseconds to wait; undefined where the answer says nothing usable. */
  readonly waitMs: number | undefined;
  /** The budget of the day is used up: no wait within a call can help. */
  readonly dailyLimit: boolean;
}

/**
 * Reads how long to wait from an answer's headers. In order: `retry-after-ms`; `Retry-After` in seconds (decimals allowed) or as a date;
 * once `X-RateLimit-Remaining` is 0, `X-RateLimit-Reset` in epoch seconds (SendGrid) or `X-RateLimit-Interval-Milliseconds`
 * (GoHighLevel). Times are measured against the answer's own `Date`, so that a wrong clock here does no harm. A daily budget of
 * GoHighLevel's that is used up is reported as such. RFC 9110 section 10.2.3 defines Retry-After.
 */
export function retryHint(headers: Headers, wallNow: number): RetryHint {
  const dailyLimit = numericHeader(headers, 'x-ratelimit-daily-remaining') === 0;
  const serverNow = serverTime(headers, wallNow);
  return { waitMs: explicitWait(headers, serverNow) ?? rateLimitWait(headers, serverNow), dailyLimit };
}

function explicitWait(headers: Headers, serverNow: number): number | undefined {
  const exact = numericHeader(headers, 'retry-after-ms');
  if (exact !== undefined) return exact;
  const seconds = numericHeader(headers, 'retry-after');
  if (seconds !== undefined) return seconds * 1000;
  const date = parseDate(headerText(headers, 'retry-after'));
  return date === undefined ? undefined : Math.max(0, date - serverNow);
}

function rateLimitWait(headers: Headers, serverNow: number): number | undefined {
  if (numericHeader(headers, 'x-ratelimit-remaining') !== 0) return undefined;
  const reset = numericHeader(headers, 'x-ratelimit-reset');
  if (reset !== undefined) return Math.max(0, reset * 1000 - serverNow);
  return numericHeader(headers, 'x-ratelimit-interval-milliseconds');
}

/** A header that is a number, decimals allowed. */
export function numericHeader(headers: Headers, name: string): number | undefined {
  const text = headerText(headers, name)?.trim();
  // Stryker disable next-line ConditionalExpression: for the types alone; 'undefined' is no number.
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * HTTP dates begin with a weekday; anything else that Date.parse would guess at is not one. The oldest of the three formats ends in its year
 * and names no zone (RFC 9110 section 5.6.7): it is GMT, too.
 */
function parseDate(text: string | undefined): number | undefined {
  const date = text?.trim() ?? '';
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(date)) return undefined;
  const value = Date.parse(/ \d{4}$/.test(date) ? `${date} GMT` : date);
  return Number.isNaN(value) ? undefined : value;
}

/** The server's own time as its answer tells it, else ours. */
export function serverTime(headers: Headers, wallNow: number): number {
  return parseDate(headerText(headers, 'date')) ?? wallNow;
}
