import { afterEach, describe, expect, test, vi } from 'vitest';
import { Background } from '../../runtime/background.js';
import { isOver, systemClock, wholeMs } from '../../runtime/clock.js';

afterEach(() => void vi.useRealTimers());

/** What the fake timers of a runner replace. */
const FAKED = [
  ['everything, as Vitest and Jest do by default', undefined],
  ['timers and Date, as sinon can', ['setTimeout', 'clearTimeout', 'Date']],
  ['timers and performance', ['setTimeout', 'clearTimeout', 'performance']],
  ['timers alone', ['setTimeout', 'clearTimeout']],
] as const;

const fake = (toFake: (typeof FAKED)[number][1]): void => void vi.useFakeTimers(toFake === undefined ? {} : { toFake: [...toFake] });

test('a wait is over less than a millisecond early; told waits are whole and never too short', () => {
  expect([99, 99.0001, 100].map((now) => isOver(100, now))).toEqual([false, true, true]);
  expect([0, 0.1, 1, 59_999.2, 60_000.000_000_01].map(wholeMs)).toEqual([0, 1, 1, 60_000, 60_000]);
});

describe.each(FAKED)('a runner that fakes %s', (_, toFake) => {
  test('moves the clock by as much as it says, and timers fire at their time', () => {
    fake(toFake);
    const start = systemClock.now();
    const fired: number[] = [];
    for (const ms of [50, 100, 99.5]) systemClock.setTimeout(() => fired.push(systemClock.now() - start), ms);
    vi.advanceTimersByTime(49);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(51);
    expect(fired).toHaveLength(3);
    expect(fired.map((ms) => Math.round(ms))).toEqual([50, 100, 100]);
  });

  test('stops no timer of real time', async () => {
    const fired = new Promise<string>((resolve) => void systemClock.setTimeout(() => resolve('real'), 5));
    fake(toFake);
    systemClock.now();
    expect(await fired).toBe('real');
  });

  test('a timer of one timeline can be cleared in another', () => {
    const real = systemClock.setTimeout(() => undefined, 60_000);
    fake(toFake);
    systemClock.clearTimeout(real);
    const faked = systemClock.setTimeout(() => undefined, 60_000);
    vi.useRealTimers();
    systemClock.clearTimeout(faked);
    fake(toFake);
    systemClock.clearTimeout(systemClock.setTimeout(() => undefined, 60_000));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('tells its timeline from the others', () => {
    const real = systemClock.timeline?.();
    fake(toFake);
    const first = systemClock.timeline?.();
    vi.useRealTimers();
    expect(systemClock.timeline?.()).toBe(real);
    fake(toFake);
    expect(new Set([real, first, systemClock.timeline?.()]).size).toBe(3);
  });
});

test('the clock never goes back, and goes on by what passed, through all timelines', () => {
  let before = systemClock.now();
  const next = (): number => {
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    const passed = now - before;
    before = now;
    return passed;
  };
  for (let round = 0; round < 3; round++) {
    for (const [, toFake] of FAKED) {
      fake(toFake);
      next();
      systemClock.setTimeout(() => undefined, 3_600_000);
      vi.advanceTimersByTime(3_600_000);
      expect(next()).toBeGreaterThanOrEqual(3_599_999);
      // A wall clock that a test sets back is none of the clock's business.
      vi.setSystemTime(0);
      next();
      vi.useRealTimers();
      next();
    }
  }
});

test('input is read before `afterInput` calls back, and immediately under fake timers', async () => {
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    systemClock.afterInput?.(() => {
      order.push('after');
      resolve();
    });
  });
  order.push('now');
  await done;
  vi.useFakeTimers();
  systemClock.afterInput?.(() => order.push('fake'));
  expect(order).toEqual(['now', 'after', 'fake']);
});

describe('R4 background work that was woken under fake timers', () => {
  test('goes on in real time', async () => {
    const { clock } = new Background(systemClock);
    vi.useFakeTimers();
    const rounds: number[] = [];
    const woken = new Promise<void>((resolve) => {
      const loop = (): void => {
        rounds.push(rounds.length);
        if (rounds.length === 4) resolve();
        else clock.setTimeout(loop, 10).unref?.();
      };
      loop();
    });
    vi.advanceTimersByTime(10);
    expect(rounds).toEqual([0, 1]);
    vi.useRealTimers();
    // A later call, or other work, reads the clock.
    systemClock.now();
    const held = setTimeout(() => undefined, 120_000);
    await woken;
    clearTimeout(held);
    expect(rounds).toEqual([0, 1, 2, 3]);
  });

  test('goes on under the next fake timers, once, and not after it was cleared', () => {
    const { clock } = new Background(systemClock);
    const fired: string[] = [];
    vi.useFakeTimers();
    clock.setTimeout(() => fired.push('kept'), 100);
    const cleared = clock.setTimeout(() => fired.push('cleared'), 100);
    systemClock.setTimeout(() => fired.push('of a call'), 100);
    vi.advanceTimersByTime(60);
    systemClock.now();
    vi.useRealTimers();
    clock.clearTimeout(cleared);
    vi.useFakeTimers();
    systemClock.now();
    vi.advanceTimersByTime(38);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(fired).toEqual(['kept']);
    vi.advanceTimersByTime(1_000);
    expect([fired, vi.getTimerCount()]).toEqual([['kept'], 0]);
  });
});
