/** Lines of a file that are compared one by one; a larger change is shown as a block. */
const COMPARED = 1_500;
const CONTEXT = 2;

export interface DiffOptions {
  /** Lines shown per file. Default 12. */
  readonly maxLines?: number;
}

/**
 * A short unified diff of two texts: the first changes with a little context, and how much more there is.
 *
 * @returns lines, without the file's header; none where the texts are equal
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
  /** 1-based line of the new text. */
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
  if (removed.length > COMPARED || added.length > COMPARED) {
    for (const text of removed) push('-', text, start + 1);
    for (const [at, text] of added.entries()) push('+', text, start + at + 1);
  } else middle(removed, added, start, push);
  for (let at = after.length - end; at < after.length; at += 1) push(' ', after[at] ?? '', at + 1);
  return rows;
}

/** The longest common subsequence decides what stays. */
function middle(
  removed: readonly string[],
  added: readonly string[],
  start: number,
  push: (mark: Row['mark'], text: string, line: number) => void,
): void {
  const width = added.length + 1;
  const common = new Uint16Array((removed.length + 1) * width);
  for (let i = removed.length - 1; i >= 0; i -= 1) {
    for (let j = added.length - 1; j >= 0; j -= 1) {
      const down = common[(i + 1) * width + j] ?? 0;
      const right = common[i * width + j + 1] ?? 0;
      common[i * width + j] = removed[i] === added[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  let i = 0;
  let j = 0;
  while (i < removed.length || j < added.length) {
    const [old, fresh] = [removed[i], added[j]];
    if (old !== undefined && old === fresh) {
      push(' ', old, start + j + 1);
      i += 1;
      j += 1;
    } else if (fresh === undefined || (old !== undefined && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))) {
      push('-', old ?? '', start + j + 1);
      i += 1;
    } else {
      push('+', fresh, start + j + 1);
      j += 1;
    }
  }
}
