import type { Fault } from './faults.js';
import { CAP_MS, type Observation } from './observe.js';

/** One library's column. */
export interface Column {
  readonly title: string;
  readonly cells: readonly Observation[];
}

/** Our clients as one column where all did the same: the slowest time of each fault stands for them. */
export function joined(title: string, columns: readonly Column[]): readonly Column[] {
  const cells: Observation[] = [];
  const [first] = columns;
  for (const [at, cell] of (first?.cells ?? []).entries()) {
    const row = columns.map((column) => column.cells[at]);
    if (row.some((other) => other?.attempts !== cell.attempts || other.end !== cell.end)) return columns;
    const times = row.map((other) => other?.settledMs ?? Number.POSITIVE_INFINITY);
    cells.push({ ...cell, settledMs: cell.settledMs === undefined ? undefined : Math.max(...times) });
  }
  return [{ title, cells }];
}

/** A table for people and for the README: requests that the server saw, and the time until the call settled. */
export function markdown(faults: readonly Fault[], columns: readonly Column[]): string {
  const rows = [
    ['', ...columns.map(({ title }) => title)],
    ...faults.map(({ name }, at) => [name, ...columns.map(({ cells }) => cellText(cells[at]))]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length), 3));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}

function cellText(cell: Observation | undefined): string {
  if (cell === undefined || cell.end === 'no such option') return 'no such option';
  const time = cell.settledMs === undefined ? `> ${CAP_MS / 1_000} s` : duration(cell.settledMs);
  return `${cell.attempts} in ${time}${cell.end === 'answer' ? ', answer' : cell.end === 'error' ? ', error' : ', still waiting'}`;
}

function duration(ms: number): string {
  return ms < 100 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
