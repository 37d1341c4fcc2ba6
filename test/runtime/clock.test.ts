import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
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

  test('the system sets a timer that the clock cannot set, and clears it', async () => {
    const guarded = guardedClock({ ...systemClock, setTimeout: broken, clearTimeout: broken });
    let cleared = false;
    const handle = guarded.setTimeout(() => {
      cleared = true;
    }, 0);
    guarded.clearTimeout(handle);
    await new Promise<void>((resolve) => guarded.setTimeout(resolve, 1));
    expect(cleared).toBe(false);
  });

  test('a clock that cannot clear a timer stops nothing', () => {
    const handle = systemClock.setTimeout(() => undefined, 0);
    expect(() => guardedClock({ ...systemClock, clearTimeout: broken }).clearTimeout(handle)).not.toThrow();
  });
});
