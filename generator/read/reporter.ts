import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { Cursor } from './cursor.js';
import type { SourceDocument } from './source-document.js';

/** What to say of one finding. */
export interface Finding {
  /** Kebab-case, stable. */
  readonly code: string;
  /** What was found and what was expected. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** Underline the key instead of the value; the default for mappings and lists. */
  readonly anchor?: 'key' | 'value';
  /** Findings with the same key are told once. Default: the place. */
  readonly once?: string;
}

/** A finding that `repair: true` mends. */
export interface Fault extends Finding {
  /** What the repair does, as in "it is ...": `dropped`, `read as a string`. */
  readonly done: string;
}

/** Collects findings; each is told once, however often its place is visited. */
export class Reporter {
  readonly #found: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  constructor(readonly repair: boolean) {}

  /** Breaks a rule of the format: an error, or a repair where the service asks for repairs. */
  fault(at: Cursor, fault: Fault): void {
    if (this.repair) this.#add('repair', at, { ...fault, hint: undefined, message: `${fault.message}; it is ${fault.done}` });
    else this.#add('error', at, { ...fault, hint: join(fault.hint, `With \`repair: true\` for this service it is ${fault.done}.`) });
  }

  /** Legal, but a type as narrow as declared would refuse real calls: told in either mode, an error in none. */
  widened(at: Cursor, finding: Finding): void {
    this.#add(this.repair ? 'repair' : 'warning', at, finding);
  }

  warning(at: Cursor, finding: Finding): void {
    this.#add('warning', at, finding);
  }

  /** A fault that no repair can mend. */
  error(at: Cursor, finding: Finding): void {
    this.#add('error', at, finding);
  }

  /** For faults of the text itself, where there are no values to point at. */
  textError(document: SourceDocument, start: number, end: number, finding: Finding): void {
    const position = document.positionAt(start, end);
    this.#push('error', document.file, finding, { ...position, frame: document.frame(position) });
  }

  /** For files that cannot be read. */
  fileError(file: string, finding: Finding): void {
    this.#push('error', file, finding, {});
  }

  get failed(): boolean {
    return this.#found.some((found) => found.severity === 'error');
  }

  /** Sorted by file and place. */
  get diagnostics(): Diagnostic[] {
    const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    return [...this.#found].sort(
      (a, b) => byText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || byText(a.code, b.code),
    );
  }

  #add(severity: Diagnostic['severity'], at: Cursor, finding: Finding): void {
    const key = `${finding.code} ${finding.once ?? at.id}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const anchor = finding.anchor ?? (typeof at.value === 'object' && at.value !== null ? 'key' : 'value');
    const position = at.document.position(at.path, anchor);
    this.#push(severity, at.document.file, finding, { ...position, frame: at.document.frame(position) });
  }

  #push(severity: Diagnostic['severity'], file: string, { code, message, hint }: Finding, place: Partial<Diagnostic>): void {
    this.#found.push({ severity, code, message, file, ...place, ...(hint === undefined ? {} : { hint }) });
  }
}

function join(...sentences: (string | undefined)[]): string {
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}
