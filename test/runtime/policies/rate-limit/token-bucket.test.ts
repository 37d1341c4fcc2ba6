import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAILY_RECHECK_MS, MAX_PAUSE_MS, type RateHints, TokenBucket } from '../../../../runtime/policies/rate-limit/token-bucket.js';

const hints = (given: Partial<RateHints>): RateHints => ({
  remaining: undefined,
  resetMs: undefined,
  intervalMs: undefined,
  dailyRemaining: undefined,
  pauseMs: undefined,
  ...given,
});

const takeAll = (bucket: TokenBucket, now: number): number => {
  let taken = 0;
  while (taken < 10_000 && bucket.take(now)) taken++;
  return taken;
};

describe('tokens', () => {
  test('come back one period after they were taken, not evenly', () => {
    const bucket = new TokenBucket(2, 100);
    expect([bucket.take(0), bucket.take(30), bucket.take(99)]).toEqual([true, true, false]);
    expect(bucket.waitMs(99)).toBe(1);
    expect([bucket.take(100), bucket.take(101)]).toEqual([true, false]);
    expect([bucket.waitMs(101), bucket.waitMs(101, 2), bucket.waitMs(101, 3)]).toEqual([29, 99, 129]);
  });

  test('one given back is there again', () => {
    const bucket = new TokenBucket(1, 100);
    bucket.take(0);
    bucket.refund();
    expect(bucket.take(1)).toBe(true);
    expect(bucket.waitMs(1)).toBe(100);
  });

  test('the model: no span sees more than the limit, and a token is there whenever the model has one', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant({ do: 'take' } as const) },
      { weight: 1, arbitrary: fc.constant({ do: 'refund' } as const) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 10, 33, 99, 100, 250) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), place: fc.integer({ min: 1, max: 9 }) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 300 }), (requests, steps) => {
        const perMs = 100;
        const bucket = new TokenBucket(requests, perMs);
        const sent: number[] = [];
        let now = 0;
        let refundable = false;
        /** What those in line would get if each took the first token there is. */
        const turn = (place: number): number => {
          const line = [...sent];
          let at = now;
          for (let n = 0; n < place; n++) {
            const blocking = line[line.length - requests];
            if (blocking !== undefined) at = Math.max(at, blocking + perMs);
            line.push(at);
          }
          return at - now;
        };
        for (const one of steps) {
          if (one.do === 'wait') {
            now += one.ms;
            refundable = false;
          } else if (one.do === 'look') expect(bucket.waitMs(now, one.place)).toBe(turn(one.place));
          else if (one.do === 'refund') {
            if (refundable) {
              bucket.refund();
              sent.pop();
            }
            refundable = false;
          } else {
            const free = sent.filter((at) => at + perMs > now).length < requests;
            expect(bucket.waitMs(now) === 0).toBe(free);
            expect(bucket.take(now)).toBe(free);
            if (free) sent.push(now);
            refundable = free;
          }
          expect(bucket.available(now)).toBe(requests - sent.filter((at) => at + perMs > now).length);
        }
        for (const [at, start] of sent.entries()) {
          expect(sent.slice(at).filter((later) => later < start + perMs).length).toBeLessThanOrEqual(requests);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('memory stays flat however many requests pass', () => {
    const bucket = new TokenBucket(3, 10);
    for (let now = 0; now < 100_000; now += 5) bucket.take(now);
    expect(bucket.available(100_000)).toBe(2);
    expect(bucket.idle(200_000)).toBe(true);
  });
});

describe('what the server says', () => {
  test('fewer left than thought: those; more: what we have', () => {
    const bucket = new TokenBucket(100, 10_000);
    bucket.learn(hints({ remaining: 3, intervalMs: 10_000 }), 0);
    expect(bucket.available(0)).toBe(3);
    expect(takeAll(bucket, 0)).toBe(3);
    expect(bucket.waitMs(0)).toBe(10_000);
    const other = new TokenBucket(5, 1_000);
    other.learn(hints({ remaining: 1_000 }), 0);
    expect(takeAll(other, 0)).toBe(5);
  });

  test('an answer that was overtaken raises nothing; a new window does', () => {
    const bucket = new TokenBucket(100, 1_000);
    bucket.learn(hints({ remaining: 2, resetMs: 60_000 }), 0);
    bucket.learn(hints({ remaining: 9, resetMs: 59_500 }), 500);
    expect(bucket.available(500)).toBe(2);
    bucket.learn(hints({ remaining: 1, resetMs: 10_000 }), 600);
    expect(bucket.available(600)).toBe(2);
    bucket.learn(hints({ remaining: 50, resetMs: 119_000 }), 700);
    expect(bucket.available(700)).toBe(50);
  });

  test('where only the length of the window is told, a steady row of answers does not prolong it for ever', () => {
    const bucket = new TokenBucket(100, 10_000);
    for (let now = 0; now < 10_000; now += 1_000) bucket.learn(hints({ remaining: 0, intervalMs: 10_000 }), now);
    expect([bucket.waitMs(9_999), bucket.waitMs(10_000)]).toEqual([1, 0]);
  });

  test('without numbers of our own only its word counts', () => {
    const bucket = new TokenBucket(Number.POSITIVE_INFINITY, 1_000);
    expect(takeAll(bucket, 0)).toBe(10_000);
    bucket.learn(hints({ remaining: 2, resetMs: 5_000 }), 0);
    expect(takeAll(bucket, 0)).toBe(2);
    expect(bucket.waitMs(0)).toBe(5_000);
    expect(takeAll(bucket, 5_000)).toBe(10_000);
  });

  test('a refusal with a wait holds back everything until then; a lesser word meanwhile changes nothing', () => {
    const bucket = new TokenBucket(10, 1_000);
    expect(bucket.learn(hints({ pauseMs: 3_000 }), 0)).toBe(true);
    bucket.learn(hints({ pauseMs: 1_000 }), 500);
    expect(bucket.waitMs(500)).toBe(2_500);
    expect(takeAll(bucket, 3_000)).toBe(10);
  });

  test('A32 no word holds for more than an hour', () => {
    for (const hint of [{ pauseMs: 9_999_999_999_000 }, { remaining: 0, resetMs: 9_999_999_999_000 }]) {
      const bucket = new TokenBucket(10, 1_000);
      bucket.learn(hints(hint), 0);
      expect(bucket.waitMs(0)).toBe(MAX_PAUSE_MS);
    }
  });

  test('the daily budget is counted down between answers; used up, one request asks again every five minutes', () => {
    const bucket = new TokenBucket(100, 10_000);
    bucket.learn(hints({ dailyRemaining: 2 }), 0);
    expect(takeAll(bucket, 0)).toBe(2);
    expect(bucket.waitMs(0)).toBe(DAILY_RECHECK_MS);
    expect(takeAll(bucket, DAILY_RECHECK_MS)).toBe(1);
    expect(bucket.waitMs(DAILY_RECHECK_MS)).toBe(DAILY_RECHECK_MS);
    bucket.learn(hints({ dailyRemaining: 0 }), DAILY_RECHECK_MS + 100);
    expect(bucket.waitMs(DAILY_RECHECK_MS + 100)).toBe(DAILY_RECHECK_MS);
    bucket.learn(hints({ dailyRemaining: 200_000 }), DAILY_RECHECK_MS + 200);
    expect(bucket.waitMs(DAILY_RECHECK_MS + 200)).toBe(0);
  });

  test('a busy or exhausted bucket is not idle; a daily number alone does not keep it', () => {
    const bucket = new TokenBucket(1, 100);
    expect(bucket.idle(0)).toBe(true);
    bucket.take(0);
    expect(bucket.idle(0)).toBe(false);
    bucket.learn(hints({ dailyRemaining: 5 }), 100);
    expect(bucket.idle(100)).toBe(true);
    bucket.learn(hints({ dailyRemaining: 0 }), 100);
    expect(bucket.idle(100)).toBe(false);
  });
});
