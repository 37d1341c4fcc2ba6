/** One finding in a user's input, with the place it was found. */
export interface Diagnostic {
  /** A hint is advice: the input works as it is. */
  readonly severity: 'error' | 'warning' | 'repair' | 'hint';
  /** Stable, kebab-case: `unknown-key`, `dangling-ref`, ... */
  readonly code: string;
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  /** As the user gave it, with forward slashes. */
  readonly file: string;
  /** 1-based; absent where the whole file is meant. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** Characters to underline, on that line. */
  readonly length?: number;
  /** What to do next: the nearest valid name, the switch that helps. */
  readonly hint?: string;
  /** Source lines around the place, set by the code that has the text. */
  readonly frame?: string;
}

/** Bad input, reported whole: several faults come together. */
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
