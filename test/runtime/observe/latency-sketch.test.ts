import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencySketch } from '../../../runtime/observe/latency-sketch.js';

const MINUTE = 60_000;
const LIMIT_MS = 70 * MINUTE;

/** The least sample that `part` of all do not exceed. */
function exact(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}

function sketchOf(samples: readonly number[]): LatencySketch {
  const sketch = new LatencySketch(0);
  for (const sample of samples) sketch.record(sample, 0);
  return sketch;
}

/** As many short as long ones: durations spread evenly would all be long. */
const durations = fc.double({ min: -4, max: Math.log2(LIMIT_MS), noNaN: true }).map((exponent) => 2 ** exponent);

describe('the latency sketch', () => {
  test('each percentile is within 3.1 % of a sample, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), (samples) => {
        const found = sketchOf(samples).percentiles(0);
        for (const [got, part] of [
          [found?.p50Ms, 0.5],
          [found?.p95Ms, 0.95],
          [found?.p99Ms, 0.99],
        ] as const) {
          const wanted = exact(samples, part);
          expect(Math.abs((got ?? Number.NaN) - wanted) / wanted).toBeLessThanOrEqual(0.031);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is shorter than a sixteenth of a millisecond is off by 4 microseconds at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1 / 16, noNaN: true }), (duration) => {
        expect(Math.abs((sketchOf([duration]).percentiles(0)?.p50Ms ?? Number.NaN) - duration)).toBeLessThanOrEqual(0.004);
      }),
    );
    expect(sketchOf([0]).percentiles(0)?.p50Ms).toBe(0);
  });

  test('what is longer than 70 minutes counts as 70 minutes, and what is no duration as none', () => {
    for (const long of [LIMIT_MS, 1e9, Number.MAX_VALUE, Number.POSITIVE_INFINITY])
      expect(Math.abs((sketchOf([long]).percentiles(0)?.p50Ms ?? 0) / LIMIT_MS - 1)).toBeLessThan(0.031);
    for (const odd of [-1, Number.NaN, Number.NEGATIVE_INFINITY]) expect(sketchOf([odd]).percentiles(0)?.p50Ms).toBe(0);
  });

  test('longer durations never give lower percentiles', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const [short, long] = a < b ? [a, b] : [b, a];
        const of = (duration: number): number => sketchOf([duration]).percentiles(0)?.p50Ms ?? Number.NaN;
        expect(of(short)).toBeLessThanOrEqual(of(long));
      }),
    );
  });

  test('a sample is told of for 5 minutes at least, and for 10 at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * MINUTE }), fc.integer({ min: 0, max: 30 * MINUTE }), (at, later) => {
        const sketch = new LatencySketch(0);
        // Others come all the time, so that the windows take turns; they are short.
        let now = 0;
        const until = (end: number): void => {
          for (; now < end; now += MINUTE / 2) sketch.record(1, now);
        };
        until(at);
        sketch.record(1_000, at);
        until(at + later);
        const told = (sketch.percentiles(at + later)?.p99Ms ?? 0) > 900;
        if (later < 5 * MINUTE) expect(told).toBe(true);
        if (later >= 10 * MINUTE) expect(told).toBe(false);
      }),
    );
  });

  test('nothing is told after a long silence; then it begins anew', () => {
    const sketch = sketchOf([10, 20, 30]);
    expect(sketch.percentiles(5 * MINUTE)).not.toBeNull();
    expect(sketch.percentiles(10 * MINUTE)).toBeNull();
    sketch.record(40, 60 * MINUTE);
    expect(sketch.percentiles(60 * MINUTE)).toEqual({
      p50Ms: expect.closeTo(40, -0.5),
      p95Ms: expect.closeTo(40, -0.5),
      p99Ms: expect.closeTo(40, -0.5),
    });
    sketch.record(50, 64 * MINUTE);
    expect(sketch.percentiles(66 * MINUTE)?.p99Ms).toBeGreaterThan(45);
    expect(sketch.percentiles(70 * MINUTE)).toBeNull();
  });

  test('looking changes nothing', () => {
    const looked = sketchOf([10]);
    const other = sketchOf([10]);
    for (let now = 0; now <= 12 * MINUTE; now += MINUTE) looked.percentiles(now);
    for (const sketch of [looked, other]) sketch.record(500, 12 * MINUTE);
    expect(looked.percentiles(14 * MINUTE)).toEqual(other.percentiles(14 * MINUTE));
    expect(looked.percentiles(14 * MINUTE)?.p50Ms).toBeGreaterThan(480);
  });
});
