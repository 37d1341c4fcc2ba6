import { printable } from './quote.js';

/** Number of lines shown before and after the line of the finding. */
const CONTEXT = 2;
/** Longest part of a line that is shown. Minified documents have only one line. */
const WIDTH = 120;

/** Returns the offsets at which lines start. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Returns the line and column of an offset, both from 1. */
export function lineColumn(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/**
 * Returns the source lines around a position, with carets below it:
 *
 *       3 | parameters:
 *     > 4 |   - in: qery
 *         |         ^^^^
 */
export function codeFrame(text: string, starts: readonly number[], line: number, column: number, length: number): string {
  const first = Math.max(1, line - CONTEXT);
  // The empty line after the last line end is omitted, unless the position is in it.
  const lines = starts.length > 1 && starts.at(-1) === text.length ? starts.length - 1 : starts.length;
  const last = Math.max(line, Math.min(lines, line + CONTEXT));
  const digits = String(last).length;
  const from = column > WIDTH - 20 ? column - Math.floor(WIDTH / 2) : 1;
  const rows: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const whole = text.slice(starts[number - 1], (starts[number] ?? text.length + 1) - 1).replace(/\r$/, '');
    const shown = printable(whole.slice(from - 1, from - 1 + WIDTH)).replaceAll('\t', ' ');
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(digits)} | ${shown}`.trimEnd());
    if (number !== line) continue;
    const offset = printable(whole.slice(from - 1, column - 1)).length;
    const carets = Math.max(1, Math.min(length, WIDTH - offset, whole.length - column + 1));
    rows.push(`  ${' '.repeat(digits)} | ${' '.repeat(offset)}${'^'.repeat(carets)}`);
  }
  return rows.join('\n');
}
