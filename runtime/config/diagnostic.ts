/** A finding in a user's input, with its position. */
export interface Diagnostic {
  /** A `hint` is advice about valid input. A `repair` reports a fault that was repaired. */
  readonly severity: 'error' | 'warning' | 'repair' | 'hint';
  /** A stable name in kebab case: `unknown-key`, `dangling-ref`, ... */
  readonly code: string;
  /** One sentence that says what was found and what was expected. */
  readonly message: string;
  /** The path as the user gave it, with forward slashes. */
  readonly file: string;
  /** Line, from 1. Undefined if the finding is about the whole file. */
  readonly line?: number;
  /** Column, from 1. */
  readonly column?: number;
  /** Number of characters to underline on that line. */
  readonly length?: number;
  /** What to do next, for example the nearest valid name or a helpful option. */
  readonly hint?: string;
  /** The source lines around the position. Set by the code that has the text. */
  readonly frame?: string;
}

/** Thrown for invalid input. Contains all findings. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError';

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(
      diagnostics
        .map((found) => `${found.file}${found.line === undefined ? '' : `:${found.line}:${found.column ?? 1}`} ${found.message}`)
        .join('\n'),
    );
  }
}
