import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallWindow, FAILED, SLOW } from '../../../../../runtime/policies/circuit-breaker/window/call-window.js';
import { CountWindow } from '../../../../../runtime/policies/circuit-breaker/window/count-window.js';
import { TimeWindow } from '../../../../../runtime/policies/circuit-breaker/window/time-window.js';

interface Call {
  readonly bits: number;
  readonly at: number;
}

const sums = ({ calls, failed, slow, failedOrSlow }: CallWindow): unknown => ({ calls, failed, slow, failedOrSlow });
const fold = (kept: readonly Call[]): unknown => ({
  calls: kept.length,
  failed: kept.filter(({ bits }) => (bits & FAILED) !== 0).length,
  slow: kept.filter(({ bits }) => (bits & SLOW) !== 0).length,
  failedOrSlow: kept.filter(({ bits }) => bits !== 0).length,
});

/** Long enough to fill and to forget: by default few arrays have more than ten. */
const LONG = { maxLength: 60, size: 'max' } as const;
const step = fc.record({ bits: fc.integer({ min: 0, max: 3 }), waitMs: fc.constantFrom(0, 0, 1, 9, 10, 11, 25, 99, 100, 101, 5_000) });

describe('a window is the fold of its calls', () => {
  test('count: the last so many, whatever the time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, LONG), (size, steps) => {
        const window = new CountWindow(size);
        const all: Call[] = [];
        for (const { bits } of steps) {
          window.record(bits);
          all.push({ bits, at: 0 });
          expect(sums(window)).toEqual(fold(all.slice(-size)));
        }
        window.clear();
        expect(sums(window)).toEqual(fold([]));
        window.record(FAILED);
        expect(sums(window)).toEqual(fold([{ bits: FAILED, at: 0 }]));
      }),
      { numRuns: 100 },
    );
  });

  test.each([0, 1_234.5, -777])('time: those whose slot is among the last so many, on a clock that begins at %d', (start) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, LONG), (slots, steps) => {
        const slotMs = 100 / slots;
        const window = new TimeWindow(100, slots);
        const all: Call[] = [];
        let now = start;
        const slotOf = (at: number): number => Math.floor(at / slotMs);
        for (const { bits, waitMs } of steps) {
          now += waitMs;
          window.advance(now);
          const kept = (): readonly Call[] => all.filter(({ at }) => slotOf(at) > slotOf(now) - slots);
          expect(sums(window)).toEqual(fold(kept()));
          window.record(bits, now);
          all.push({ bits, at: now });
          expect(sums(window)).toEqual(fold(kept()));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('time: the first moment of a slot belongs to it, however the numbers round', () => {
    const slots = 6;
    for (let ms = 100; ms < 100_000; ms++) {
      const window = new TimeWindow(100, slots);
      window.record(FAILED, ms - 99);
      window.record(FAILED, ms - 1);
      window.advance(ms);
      const slotOf = (at: number): number => Math.floor(at / (100 / slots));
      expect(window.calls).toBe(slotOf(ms - 99) > slotOf(ms) - slots ? 2 : 1);
    }
  });

  test('time: a call is remembered for the duration less one slot at least, and for the duration at most', () => {
    const window = new TimeWindow(1_000, 10);
    window.record(FAILED, 99);
    window.advance(999);
    expect(window.calls).toBe(1);
    window.advance(1_000);
    expect(window.calls).toBe(0);
  });

  test('time: a result that is told late counts in the slot at hand', () => {
    const window = new TimeWindow(1_000, 10);
    window.record(0, 5_000);
    window.record(FAILED, 100);
    expect(sums(window)).toEqual({ calls: 2, failed: 1, slow: 0, failedOrSlow: 1 });
    window.advance(5_999);
    expect(window.calls, 'the time goes on from where it was').toBe(2);
    window.advance(6_000);
    expect(window.calls).toBe(0);
  });

  test('time: all calls of one slot are forgotten with it, of every kind', () => {
    const window = new TimeWindow(1_000, 10);
    for (const bits of [FAILED, FAILED, SLOW, SLOW, FAILED | SLOW, 0, 0]) window.record(bits, 50);
    window.record(FAILED, 500);
    expect(sums(window)).toEqual({ calls: 8, failed: 4, slow: 3, failedOrSlow: 6 });
    window.advance(1_000);
    expect(sums(window)).toEqual({ calls: 1, failed: 1, slow: 0, failedOrSlow: 1 });
  });
});
