import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../runtime/clock.js';

afterEach(() => {
  vi.useRealTimers();
});

test('the system clock does not go back', () => {
  const first = systemClock.now();
  expect(systemClock.now()).toBeGreaterThanOrEqual(first);
});

test('the system clock follows fake timers while there are some, with its timers', () => {
  vi.useFakeTimers({ now: 1_000 });
  const start = systemClock.now();
  const fired: number[] = [];
  systemClock.setTimeout(() => fired.push(systemClock.now() - start), 60_000);
  vi.advanceTimersByTime(60_000);
  expect([systemClock.now() - start, systemClock.wallNow(), fired]).toEqual([60_000, 61_000, [60_000]]);
  vi.useRealTimers();
  expect(systemClock.wallNow()).toBeGreaterThan(61_000);
  expect(systemClock.now()).not.toBe(start + 60_000);
});
