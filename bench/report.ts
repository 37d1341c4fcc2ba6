import type { Row } from './measure.js';

/** What one section prints: tables, marks and notes, in order. */
export interface Report {
  readonly tables: readonly Table[];
  readonly marks?: readonly Mark[];
  readonly notes?: readonly string[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell is the name, the others are numbers as text. */
  readonly rows: readonly (readonly string[])[];
}

/** A number that we promised to stay below. */
export interface Mark {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  /** What the same measurement gives for two equal things: ratio or difference of the A/A row. */
  readonly noise?: number;
}

/** A table of interleaved measurements. */
export function comparison(title: string, rows: readonly Row[], unit: 'us' | 'ns'): Table {
  const scale = unit === 'us' ? 1_000 : 1;
  const digits = unit === 'us' ? 1 : 0;
  return {
    title,
    columns: [`CPU ${unit}/call`, `wall ${unit}/call`, 'CPU ratio', 'middle half'],
    rows: rows.map((row) => [
      row.name,
      (row.cpuNs / scale).toFixed(digits),
      (row.wallNs / scale).toFixed(digits),
      row.ratio.toFixed(2),
      `${row.low.toFixed(2)} - ${row.high.toFixed(2)}`,
    ]),
  };
}

export function print(report: Report): string {
  const lines: string[] = [];
  for (const table of report.tables) lines.push(...printTable(table), '');
  for (const note of report.notes ?? []) lines.push(`  ${note}`, '');
  return lines.join('\n');
}

function printTable(table: Table): string[] {
  const cells = [['', ...table.columns], ...table.rows];
  const widths = table.columns.map((_, at) => Math.max(...cells.map((row) => (row[at + 1] ?? '').length)));
  const nameWidth = Math.max(...cells.map((row) => (row[0] ?? '').length));
  const line = (row: readonly string[]): string =>
    `  ${(row[0] ?? '').padEnd(nameWidth)}  ${widths.map((width, at) => (row[at + 1] ?? '').padStart(width)).join('  ')}`.trimEnd();
  return [table.title, ...cells.map(line)];
}

export function printMarks(marks: readonly Mark[]): string {
  return printTable({
    title: 'Marks',
    columns: ['measured', 'A/A', 'at most', ''],
    rows: marks.map(({ name, value, noise, limit, unit }) => [
      name,
      format(value, unit),
      noise === undefined ? '' : format(noise, unit),
      format(limit, unit),
      value <= limit ? 'met' : 'MISSED',
    ]),
  }).join('\n');
}

/** Ratios have no unit; 1.05 and 1.08 must not look alike. */
function format(value: number, unit: string): string {
  return unit === '' ? value.toFixed(3) : `${value.toFixed(Math.abs(value) >= 100 || unit === ' ns' || unit === ' B' ? 0 : 2)}${unit}`;
}
