import { describe, expect, it } from 'vitest';
import { STRIP_MS, spoken, stretchesOf } from '../../../../../runtime/operate/dashboard/page/stretches.js';
import { NOW, rowWith } from './rows.js';

const MINUTE = 60_000;

function shapes(row: Parameters<typeof stretchesOf>[0]): readonly (readonly [string, number])[] {
  return stretchesOf(row, NOW).map(({ shape, from, to }) => [shape, (to - from) / MINUTE]);
}

describe('the strip of a circuit’s past', () => {
  it('is closed where nothing was heard, since the circuit is there', () => {
    expect(shapes(rowWith({ since: NOW - 4 * MINUTE }))).toEqual([['closed', 4]]);
    expect(shapes(rowWith({ since: 0 }))).toEqual([['closed', 15]]);
  });

  it('shows an outage with its probes', () => {
    const at = (minutes: number): number => NOW - minutes * MINUTE;
    const row = rowWith({
      periods: [
        [at(10), 'open'],
        [at(9), 'half_open'],
        [at(8.5), 'open'],
        [at(7), 'closed'],
        [at(2), 'forced_open'],
      ],
      state: 'open',
      forced: 'open',
    });
    expect(shapes(row)).toEqual([
      ['closed', 5],
      ['open', 1],
      ['probing', 0.5],
      ['open', 1.5],
      ['closed', 5],
      ['held', 2],
    ]);
    expect(spoken(stretchesOf(row, NOW))).toBe('Open 3 times in the last 15 minutes, 4 min 30 s in all');
  });

  it('ends with what time alone has decided', () => {
    const row = rowWith({ periods: [[NOW - 3 * MINUTE, 'open']], state: 'half_open', since: NOW - MINUTE });
    expect(shapes(row)).toEqual([
      ['closed', 12],
      ['open', 2],
      ['probing', 1],
    ]);
  });

  it('says nothing of the time before the circuit was there, although it has moved since', () => {
    const row = rowWith({ begun: NOW - 2 * MINUTE, periods: [[NOW - MINUTE, 'open']], state: 'open', since: NOW - MINUTE });
    expect(shapes(row)).toEqual([
      ['closed', 1],
      ['open', 1],
    ]);
  });

  it('forgets what is older than it shows', () => {
    const row = rowWith({
      periods: [
        [NOW - 3 * STRIP_MS, 'open'],
        [NOW - 2 * STRIP_MS, 'closed'],
      ],
    });
    expect(shapes(row)).toEqual([['closed', 15]]);
    expect(spoken(stretchesOf(row, NOW))).toBe('Not open in the last 15 minutes');
  });
});
