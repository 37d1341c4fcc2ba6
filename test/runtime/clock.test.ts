import { FakeClock } from 'fuseline/testing';
import { describe, expect, test, vi } from 'vitest';
import { type Clock, guardedClock, systemClock } from '../../runtime/clock.js';

const broken = (): never => {
  throw new Error('broken');
};

describe('a guarded clock', () => {
  test('is made once per clock; the system`s own needs none', () => {
    const clock = new FakeClock();
    const guarded = guardedClock(clock);
    expect(guardedClock(clock)).toBe(guarded);
    expect(guardedClock(guarded)).toBe(guarded);
    expect(guardedClock(new FakeClock())).not.toBe(guarded);
    expect(guardedClock(systemClock)).toBe(systemClock);
  });

  test('reads, sets and clears as the given one', async () => {
    const clock = new FakeClock(1_000);
    const guarded = guardedClock(clock);
    const fired: string[] = [];
    guarded.setTimeout(() => fired.push('first'), 5);
    guarded.clearTimeout(guarded.setTimeout(() => fired.push('second'), 6));
    await clock.advance(10);
    expect([guarded.now(), guarded.wallNow(), fired]).toEqual([10, 1_010, ['first']]);
  });

  test('a reading that throws is the one before', () => {
    let now = 7;
    const given: Clock = { ...systemClock, now: () => (now > 7 ? broken() : now), wallNow: () => (now > 7 ? broken() : 1_000 + now) };
    const guarded = guardedClock(given);
    const before = [guarded.now(), guarded.wallNow()];
    now = 8;
    expect([guarded.now(), guarded.wallNow()]).toEqual(before);
    expect(before).toEqual([7, 1_007]);
  });

  test('the system sets a timer that the clock cannot set, and clears it', () => {
    vi.useFakeTimers();
    try {
      const guarded = guardedClock({ ...systemClock, setTimeout: broken, clearTimeout: broken });
      const fired: string[] = [];
      const handle = guarded.setTimeout(() => fired.push('cleared'), 5);
      guarded.setTimeout(() => fired.push('kept'), 5);
      guarded.clearTimeout(handle);
      vi.advanceTimersByTime(5);
      expect(fired).toEqual(['kept']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a clock that cannot clear a timer stops nothing', () => {
    const handle = systemClock.setTimeout(() => undefined, 0);
    expect(() => guardedClock({ ...systemClock, clearTimeout: broken }).clearTimeout(handle)).not.toThrow();
  });
});
