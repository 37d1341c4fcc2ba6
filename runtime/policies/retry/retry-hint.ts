import { wholeMs } from '../../clock.js';
import { headerText } from '../../errors/http-error.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The largest number that a header means. RFC 9111, section 1.2.2 (delta-seconds): a number that is too large to represent means the largest that can be.
 */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** The wait that a server asked for. */
export interface RetryHint {
  /** Milliseconds to wait, rounded up; undefined if the response contains no usable value. */
  readonly waitMs: number | undefined;
  /** The daily limit is used up, so no wait within a call can help. */
  readonly dailyLimit: boolean;
}

/**
 * Reads from the headers of a response how long to wait. The first of these applies:
 *
 * 1. `retry-after-ms`,
 * 2. `Retry-After` in seconds (decimals allowed) or as a date (RFC 9110, section 10.2.3),
 * 3. if `X-RateLimit-Remaining` is 0: `X-RateLimit-Reset` in epoch seconds (SendGrid), or `X-RateLimit-Interval-Milliseconds` (GoHighLevel).
 *
 * Dates are compared with the `Date` of the response, so that a wrong local clock has no effect. `dailyLimit` is true if GoHighLevel's
 * `X-RateLimit-Daily-Remaining` is 0.
 */
export function retryHint(headers: Headers, wallNow: number): RetryHint {
  const dailyLimit = numericHeader(headers, 'x-ratelimit-daily-remaining') === 0;
  const serverNow = serverTime(headers, wallNow);
  const waitMs = explicitWait(headers, serverNow) ?? rateLimitWait(headers, serverNow);
  return { waitMs: waitMs === undefined ? undefined : Math.min(wholeMs(waitMs), LARGEST), dailyLimit };
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

/** Returns the value of a numeric header, decimals allowed, at most `LARGEST`; undefined if it is missing or not a number. */
export function numericHeader(headers: Headers, name: string): number | undefined {
  const text = headerText(headers, name)?.trim();
  // Stryker disable next-line ConditionalExpression: for the types alone; 'undefined' is no number.
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? Math.min(Number(text), LARGEST) : undefined;
}

/**
 * Parses an HTTP date (RFC 9110, section 5.6.7). All three formats start with a weekday; `Date.parse` would accept other texts, too. The asctime
 * format ends with the year and names no zone; it is in GMT.
 */
function parseDate(text: string | undefined): number | undefined {
  // Stryker disable next-line StringLiteral: any text that does not start with a weekday is no date.
  const date = text?.trim() ?? '';
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(date)) return undefined;
  const value = Date.parse(/ \d{4}$/.test(date) ? `${date} GMT` : date);
  return Number.isNaN(value) ? undefined : value;
}

/** Returns the server's time from the `Date` header, otherwise the local time. */
export function serverTime(headers: Headers, wallNow: number): number {
  return parseDate(headerText(headers, 'date')) ?? wallNow;
}
