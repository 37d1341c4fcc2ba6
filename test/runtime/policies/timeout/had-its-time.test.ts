import { describe, expect, test } from 'vitest';
import { hadItsTime } from '../../../../runtime/policies/timeout/had-its-time.js';

describe('an attempt that the end of the call cuts off had its time', () => {
  test.each([
    // [ranMs, limitMs, number, callLimitMs, expected]
    ['its whole limit', 1_000, 1_000, 2, 5_000, true],
    ['a fraction less than its limit', 999.4, 1_000, 2, 5_000, true],
    ['a millisecond less than its limit', 999, 1_000, 2, 5_000, false],
    ['the first, all but the time of a token', 57, 60, 1, 60, true],
    ['the first, half of the call', 500, 1_000, 1, 1_000, true],
    ['the first, a fraction less than half of the call', 499.4, 1_000, 1, 1_000, true],
    ['the first, less than half of the call', 499, 1_000, 1, 1_000, false],
    ['the second, more than half of the call', 900, 1_000, 2, 1_000, false],
    ['the first without a limit, half of the call', 500, null, 1, 1_000, true],
    ['the first without a limit, less than half', 499, undefined, 1, 1_000, false],
    ['a later one without a limit', 999, null, 3, 1_000, false],
  ])('%s', (_, ranMs, limitMs, number, callLimitMs, expected) => {
    expect(hadItsTime({ ranMs, limitMs, number, callLimitMs })).toBe(expected);
  });
});
