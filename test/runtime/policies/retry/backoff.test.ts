import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POLICY_DEFAULTS } from '../../../../runtime/config/defaults.js';
import type { PolicyValues } from '../../../../runtime/config/types.js';
import { backoffMs } from '../../../../runtime/policies/retry/backoff.js';

const steady: PolicyValues = { ...POLICY_DEFAULTS, totalTimeoutMs: null, jitter: false };
const never = (): number => {
  throw new Error('no jitter, no draw');
};

describe('backoff', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [6, 3_200],
    [7, 5_000],
    [1_000_000, 5_000],
  ])('after attempt %i it waits %i ms', (attempts, expected) => {
    expect(backoffMs(steady, attempts, false, never)).toBe(expected);
  });

  test('a 429 starts at a second, or at the base where that is longer', () => {
    expect(backoffMs(steady, 1, true, never)).toBe(1_000);
    expect(backoffMs(steady, 2, true, never)).toBe(2_000);
    expect(backoffMs({ ...steady, baseDelayMs: 3_000 }, 1, true, never)).toBe(3_000);
    expect(backoffMs({ ...steady, maxDelayMs: 300 }, 1, true, never)).toBe(300);
  });

  test('full jitter: a draw from 0 to the delay', () => {
    const policy = { ...steady, jitter: true };
    expect(backoffMs(policy, 3, false, () => 0)).toBe(0);
    expect(backoffMs(policy, 3, false, () => 0.5)).toBe(200);
    expect(backoffMs(policy, 3, false, () => 0.999)).toBeCloseTo(399.6);
  });

  test('an exponential base of 1 is a constant wait; a base delay of 0 is none', () => {
    expect([1, 2, 9].map((attempts) => backoffMs({ ...steady, exponentialBase: 1 }, attempts, false, never))).toEqual([100, 100, 100]);
    expect(backoffMs({ ...steady, baseDelayMs: 0 }, 5, false, never)).toBe(0);
  });

  test('A32 whatever the policy, a wait is a number from 0 to the longest', () => {
    const duration = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(
        fc.record({
          baseDelayMs: duration,
          maxDelayMs: duration,
          exponentialBase: fc.double({ min: 1, max: 1e9, noNaN: true }),
          jitter: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.boolean(),
        (values, attempts, throttled) => {
          const wait = backoffMs({ ...steady, ...values }, attempts, throttled, () => 0.5);
          return wait >= 0 && wait <= values.maxDelayMs;
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
