import { getEventListeners } from 'node:events';
import { CircuitBreaker, type Clock, RateLimitedError } from 'fuseline';
import { RateLimiter, type RateLimiterOptions } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { RateLimiter as Bounded } from '../../../../runtime/policies/rate-limit/rate-limiter.js';
import { errorOf } from '../../../support/client.js';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

const limiter = (options: RateLimiterOptions): RateLimiter => new RateLimiter({ clock, name: 'ghl', ...options });

test('those over the limit wait in line, and go as tokens come back', async () => {
  const two = limiter({ requests: 2, perMs: 100 });
  const at: number[] = [];
  const all = Promise.all(Array.from({ length: 5 }, () => two.call(() => at.push(clock.now()))));
  await clock.advance(50);
  expect(two.stats()).toMatchObject({ queued: 3, granted: 2, waited: 3 });
  expect(two.tryAcquire()).toBe(false);
  await clock.advance(150);
  await all;
  expect(at).toEqual([0, 0, 100, 100, 200]);
  expect(clock.pendingTimers).toBe(0);
});

test('whose turn would come too late is refused at once, and told how long it would be', async () => {
  const one = limiter({ requests: 1, perMs: 1_000, maxWaitMs: 1_000 });
  await one.acquire();
  void one.acquire();
  expect(one.retryAfterMs()).toBe(2_000);
  const error = await errorOf(one.acquire());
  expect(error).toBeInstanceOf(RateLimitedError);
  expect(error).toMatchObject({ kind: 'rate_limited', code: 'ERATELIMITED', limiter: 'ghl', retryAfterMs: 2_000, retryAfter: 2 });
  expect((error as Error).message).toBe(
    "call: rate limit 'ghl' is used up for another 2.0 s, longer than the call may wait; no request was made",
  );
  await expect(one.acquire({ maxWaitMs: 0 })).rejects.toBeInstanceOf(RateLimitedError);
  expect(one.stats().rejected).toBe(2);
});

test('an aborted waiter leaves at once, takes no token, and those behind it move up', async () => {
  const one = limiter({ requests: 1, perMs: 100 });
  await one.acquire();
  const aborter = new AbortController();
  const gone = errorOf(one.acquire({ signal: aborter.signal }));
  let second = -1;
  void one.acquire().then(() => {
    second = clock.now();
  });
  const reason = new Error('mine');
  aborter.abort(reason);
  expect(await gone).toBe(reason);
  await clock.advance(100);
  expect(second).toBe(100);
  expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
  const last = new AbortController();
  const alone = errorOf(one.acquire({ signal: last.signal }));
  last.abort();
  await alone;
  expect(clock.pendingTimers).toBe(0);
});

test.each(['at once', 'after a wait'])('a token that came %s goes back if its caller aborts before the function runs', async (when) => {
  const aborter = new AbortController();
  const reason = new Error('mine');
  // Aborts in the same turn in which the token comes.
  const abortingClock: Clock = {
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    setTimeout: (serve, delayMs) =>
      clock.setTimeout(() => {
        serve();
        aborter.abort(reason);
      }, delayMs),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
  const one = limiter({ requests: 1, perMs: 100, clock: abortingClock });
  if (when === 'after a wait') await one.acquire({ key: 'a' });
  let runs = 0;
  const gone = errorOf(one.call(() => runs++, { key: 'a', signal: aborter.signal }));
  const next = one.call(() => runs++, { key: 'a' });
  if (when === 'at once') aborter.abort(reason);
  else await clock.advance(100);
  expect(await gone).toBe(reason);
  await next;
  expect([runs, one.stats().refunded]).toEqual([1, 1]);
});

test('an aborted call whose token went back costs nothing', async () => {
  const one = limiter({ requests: 1, perMs: 60_000 });
  const aborter = new AbortController();
  const gone = errorOf(one.call(() => 'never', { signal: aborter.signal }));
  aborter.abort();
  await gone;
  expect([one.available(), one.stats().granted, one.stats().refunded]).toEqual([1, 1, 1]);
});

test('each sender has tokens of its own', async () => {
  const one = limiter({ requests: 1, perMs: 100 });
  expect([one.tryAcquire('a'), one.tryAcquire('b'), one.tryAcquire('a')]).toEqual([true, true, false]);
  expect([one.available('a'), one.available('c')]).toEqual([0, 1]);
  expect(JSON.stringify(limiter({ requests: 1 }))).not.toContain('key');
});

test('senders are bounded: idle ones go first, one with a queue never', async () => {
  const few = new Bounded({ requests: 1, perMs: 100, clock }, 2);
  few.tryAcquire('a');
  void few.acquire({ key: 'a' });
  few.tryAcquire('b');
  few.tryAcquire('c');
  expect(few.stats()).toMatchObject({ senders: 2, queued: 1 });
  expect(few.available('a')).toBe(0);
  await clock.advance(500);
  few.tryAcquire('d');
  expect(few.stats().senders).toBe(1);
});

describe('what the answers say', () => {
  const ghl = (remaining: number, daily = 1_000): Record<string, string> => ({
    'x-ratelimit-max': '100',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-interval-milliseconds': '10000',
    'x-ratelimit-limit-daily': '200000',
    'x-ratelimit-daily-remaining': String(daily),
  });

  test('GoHighLevel: another process has used most of the window', () => {
    const vendor = limiter({ requests: 100, perMs: 10_000 });
    vendor.learn(200, ghl(3), 'tenant');
    expect([vendor.available('tenant'), vendor.available('other')]).toEqual([3, 100]);
  });

  test('GoHighLevel: the day is used up', async () => {
    const vendor = limiter({ requests: 100, perMs: 10_000 });
    vendor.learn(200, ghl(50, 0));
    expect(await errorOf(vendor.acquire())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 300_000 });
  });

  test('SendGrid: its reset is a date, measured by the answer`s own', () => {
    const vendor = limiter({});
    const serverNow = Date.UTC(2031, 0, 1);
    vendor.learn(200, {
      date: new Date(serverNow).toUTCString(),
      'x-ratelimit-limit': '600',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(serverNow / 1000 + 42),
    });
    expect(vendor.retryAfterMs()).toBe(42_000);
  });

  test('Retell, and anyone else: a 429 with Retry-After holds back what follows, a 503 does not', () => {
    const vendor = limiter({});
    vendor.learn(503, { 'retry-after': '9' });
    expect(vendor.retryAfterMs()).toBe(0);
    vendor.learn(429, { 'retry-after': '7' });
    expect(vendor.retryAfterMs()).toBe(7_000);
  });

  test('plain RateLimit headers, with a reset in seconds', () => {
    const vendor = limiter({});
    vendor.learn(200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '5' });
    expect(vendor.retryAfterMs()).toBe(5_000);
  });

  test('nothing, or nonsense: nothing changes', () => {
    const vendor = limiter({ requests: 5 });
    for (const headers of [{}, { 'x-ratelimit-remaining': 'many' }, { 'x-ratelimit-remaining': '-1' }, { 'x-ratelimit-reset': '5' }])
      vendor.learn(200, headers);
    expect(vendor.available()).toBe(5);
  });

  test('those in line whose turn now comes too late are told at once; the others wait on', async () => {
    const vendor = limiter({ requests: 1, perMs: 100 });
    await vendor.acquire();
    const hasty = errorOf(vendor.acquire({ maxWaitMs: 1_000 }));
    let patient = -1;
    void vendor.acquire({ maxWaitMs: 20_000 }).then(() => {
      patient = clock.now();
    });
    vendor.learn(429, { 'retry-after': '10' });
    expect(await hasty).toMatchObject({ kind: 'rate_limited', retryAfterMs: 10_000 });
    await clock.advance(10_000);
    expect(patient).toBe(10_000);
  });
});

test('A9 its refusal counts as nothing in a circuit around it, and a probe`s permit is released', async () => {
  const one = limiter({ requests: 1, perMs: 10_000, maxWaitMs: 0 });
  one.tryAcquire();
  const breaker = new CircuitBreaker({ clock, failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 100, halfOpenMaxCalls: 1 });
  await errorOf(breaker.call(() => Promise.reject(new Error('down'))));
  clock.jump(100);
  for (let n = 0; n < 3; n++) expect(await errorOf(breaker.call(() => one.call(() => 1)))).toMatchObject({ kind: 'rate_limited' });
  expect(breaker.snapshot()).toMatchObject({ state: 'half_open', stats: { releasedRequests: 3 } });
  expect(await breaker.call(() => 1)).toBe(1);
  expect(breaker.state).toBe('closed');
});

test.each([
  [{ requests: 0 }, 'rateLimit.requests is 0, expected a whole number, 1 or more'],
  [{ perMs: 0 }, 'rateLimit.perMs is 0, expected milliseconds, more than 0 and up to 86,400,000'],
  [{ perMs: Number.POSITIVE_INFINITY }, 'rateLimit.perMs is Infinity'],
  [{ maxWaitMs: -1 }, 'rateLimit.maxWaitMs is -1, expected milliseconds, 0 or more'],
])('%j is refused', (options, message) => {
  expect(() => new RateLimiter(options)).toThrow(message);
});
