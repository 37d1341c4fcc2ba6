import { afterEach, describe, expect, test } from 'vitest';
import { retryHint } from '../../../../runtime/policies/retry/retry-hint.js';

/** Thu, 01 Jan 2026 12:00:00 GMT */
const NOW = Date.UTC(2026, 0, 1, 12);
const DATE = 'Thu, 01 Jan 2026 12:00:00 GMT';

type Headers = Record<string, string | string[]>;
const waitOf = (headers: Headers, wallNow = NOW): number | undefined => retryHint(headers, wallNow).waitMs;

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe('A32 Retry-After', () => {
  test.each<[string, number | undefined]>([
    ['0', 0],
    ['5', 5_000],
    [' 5 ', 5_000],
    ['1.5', 1_500],
    ['0.001', 1],
    ['9999999999', 9_999_999_999_000],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['9'.repeat(16), Number.MAX_SAFE_INTEGER],
    ['1e400', undefined],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu Jan  1 12:00:30 2026', 30_000],
    ['Mon, 01 Jan 2035 12:00:00 GMT', 283_996_800_000],
    ['Thu, 01 Jan 2026 11:59:30 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
    ['-5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['5s', undefined],
    ['soon', undefined],
    ['Soon 5', undefined],
    ['Later 2099', undefined],
    ['2026-01-01T12:00:30Z', undefined],
    ['Thu, 99 Foo 2026 12:00:30 GMT', undefined],
    ['5, 10', undefined],
    ['1.25', 1_250],
    ['1.', undefined],
    ['at Thu, 01 Jan 2026 12:00:30 GMT', undefined],
    ['Thu, 01 Jan 2026 14:00:30 +0200', 30_000],
  ])('%j', (text, expected) => {
    expect(waitOf({ 'retry-after': text })).toBe(expected);
  });

  test('a date is measured by the Date of the same answer, so that a wrong clock here does no harm', () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT', date: DATE };
    expect(waitOf(headers, NOW + 3_600_000)).toBe(30_000);
    expect(waitOf(headers, NOW - 3_600_000)).toBe(30_000);
    expect(waitOf({ ...headers, date: 'garbage' })).toBe(30_000);
  });

  test('a date without a zone is GMT, whatever the zone here', () => {
    process.env['TZ'] = 'America/New_York';
    expect(waitOf({ 'retry-after': 'Thu Jan  1 12:00:30 2026' })).toBe(30_000);
  });

  test('spaces around a date do not matter', () => {
    expect(waitOf({ 'retry-after': '  Thu Jan  1 12:00:30 2026 ', date: ' Thu Jan  1 12:00:10 2026  ' })).toBe(20_000);
  });

  test('the first of several', () => {
    expect(waitOf({ 'retry-after': ['5', '10'] })).toBe(5_000);
  });
});

describe('other headers', () => {
  test('retry-after-ms wins, unless it is unreadable', () => {
    expect(waitOf({ 'retry-after-ms': '250', 'retry-after': '5' })).toBe(250);
    expect(waitOf({ 'retry-after-ms': '0', 'retry-after': '5' })).toBe(0);
    expect(waitOf({ 'retry-after-ms': 'Infinity', 'retry-after': '5' })).toBe(5_000);
    expect(waitOf({ 'retry-after-ms': '-1' })).toBeUndefined();
    expect(waitOf({ 'retry-after-ms': ' 250 ' })).toBe(250);
    expect(waitOf({ 'retry-after-ms': '1500.125' }), 'whole, rounded up').toBe(1_501);
    expect(waitOf({ 'retry-after-ms': '250ms' })).toBeUndefined();
    expect(waitOf({ 'retry-after-ms': '9'.repeat(400) })).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('Retry-After wins over rate-limit headers, even where it is past', () => {
    const limit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-interval-milliseconds': '10000' };
    expect(waitOf({ ...limit, 'retry-after': '2' })).toBe(2_000);
    expect(waitOf({ ...limit, 'retry-after': 'Thu, 01 Jan 2026 11:00:00 GMT' })).toBe(0);
    expect(waitOf({ ...limit, 'retry-after': 'garbage' })).toBe(10_000);
  });

  test('X-RateLimit-Reset in epoch seconds, once nothing remains', () => {
    const reset = { 'x-ratelimit-reset': String(NOW / 1000 + 20) };
    expect(waitOf({ ...reset, 'x-ratelimit-remaining': '0' })).toBe(20_000);
    expect(waitOf({ ...reset, 'x-ratelimit-remaining': '3' })).toBeUndefined();
    expect(waitOf(reset)).toBeUndefined();
    expect(waitOf({ 'x-ratelimit-reset': '1', 'x-ratelimit-remaining': '0' })).toBe(0);
    expect(waitOf({ ...reset, 'x-ratelimit-remaining': '0', date: DATE }, NOW - 3_600_000), 'by the Date of the answer').toBe(20_000);
  });

  test('the interval, once nothing remains', () => {
    expect(waitOf({ 'x-ratelimit-remaining': '0', 'x-ratelimit-interval-milliseconds': '10000' })).toBe(10_000);
    expect(waitOf({ 'x-ratelimit-remaining': '1', 'x-ratelimit-interval-milliseconds': '10000' })).toBeUndefined();
    expect(waitOf({ 'x-ratelimit-remaining': '0' })).toBeUndefined();
  });

  test('a daily budget that is used up is said so', () => {
    expect(retryHint({ 'x-ratelimit-daily-remaining': '0' }, NOW)).toEqual({ waitMs: undefined, dailyLimit: true });
    expect(retryHint({ 'x-ratelimit-daily-remaining': '1' }, NOW).dailyLimit).toBe(false);
    expect(retryHint({ 'x-ratelimit-daily-remaining': '' }, NOW).dailyLimit).toBe(false);
    expect(retryHint({}, NOW)).toEqual({ waitMs: undefined, dailyLimit: false });
  });
});
