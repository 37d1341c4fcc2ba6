import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { Cursor } from './cursor.js';
import type { SourceDocument } from './source-document.js';

/** One finding as the caller describes it. */
export interface Finding {
  /** A stable code in kebab-case. */
  readonly code: string;
  /** The value that was found and the value that was expected. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** Underlines the key or the value. Default: the key for mappings and lists, the value otherwise. */
  readonly anchor?: 'key' | 'value';
  /** Of several findings with the same key, only the first is reported. Default: the place. */
  readonly once?: string;
}

/** A finding that `repair: true` repairs. */
export interface Fault extends Finding {
  /** The effect of the repair, as it follows "it is": `dropped`, `read as a string`. */
  readonly done: string;
}

/** Collects findings and reports each one once, however often its place is visited. */
export class Reporter {
  readonly #found: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  constructor(readonly repair: boolean) {}

  /** Reports a broken rule of the format: an error, or a repair if the service has `repair: true`. */
  fault(at: Cursor, fault: Fault): void {
    if (this.repair) this.#add('repair', at, { ...fault, hint: undefined, message: `${fault.message}; it is ${fault.done}` });
    else this.#add('error', at, { ...fault, hint: join(fault.hint, `With \`repair: true\` for this service it is ${fault.done}.`) });
  }

  /** Reports a legal declaration whose literal type would refuse real calls: a warning, or a repair if the service has `repair: true`. */
  widened(at: Cursor, finding: Finding): void {
    this.#add(this.repair ? 'repair' : 'warning', at, finding);
  }

  warning(at: Cursor, finding: Finding): void {
    this.#add('warning', at, finding);
  }

  /** Reports a fault that no repair can fix. */
  error(at: Cursor, finding: Finding): void {
    this.#add('error', at, finding);
  }

  /** Reports a fault of the text itself, before any value can be read. */
  textError(document: SourceDocument, start: number, end: number, finding: Finding): void {
    const position = document.positionAt(start, end);
    this.#push('error', document.file, finding, { ...position, frame: document.frame(position) });
  }

  /** Reports a file that cannot be read. */
  fileError(file: string, finding: Finding): void {
    this.#push('error', file, finding, {});
  }

  get failed(): boolean {
    return this.#found.some((found) => found.severity === 'error');
  }

  /** All findings, sorted by file and place. */
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
