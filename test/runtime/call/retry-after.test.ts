import type { ClientOptions, FuselineEvent } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const date = (offsetSeconds: number): string => new Date(NOW + offsetSeconds * 1000).toUTCString();

/** One failing answer with these headers, then a good one: how long the retry waited, or undefined where there was none. */
async function waitAfter(status: number, headers: Record<string, string>, options: ClientOptions = {}): Promise<number | undefined> {
  const clock = new FakeClock(NOW);
  const events: FuselineEvent[] = [];
  const dispatcher = new InMemory(answers(status, {}, { 'content-type': 'application/json', ...headers }), answers(200));
  const acme = testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    dispatcher,
    random: () => 0,
    totalTimeoutMs: 120_000,
    timeoutMs: 1_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const started = clock.now();
  const result = acme.call(getThing, { id: 1 }).result();
  const before = dispatcher.requests.length;
  await clock.advance(0);
  await clock.advance(200_000);
  const scheduled = events.find((event) => event.type === 'retry_scheduled');
  expect((await result).ok).toBe(scheduled !== undefined);
  expect([before, dispatcher.requests.length]).toEqual([1, scheduled === undefined ? 1 : 2]);
  expect(clock.now() - started).toBe(200_000);
  return scheduled?.type === 'retry_scheduled' ? scheduled.delayMs : undefined;
}

test.each([
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['decimals', { 'retry-after': '1.5' }, 1_500],
  ['zero', { 'retry-after': '0' }, 0],
  ['spaces around', { 'retry-after': ' 3 ' }, 3_000],
  ['a date against the answer`s own Date, whatever the clock here says', { 'retry-after': date(-3_590), date: date(-3_600) }, 10_000],
  ['a date without Date', { 'retry-after': date(20) }, 20_000],
  ['a past date: at once', { 'retry-after': date(-60), date: date(0) }, 0],
  ['retry-after-ms', { 'retry-after-ms': '2500' }, 2_500],
  ['retry-after-ms before Retry-After', { 'retry-after-ms': '2500', 'retry-after': '7' }, 2_500],
  [
    'X-RateLimit-Reset of SendGrid, once nothing remains',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 12) },
    12_000,
  ],
  [
    'the interval of GoHighLevel, once nothing remains',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-interval-milliseconds': '10000' },
    10_000,
  ],
  ['exactly the cap', { 'retry-after': '60' }, 60_000],
] as const)('Retry-After as %s', async (_, headers, wait) => {
  for (const status of [408, 425, 429, 500, 502, 503, 504]) expect([status, await waitAfter(status, headers)]).toEqual([status, wait]);
});

test.each([
  ['a word', { 'retry-after': 'soon' }],
  ['Infinity', { 'retry-after': 'Infinity' }],
  ['NaN', { 'retry-after': 'NaN' }],
  ['a negative number', { 'retry-after': '-5' }],
  ['hexadecimal', { 'retry-after': '0x10' }],
  ['an exponent', { 'retry-after': '1e3' }],
  ['nothing', { 'retry-after': '' }],
  ['a date of another kind', { 'retry-after': '2026-06-15' }],
  ['a reset while requests remain', { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': String(NOW / 1000 + 12) }],
] as const)('A32 a hint that is none leaves the wait to backoff: %s', async (_, headers) => {
  expect(await waitAfter(503, headers)).toBe(0);
});

test.each([
  ['more than the cap', { 'retry-after': '61' }, {}],
  ['9999999999', { 'retry-after': '9999999999' }, {}],
  ['a date in 2035', { 'retry-after': 'Mon, 01 Jan 2035 00:00:00 GMT' }, {}],
  ['more digits than a number holds', { 'retry-after': '9'.repeat(400) }, {}],
  ['more than a cap of one`s own', { 'retry-after': '3' }, { retry: { maxRetryAfterMs: 2_999 } }],
  ['more than the deadline leaves', { 'retry-after': '30' }, { totalTimeoutMs: 30_000 }],
  [
    'longer than timers hold, with no deadline and no cap',
    { 'retry-after': '2147484' },
    { totalTimeoutMs: null, retry: { maxRetryAfterMs: 1e12 } },
  ],
] as const)('A32 a hint that is too long ends the call at once: %s', async (_, headers, options) => {
  expect(await waitAfter(429, headers, options)).toBeUndefined();
});

test('A32 a backoff longer than timers hold is not one of a millisecond', async () => {
  const wait = await waitAfter(500, {}, { totalTimeoutMs: null, random: () => 1, retry: { baseDelayMs: 3e9, maxDelayMs: 3e9 } });
  expect(wait).toBeUndefined();
});

test('the error says how long to wait', async () => {
  const dispatcher = new InMemory(answers(429, {}, { 'retry-after': '3600' }));
  const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher });
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 429, retryAfterMs: 3_600_000 });
});

test('a daily limit that is used up is never retried', async () => {
  expect(await waitAfter(429, { 'x-ratelimit-daily-remaining': '0', 'retry-after': '1' })).toBeUndefined();
  expect(await waitAfter(429, { 'x-ratelimit-daily-remaining': '10', 'retry-after': '1' })).toBe(1_000);
});

test('a status that is retried by the caller`s own list is waited for, too; one that is not is not retried', async () => {
  expect(await waitAfter(409, { 'retry-after': '7' }, { retry: { statuses: [409] } })).toBe(7_000);
  expect(await waitAfter(409, { 'retry-after': '7' })).toBeUndefined();
});

test('a wait of more digits than a number holds is told as a number that can be counted with', async () => {
  const dispatcher = new InMemory(answers(429, {}, { 'retry-after': '9'.repeat(400) }));
  const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher });
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ retryAfterMs: Number.MAX_SAFE_INTEGER });
});

test('waits are at least the hint, with a little jitter on top, and throttled ones begin at a second', async () => {
  expect(await waitAfter(429, { 'retry-after': '7' }, { random: () => 1 })).toBe(7_250);
  expect(await waitAfter(503, { 'retry-after': '1' }, { random: () => 1 })).toBe(1_100);
  expect(await waitAfter(429, {}, { random: () => 1 })).toBe(1_000);
  expect(await waitAfter(500, {}, { random: () => 1 })).toBe(100);
});

test('without jitter the wait is the hint', async () => {
  expect(await waitAfter(429, { 'retry-after': '7' }, { random: () => 1, retry: { jitter: false } })).toBe(7_000);
});

test('waits grow and end at the maximum, jitter draws from all of it', async () => {
  const clock = new FakeClock();
  const delays: number[] = [];
  const acme = testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    dispatcher: new InMemory(answers(500)),
    totalTimeoutMs: 120_000,
    breaker: { enabled: false },
    retry: { maxAttempts: 6, baseDelayMs: 100, exponentialBase: 3, maxDelayMs: 1_000, jitter: false },
    onEvent: (event) => event.type === 'retry_scheduled' && delays.push(event.delayMs),
  });
  const failed = errorOf(acme.call(getThing, { id: 1 }));
  await clock.advance(100_000);
  await failed;
  expect(delays).toEqual([100, 300, 900, 1_000, 1_000]);
});
