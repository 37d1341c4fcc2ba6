import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitBreaker, CircuitOpenError } from 'fuseline';
import { protect, RateLimiter } from 'fuseline/protect';
import { expect, test } from 'vitest';

const TRIES = 40;
const RECOVERY_MS = 20;
const fails = (): Promise<never> => Promise.reject(new Error('down'));

test('R2 a caller that sleeps for the `retryAfterMs` of its error is let through, every time', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: RECOVERY_MS });
  const told: number[] = [];
  const refusedAgain: unknown[] = [];
  while (told.length < TRIES) {
    await breaker.call(fails).catch(() => undefined);
    const refused: unknown = await breaker.call(() => 'in').catch((error: unknown) => error);
    // On a busy machine, the wait can be over by now.
    if (!(refused instanceof CircuitOpenError)) continue;
    told.push(refused.retryAfterMs);
    await sleep(refused.retryAfterMs);
    await breaker.call(() => 'in').catch((error: unknown) => refusedAgain.push(error));
  }
  expect(refusedAgain).toEqual([]);
  expect(told.filter((ms) => !Number.isInteger(ms) || ms < 1)).toEqual([]);
  expect(breaker.snapshot().stats.rejectedRequests).toBe(TRIES);
});

test('R2 a retry that waits for the probe of an open circuit is let through, every time', async () => {
  for (let at = 0; at < TRIES; at++) {
    const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: RECOVERY_MS });
    let runs = 0;
    const load = protect(() => (runs++ === 0 ? fails() : Promise.resolve('in')), {
      breaker,
      retry: { waitForProbe: true, baseDelayMs: 1, maxDelayMs: 60_000 },
    });
    expect(await load()).toBe('in');
    expect([runs, breaker.snapshot().stats.rejectedRequests]).toEqual([2, 0]);
  }
});

test('R2 a caller that sleeps for the `retryAfterMs` of a rate limit gets its token, every time', async () => {
  const limiter = new RateLimiter({ requests: 1, perMs: RECOVERY_MS, maxWaitMs: 0 });
  let refusals = 0;
  const refusedAgain: unknown[] = [];
  while (refusals < TRIES) {
    await limiter.call(() => 'in').catch(() => undefined);
    const refused: unknown = await limiter.call(() => 'in').catch((error: unknown) => error);
    if (refused === 'in') continue;
    refusals++;
    const { retryAfterMs } = refused as { retryAfterMs: number };
    expect(Number.isInteger(retryAfterMs)).toBe(true);
    await sleep(retryAfterMs);
    await limiter.call(() => 'in').catch((error: unknown) => refusedAgain.push(error));
  }
  expect(refusedAgain).toEqual([]);
});
