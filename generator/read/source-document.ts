import { basename, extname } from 'node:path';
import { codeFrame, lineColumn, lineStarts } from '../../runtime/config/frame.js';
import type { Place } from './json-places.js';

/** The OpenAPI dialect of a document. 3.0 ignores siblings of `$ref`; 3.1 has lists of types. */
export type OpenApiVersion = '3.0' | '3.1';

/** Line and column (1-based), and the number of characters to underline. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** One file as read: its text, its data, and the place of each value in the text. */
export class SourceDocument {
  readonly #find: (path: readonly string[]) => Place;
  #starts: number[] | undefined;

  constructor(
    readonly path: string,
    /** The file's name in messages: relative to the working directory, with forward slashes. */
    readonly file: string,
    readonly text: string,
    readonly root: unknown,
    readonly version: OpenApiVersion,
    find: (path: readonly string[]) => Place,
  ) {
    this.#find = find;
  }

  /** The file name without its extension. */
  get stem(): string {
    return basename(this.path, extname(this.path));
  }

  /** Returns the position of a value or of its key. */
  position(path: readonly string[], anchor: 'key' | 'value'): Position {
    const place = this.#find(path);
    return this.positionAt(...((anchor === 'key' ? place.key : undefined) ?? place.value));
  }

  positionAt(start: number, end: number): Position {
    this.#starts ??= lineStarts(this.text);
    const lineEnd = this.text.indexOf('\n', start);
    const length = Math.max(1, Math.min(end, lineEnd === -1 ? this.text.length : lineEnd) - start);
    return { ...lineColumn(this.#starts, start), length };
  }

  frame({ line, column, length }: Position): string {
    this.#starts ??= lineStarts(this.text);
    return codeFrame(this.text, this.#starts, line, column, length);
  }
}
