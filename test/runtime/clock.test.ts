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

  test.each<[string, () => unknown]>([
    ['throws', broken],
    ['is NaN', () => Number.NaN],
    ['is a BigInt', () => 5n],
    ['is a text', () => '5'],
    ['is infinite', () => Number.POSITIVE_INFINITY],
    ['is missing', () => undefined],
  ])('time goes on from the last good reading if one %s', (_, bad) => {
    let now = 7;
    const read = (value: number): number => (now > 7 ? (bad() as number) : value);
    const guarded = guardedClock({ ...systemClock, now: () => read(now), wallNow: () => read(1_000 + now) });
    expect([guarded.now(), guarded.wallNow()]).toEqual([7, 1_007]);
    now = 8;
    const first = guarded.now();
    expect(first).toBeGreaterThanOrEqual(7);
    expect(guarded.now()).toBeGreaterThanOrEqual(first);
    expect(guarded.wallNow()).toBeGreaterThanOrEqual(1_007);
    now = 6;
    expect([guarded.now(), guarded.wallNow()]).toEqual([6, 1_006]);
  });

  test('a clock without one good reading reads as the system`s', () => {
    const guarded = guardedClock({ ...systemClock, now: broken, wallNow: broken });
    const before = systemClock.now();
    expect(guarded.now()).toBeGreaterThanOrEqual(before);
    expect(guarded.wallNow()).toBeGreaterThan(1e12);
  });

  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => 0],
    ['an object whose methods throw', () => ({ ref: broken, unref: broken })],
    ['an object without methods', () => ({})],
  ])('a timer is one also if the clock returns %s', async (_, handle) => {
    const cleared: unknown[] = [];
    const given: Clock = {
      ...systemClock,
      setTimeout: (callback) => {
        queueMicrotask(callback);
        return handle() as never;
      },
      clearTimeout: (given) => cleared.push(given),
    };
    const guarded = guardedClock(given);
    let fired = 0;
    const timer = guarded.setTimeout(() => fired++, 5);
    timer.ref?.();
    timer.unref?.();
    guarded.clearTimeout(timer);
    await Promise.resolve();
    expect([fired, cleared]).toEqual([1, [handle()].map((one) => (typeof one === 'object' && one !== null ? expect.anything() : one))]);
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
