/** Selects the circuits to show, and orders them. */
import type { CircuitRow } from '../wire.js';
import { type Group, standingOf, wordsOf } from './words.js';

export type SortKey = 'problems' | 'name' | 'since' | 'rate' | 'failed' | 'p50' | 'p95' | 'p99' | 'errors';

export interface View {
  readonly text: string;
  readonly group: Group | 'all';
  readonly sort: SortKey;
}

export const ALL: View = { text: '', group: 'all', sort: 'problems' };

/** Compares rows. The last comparison is by name, so that equal rows keep their places. */
const COMPARE: { readonly [K in SortKey]: (a: CircuitRow, b: CircuitRow) => number } = {
  problems: (a, b) => rank(a) - rank(b) || (a.downSince ?? 0) - (b.downSince ?? 0),
  name: () => 0,
  since: (a, b) => b.since - a.since,
  rate: (a, b) => b.rate - a.rate,
  failed: (a, b) => (b.failedShare ?? -1) - (a.failedShare ?? -1),
  p50: (a, b) => latency(b, 0) - latency(a, 0),
  p95: (a, b) => latency(b, 1) - latency(a, 1),
  p99: (a, b) => latency(b, 2) - latency(a, 2),
  errors: (a, b) => (b.errors[0]?.[2] ?? 0) - (a.errors[0]?.[2] ?? 0),
};

/** Returns the rows of the view, in its order. */
export function arranged(rows: Iterable<CircuitRow>, view: View): readonly CircuitRow[] {
  const compare = COMPARE[view.sort];
  return [...rows].filter((row) => isShown(row, view)).sort((a, b) => compare(a, b) || byName(a, b));
}

export function isShown(row: CircuitRow, { text, group }: View): boolean {
  if (group !== 'all' && wordsOf(standingOf(row)).group !== group) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const haystack = [row.name, row.service, ...row.errors.map(([cause]) => cause)].join(' ').toLowerCase();
  return words.every((word) => haystack.includes(word));
}

function rank(row: CircuitRow): number {
  return wordsOf(standingOf(row)).rank;
}

function latency(row: CircuitRow, at: 0 | 1 | 2): number {
  return row.latency?.[at] ?? -1;
}

function byName(a: CircuitRow, b: CircuitRow): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
