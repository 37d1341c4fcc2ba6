import { describe, expect, test, vi } from 'vitest';
import { MAX_TIMER_MS, systemClock } from '../../../runtime/clock.js';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';

describe('fake clock', () => {
  test('stands still, and shows a date', () => {
    const clock = new FakeClock();
    expect([clock.now(), new Date(clock.wallNow()).toISOString()]).toEqual([0, '2026-01-01T00:00:00.000Z']);
    expect(new FakeClock(5).wallNow()).toBe(5);
  });

  test('timers fire in order of time, then of setting, each at its time', async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['never', 101],
    ] as const) {
      clock.setTimeout(() => log.push(`${name} ${clock.now()}`), delay);
    }
    await clock.advance(100);
    expect(log).toEqual(['a 10', 'b1 20', 'b2 20', 'c 30']);
    expect([clock.now(), clock.pendingTimers]).toEqual([100, 1]);
  });

  test('timers set by timers fire within the same advance where they are due', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const tick = (): void => {
      times.push(clock.now());
      if (times.length < 5) clock.setTimeout(tick, 10);
    };
    clock.setTimeout(tick, 10);
    await clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    await clock.advance(5);
    expect(times).toEqual([10, 20, 30, 40]);
  });

  test('promises settle before, between and after', async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    void Promise.resolve().then(() => log.push('before'));
    clock.setTimeout(
      () =>
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => log.push('between')),
      10,
    );
    clock.setTimeout(() => log.push('second'), 20);
    await clock.advance(20);
    expect(log).toEqual(['before', 'between', 'second']);
  });

  test('a cleared timer does not fire, and clearing twice is harmless', async () => {
    const clock = new FakeClock();
    let fired = false;
    const handle = clock.setTimeout(() => {
      fired = true;
    }, 10);
    handle.unref?.();
    clock.clearTimeout(handle);
    clock.clearTimeout(handle);
    await clock.advance(20);
    expect([fired, clock.pendingTimers]).toEqual([false, 0]);
  });

  test('jump moves on without firing; the timer comes late, as after a blocked event loop', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    clock.setTimeout(() => times.push(clock.now()), 10);
    clock.jump(50);
    expect(times).toEqual([]);
    await clock.advance(0);
    expect(times).toEqual([50]);
  });

  test('stepWall moves the date alone', () => {
    const clock = new FakeClock(0);
    clock.jump(10);
    clock.stepWall(-3_600_000);
    expect([clock.now(), clock.wallNow()]).toEqual([10, 10 - 3_600_000]);
  });

  test('A32 a delay that Node cannot hold fires after a millisecond, as it does there', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    for (const delay of [MAX_TIMER_MS + 1, Number.POSITIVE_INFINITY, Number.NaN]) clock.setTimeout(() => times.push(clock.now()), delay);
    clock.setTimeout(() => times.push(-1), MAX_TIMER_MS);
    await clock.advance(1);
    expect(times).toEqual([1, 1, 1]);
    expect(clock.pendingTimers).toBe(1);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '5'])('time does not move by %s', async (ms) => {
    const clock = new FakeClock();
    expect(() => clock.jump(ms as number)).toThrow(ConfigurationError);
    await expect(clock.advance(ms as number)).rejects.toThrow(/^FakeClock\.advance is .+, expected milliseconds, 0 or more$/);
    expect(clock.now()).toBe(0);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 'today'])('a start or a step of %s is refused', (ms) => {
    expect(() => new FakeClock(ms as number)).toThrow(ConfigurationError);
    expect(() => new FakeClock().stepWall(ms as number)).toThrow(ConfigurationError);
  });

  test('works beside fake timers of the test runner', async () => {
    vi.useFakeTimers();
    try {
      const clock = new FakeClock();
      let fired = false;
      clock.setTimeout(() => {
        fired = true;
      }, 10);
      await clock.advance(10);
      expect(fired).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('system clock', () => {
  test('monotonic and wall time, and timers that can be cleared', () => {
    const [first, second] = [systemClock.now(), systemClock.now()];
    expect(second).toBeGreaterThanOrEqual(first);
    expect(Math.abs(systemClock.wallNow() - Date.now())).toBeLessThan(1_000);
    const handle = systemClock.setTimeout(() => {
      throw new Error('fired');
    }, 1_000_000);
    handle.unref?.();
    systemClock.clearTimeout(handle);
  });
});
