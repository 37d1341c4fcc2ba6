import type { Diagnostic } from './diagnostic.js';
import { codeFrame, lineColumn, lineStarts } from './frame.js';
import { toPointer, type YamlPath } from './pointer.js';

/** The offsets of the first character and after the last one. */
export type Range = readonly [number, number];

/** The ranges of a value and of its key. List items have no key. */
export interface Place {
  readonly key: Range | undefined;
  readonly value: Range;
}

/** A position: line and column from 1, and the number of characters to underline. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** The texts of a finding. */
export interface Finding {
  readonly severity?: Diagnostic['severity'];
  /** A stable name in kebab case. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The text of a file, and the place of each value in it. */
export class ConfigSource {
  readonly #starts: readonly number[];
  /** The text for frames, with secrets hidden. */
  #shown: string;

  constructor(
    /** The name of the file in messages. */
    readonly file: string,
    readonly text: string,
    /** The places of values by JSON pointer. */
    readonly places: ReadonlyMap<string, Place>,
    /** The text for frames. It must have the same length. */
    shown = text,
  ) {
    this.#starts = lineStarts(text);
    this.#shown = shown;
  }

  /** Hides these values in all frames created from now on. */
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

  /** Returns the position of a value, or of its key. Undefined if the file has no such value. */
  locate(path: YamlPath, anchor: 'key' | 'value' = 'key'): Position | undefined {
    const place = this.places.get(toPointer(path));
    if (place === undefined) return undefined;
    // If the value is empty or has several lines, the position is that of its key.
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

  /** Returns the position of a range. The underline ends at the end of the first line. */
  positionAt([start, end]: Range): Position {
    const lineEnd = this.text.indexOf('\n', start);
    const length = Math.max(1, Math.min(end, lineEnd === -1 ? this.text.length : lineEnd) - start);
    return { ...lineColumn(this.#starts, start), length };
  }

  /** Returns the diagnostic for a finding at a path. If the file does not have the path, the position is that of the nearest ancestor. */
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

/** Returns the diagnostic for a finding about a whole file. */
export function diagnostic(file: string, { severity = 'error', code, message, hint }: Finding): Diagnostic {
  return { severity, code, message: sentence(message), file, ...(hint === undefined ? {} : { hint }) };
}

/**
 * Sorts diagnostics by their position in the file; those about the whole file come first. Removes diagnostics with the same code at the same
 * position: a fault in a value that aliases repeat is reported once.
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

/** Adds a capital letter, unless the sentence starts with a name in backticks or quotes, and a full stop. */
function sentence(text: string): string {
  const whole = /[.?!]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
