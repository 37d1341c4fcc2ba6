import type { Diagnostic } from './diagnostic.js';
import { codeFrame, lineColumn, lineStarts } from './frame.js';
import { toPointer, type YamlPath } from './pointer.js';

/** Offsets of the first character and behind the last one. */
export type Range = readonly [number, number];

/** Where a value and the key that leads to it stand; list items have no key. */
export interface Place {
  readonly key: Range | undefined;
  readonly value: Range;
}

/** 1-based, with the number of characters to underline. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What to say of one finding. */
export interface Finding {
  readonly severity?: Diagnostic['severity'];
  /** Kebab-case, stable. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A file's text and where in it each of its values stands. */
export class ConfigSource {
  readonly #starts: readonly number[];
  /** What frames show: the text, with secrets hidden. */
  #shown: string;

  constructor(
    /** As messages name it. */
    readonly file: string,
    readonly text: string,
    /** By JSON pointer. */
    readonly places: ReadonlyMap<string, Place>,
    /** The text as frames show it, of the same length. */
    shown = text,
  ) {
    this.#starts = lineStarts(text);
    this.#shown = shown;
  }

  /** From now on no frame shows these values. */
  hide(paths: readonly YamlPath[]): void {
    const ranges = paths.map((path) => this.places.get(toPointer(path))?.value ?? ([0, 0] as const)).sort(([a], [b]) => a - b);
    const parts: string[] = [];
    let at = 0;
    for (const [start, end] of ranges) {
      if (end <= at) continue;
      const from = Math.max(at, start);
      parts.push(this.#shown.slice(at, from), this.#shown.slice(from, end).replace(/\S/g, '•'));
      at = end;
    }
    this.#shown = parts.join('') + this.#shown.slice(at);
  }

  /** Where a value stands, or the key that leads to it. Undefined where the file has no such value. */
  locate(path: YamlPath, anchor: 'key' | 'value' = 'key'): Position | undefined {
    const place = this.places.get(toPointer(path));
    if (place === undefined) return undefined;
    // A value of several lines, or not there at all, is shown by its key.
    const { key, value } = place;
    const shown =
      anchor === 'value' &&
      value[1] > value[0] &&
      !this.text
        .slice(...value)
        .trimEnd()
        .includes('\n');
    return this.positionAt(shown ? value : (key ?? value));
  }

  /** Line and column of a range; it is underlined to the end of its first line at most. */
  positionAt([start, end]: Range): Position {
    const lineEnd = this.text.indexOf('\n', start);
    const length = Math.max(1, Math.min(end, lineEnd === -1 ? this.text.length : lineEnd) - start);
    return { ...lineColumn(this.#starts, start), length };
  }

  /** A finding at a path, or at its nearest ancestor that the file has. */
  diagnose(path: YamlPath, anchor: 'key' | 'value', finding: Finding): Diagnostic {
    for (let steps = path; ; steps = steps.slice(0, -1)) {
      const position = this.locate(steps, steps === path ? anchor : 'key');
      if (position !== undefined) return this.diagnoseAt(position, finding);
      if (steps.length === 0) return diagnostic(this.file, finding);
    }
  }

  diagnoseAt(position: Position, finding: Finding): Diagnostic {
    const { line, column, length } = position;
    return { ...diagnostic(this.file, finding), line, column, length, frame: codeFrame(this.#shown, this.#starts, line, column, length) };
  }
}

/** A finding about a whole file. */
export function diagnostic(file: string, { severity = 'error', code, message, hint }: Finding): Diagnostic {
  return { severity, code, message: sentence(message), file, ...(hint === undefined ? {} : { hint }) };
}

/**
 * File order; what concerns the whole file comes first. A fault in a value that aliases repeat is told once: at one place, one code is one
 * finding.
 */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter(({ code, line, column }) => {
      const key = `${code} ${line} ${column}`;
      if (line !== undefined && seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** A capital letter, unless the sentence begins with a name in backticks or quotes, and a full stop. */
function sentence(text: string): string {
  const whole = /[.?!]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
