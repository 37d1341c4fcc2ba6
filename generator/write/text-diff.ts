/** The most removed and added lines that a diff shows one by one. A larger change is shown as a block. */
const MAX_EDITS = 600;
const CONTEXT = 2;

export interface DiffOptions {
  /** The number of lines shown per file. Default 12. */
  readonly maxLines?: number;
}

/**
 * Returns a short unified diff of two texts: the first changes with a little context, and the number of further changes.
 *
 * @returns lines without the file's header; empty if the texts are equal
 */
export function textDiff(before: string, after: string, { maxLines = 12 }: DiffOptions = {}): string[] {
  const rows = changes(linesOf(before), linesOf(after));
  const lines: string[] = [];
  let shownUntil = -1;
  rows.forEach((row, at) => {
    if (row.mark === ' ') return;
    const from = Math.max(shownUntil + 1, at - CONTEXT);
    if (from > shownUntil + 1 || shownUntil === -1) lines.push(`@@ line ${rows[from]?.line ?? 1} @@`);
    for (let index = from; index < at; index += 1) lines.push(`${rows[index]?.mark ?? ' '}${rows[index]?.text ?? ''}`);
    lines.push(row.mark + row.text);
    shownUntil = at;
  });
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines), `… ${lines.length - maxLines} more lines`];
}

interface Row {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  /** The line in the new text, from 1. */
  readonly line: number;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function changes(before: readonly string[], after: readonly string[]): Row[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const rows: Row[] = [];
  const push = (mark: Row['mark'], text: string, line: number): void => void rows.push({ mark, text, line });
  for (let at = 0; at < start; at += 1) push(' ', after[at] ?? '', at + 1);
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  middle(removed, added, start, push);
  for (let at = after.length - end; at < after.length; at += 1) push(' ', after[at] ?? '', at + 1);
  return rows;
}

/** One step of Myers' algorithm: the position that each diagonal (lines removed - lines added) reaches with this number of edits. */
type Reach = ReadonlyMap<number, number>;

/**
 * Finds the fewest edits that turn `removed` into `added` (Myers 1986). Time and memory grow with the number of edits, not with the number
 * of lines. If there are too many edits, removes and adds everything.
 */
function middle(
  removed: readonly string[],
  added: readonly string[],
  start: number,
  push: (mark: Row['mark'], text: string, line: number) => void,
): void {
  const steps = forward(removed, added);
  if (steps === undefined) {
    for (const text of removed) push('-', text, start + 1);
    for (const [at, text] of added.entries()) push('+', text, start + at + 1);
    return;
  }
  const rows: Row[] = [];
  let i = removed.length;
  let j = added.length;
  for (let edits = steps.length; edits > 0; edits -= 1) {
    const before = steps[edits - 1] ?? new Map<number, number>();
    const down = goesDown(before, i - j, edits);
    const diagonal = down ? i - j + 1 : i - j - 1;
    const fromI = before.get(diagonal) ?? 0;
    const stop = down ? fromI : fromI + 1;
    for (; i > stop; i -= 1, j -= 1) rows.push({ mark: ' ', text: removed[i - 1] ?? '', line: start + j });
    if (down) {
      rows.push({ mark: '+', text: added[j - 1] ?? '', line: start + j });
      j -= 1;
    } else {
      rows.push({ mark: '-', text: removed[i - 1] ?? '', line: start + j + 1 });
      i -= 1;
    }
  }
  for (; i > 0; i -= 1, j -= 1) rows.push({ mark: ' ', text: removed[i - 1] ?? '', line: start + j });
  for (const { mark, text, line } of rows.reverse()) push(mark, text, line);
}

/** Returns the position that each step of edits reaches. Undefined if more than `MAX_EDITS` are needed. */
function forward(removed: readonly string[], added: readonly string[]): Reach[] | undefined {
  const steps: Reach[] = [];
  let before: Reach = new Map();
  for (let edits = 0; edits <= MAX_EDITS; edits += 1) {
    const reach = new Map<number, number>();
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = goesDown(before, diagonal, edits);
      let i = edits === 0 ? 0 : down ? (before.get(diagonal + 1) ?? 0) : (before.get(diagonal - 1) ?? 0) + 1;
      while (i < removed.length && i - diagonal < added.length && removed[i] === added[i - diagonal]) i += 1;
      reach.set(diagonal, i);
      if (i >= removed.length && i - diagonal >= added.length) return steps;
    }
    steps.push(reach);
    before = reach;
  }
  return undefined;
}

/** Returns true if an added line reaches the diagonal, false if a removed line does. */
function goesDown(before: Reach, diagonal: number, edits: number): boolean {
  return diagonal === -edits || (diagonal !== edits && (before.get(diagonal - 1) ?? 0) < (before.get(diagonal + 1) ?? 0));
}
