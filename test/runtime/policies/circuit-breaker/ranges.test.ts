import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../../runtime/errors/configuration-error.js';
import { countOption, durationOption, objectOption, rateOption, shareOption } from '../../../../runtime/policies/circuit-breaker/ranges.js';

const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '1', null, undefined, {}] as unknown[] as number[];

/** Takes the first, and refuses the second with the message. */
function check(option: (value: number) => unknown, good: readonly number[], bad: readonly number[], expected: string): void {
  for (const value of good) expect(option(value)).toBe(value);
  for (const value of bad) {
    expect(() => option(value), String(value)).toThrow(ConfigurationError);
    expect(() => option(value), String(value)).toThrow(`expected ${expected}`);
  }
}

describe('what options may be', () => {
  test('counts: whole numbers from the least to the most, both included', () => {
    check(
      (value) => countOption('x', value, 2),
      [2, 3, Number.MAX_SAFE_INTEGER],
      [...NO_NUMBERS, 1, 2.5, 2 ** 53],
      'a whole number, 2 or more',
    );
    check((value) => countOption('x', value, 1, 1_000), [1, 2, 1_000], [...NO_NUMBERS, 0, 1_001, 1.5], 'a whole number from 1 to 1,000');
  });

  test('durations: finite, from the least on', () => {
    check((value) => durationOption('x', value, 1), [1, 1.5, 1e300], [...NO_NUMBERS, 0, 0.999, -1], 'milliseconds, 1 or more');
  });

  test('shares: from 0 to 1, both included', () => {
    check((value) => shareOption('x', value), [0, 0.5, 1], [...NO_NUMBERS, -0.001, 1.001], 'a share from 0 to 1');
  });

  test('rates: above 0, up to 1, or null', () => {
    const noRates = NO_NUMBERS.filter((value) => value !== null);
    check((value) => rateOption('x', value), [0.001, 1], [...noRates, 0, -1, 1.001], 'a share above 0, up to 1, or null for none');
    expect(rateOption('x', null)).toBe(null);
  });

  test('blocks: objects', () => {
    const known = new Set(['size']);
    const block = { size: 1 };
    expect(objectOption('x', block, known)).toBe(block);
    expect(() => objectOption('x', { sise: 1 }, known)).toThrow(
      'x.sise is not an option of x, expected a known option. Did you mean size?',
    );
    for (const value of [null, undefined, 1, 'a', true, () => 1])
      expect(() => objectOption('x', value as object, known)).toThrow('expected true, false or an object');
  });
});
