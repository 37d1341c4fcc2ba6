import { describe, expect, it } from 'vitest';
import {
  age,
  ago,
  count,
  countdown,
  duration,
  milliseconds,
  moment,
  percent,
  precise,
  rate,
  times,
} from '../../../../../runtime/operate/dashboard/page/format.js';
import { NOW } from './rows.js';

const table = (format: (value: number) => string, cases: readonly (readonly [number, string])[]): void => {
  expect(cases.map(([value]) => format(value))).toEqual(cases.map(([, text]) => text));
};

describe('format', () => {
  it('durations', () =>
    table(duration, [
      [-5, '0.0 s'],
      [0, '0.0 s'],
      [420, '0.4 s'],
      [960, '1 s'],
      [12_400, '12 s'],
      [59_700, '1 min'],
      [60_000, '1 min'],
      [252_000, '4 min 12 s'],
      [1_300_000, '21 min'],
      [3_600_000, '1 h 00 min'],
      [7_500_000, '2 h 05 min'],
      [90_000_000, '1 d 1 h'],
    ]));

  it('what still goes on, in whole seconds', () =>
    table(age, [
      [0, '1 s'],
      [1_999, '1 s'],
      [61_500, '1 min 1 s'],
    ]));

  it('countdowns, which reach 0 at the end', () =>
    table(countdown, [
      [12_001, '13 s'],
      [12_000, '12 s'],
      [1, '1 s'],
      [0, '0 s'],
      [-500, '0 s'],
    ]));

  it('how long ago', () =>
    table(ago, [
      [0, 'just now'],
      [12_900, '12 s ago'],
      [61_000, '1 min ago'],
      [7_200_000, '2 h ago'],
      [200_000_000, '2 d ago'],
    ]));

  it('counts', () =>
    table(count, [
      [0, '0'],
      [1_204, '1,204'],
      [12_345, '12k'],
      [999_499, '999k'],
      [4_120_000, '4.1M'],
    ]));

  it('rates', () =>
    table(rate, [
      [0, '0'],
      [0.004, '<0.01'],
      [0.05, '0.05'],
      [0.4, '0.4'],
      [1, '1'],
      [42.4, '42'],
      [1_300, '1.3k'],
      [12_345, '12k'],
    ]));

  it('shares, of which none reads as all or nothing that is neither', () =>
    table(percent, [
      [0, '0 %'],
      [0.0004, '<0.1 %'],
      [0.024, '2.4 %'],
      [0.38, '38 %'],
      [0.9999, '>99 %'],
      [1, '100 %'],
    ]));

  it('latencies', () =>
    table(milliseconds, [
      [0.01, '<0.1 ms'],
      [0.42, '0.4 ms'],
      [12.4, '12 ms'],
      [999.6, '1 s'],
      [1_240, '1.2 s'],
      [48_000, '48 s'],
    ]));

  it('one and many', () => {
    expect([times(1, 'failure'), times(3, 'failure')]).toEqual(['1 failure', '3 failures']);
  });

  it('moments, with the day where it is another', () => {
    expect(moment(NOW, NOW)).toBe('14:03');
    expect(precise(NOW, NOW)).toBe('14:03:10');
    const yesterday = NOW - 86_400_000;
    expect(moment(yesterday, NOW)).toContain('20');
    expect(moment(yesterday, NOW)).toContain('14:03');
  });
});
