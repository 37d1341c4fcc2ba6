import type { PairRow } from './pairs.js';
import type { Mark, Table } from './report.js';

type Unit = 'us' | 'ns';

/** A table of pairs whose ratio matters. */
export function ratios(title: string, rows: readonly PairRow[], unit: Unit): Table {
  return table(title, rows, unit, 'ratio', ({ ratio }) => [ratio.median, ratio.low, ratio.high].map((value) => value.toFixed(3)));
}

/** A table of pairs whose difference matters. */
export function additions(title: string, rows: readonly PairRow[], unit: Unit): Table {
  return table(title, rows, unit, `added ${unit}`, ({ added }) => [added.median, added.low, added.high].map((ns) => cost(ns, unit)));
}

function table(title: string, rows: readonly PairRow[], unit: Unit, result: string, textOf: (row: PairRow) => readonly string[]): Table {
  return {
    title,
    columns: [`CPU ${unit}/call`, 'compared with', result, 'middle half'],
    rows: rows.map((row) => {
      const [median = '', low, high] = textOf(row);
      return [row.name, cost(row.ownNs, unit), cost(row.baseNs, unit), median, `${low} to ${high}`];
    }),
  };
}

function cost(ns: number, unit: Unit): string {
  return unit === 'us' ? (ns / 1_000).toFixed(1) : ns.toFixed(0);
}

/** A promised ratio. The first row of the table is the A/A row. */
export function ratioMark(name: string, rows: readonly PairRow[], at: number, limit: number): Mark {
  return { name, value: rows[at]?.ratio.median ?? Number.NaN, noise: rows[0]?.ratio.median ?? Number.NaN, limit, unit: '' };
}

/** A promised difference in nanoseconds. The first row of the table is the A/A row. */
export function addedMark(name: string, rows: readonly PairRow[], at: number, limitNs: number): Mark {
  return { name, value: rows[at]?.added.median ?? Number.NaN, noise: rows[0]?.added.median ?? Number.NaN, limit: limitNs, unit: ' ns' };
}
