import { createReadStream } from 'node:fs';
import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { DiagnosticError } from '../../../runtime/config/diagnostic.js';
import { printable } from '../../../runtime/config/quote.js';
import { diagnostic } from '../../../runtime/config/source.js';

/** One record: a line, or several lines if a quoted field contains line breaks. */
export interface CsvRecord {
  /** The number of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[];
}

/** The longest record. A quote that is never closed must not use up the memory. */
const LONGEST = 65_536;

/**
 * Reads comma-separated values (RFC 4180: quotes, doubled quotes, line breaks in quotes) in chunks, so that files can have any size. Skips
 * empty lines. `file` is the file's name in messages.
 *
 * @throws {DiagnosticError} if the text is not UTF-8, or a quote is never closed
 */
export async function* readCsv(path: string, file: string): AsyncGenerator<readonly CsvRecord[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const splitter = new Splitter(file);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    yield splitter.push(decode(() => decoder.decode(chunk as Uint8Array, { stream: true }), file));
  }
  yield splitter.end(decode(() => decoder.decode(), file));
}

function decode(read: () => string, file: string): string {
  try {
    return read();
  } catch {
    throw new DiagnosticError([diagnostic(file, { code: 'not-utf-8', message: 'the file is not UTF-8 text' })]);
  }
}

/** Splits text that arrives in chunks into records. */
class Splitter {
  readonly #file: string;
  #rest = '';
  /** The line number of the start of the rest. */
  #line = 1;

  constructor(file: string) {
    this.#file = file;
  }

  push(text: string): CsvRecord[] {
    const whole = this.#rest + text;
    const records: CsvRecord[] = [];
    let start = 0;
    let from = 0;
    for (let end = whole.indexOf('\n'); end !== -1; end = whole.indexOf('\n', from)) {
      from = end + 1;
      const line = whole.slice(start, end);
      // Within quotes, a line break belongs to the field.
      if (isOpen(line)) {
        if (line.length > LONGEST) throw this.#neverClosed(line);
        continue;
      }
      this.#add(line, records);
      start = from;
    }
    this.#rest = whole.slice(start);
    if (this.#rest.length > LONGEST) throw this.#neverClosed(this.#rest);
    return records;
  }

  end(text: string): CsvRecord[] {
    const records = this.push(`${text}\n`);
    if (this.#rest.trim() !== '') throw this.#neverClosed(this.#rest);
    return records;
  }

  #add(text: string, records: CsvRecord[]): void {
    const line = this.#line;
    const plain = text.endsWith('\r') ? text.slice(0, -1) : text;
    const clean = line === 1 ? plain.replace(/^\ufeff/, '') : plain;
    if (clean.includes('"')) {
      records.push({ line, text: clean, fields: fieldsOf(clean) });
      this.#line += 1 + (clean.match(/\n/g)?.length ?? 0);
      return;
    }
    this.#line++;
    if (clean.trim() !== '') records.push({ line, text: clean, fields: clean.split(',') });
  }

  #neverClosed(text: string): DiagnosticError {
    const quote = text.indexOf('"');
    const found =
      quote === -1
        ? 'this line is longer than 65,536 characters'
        : 'this quote is never closed, expected another " at the end of the field';
    return new DiagnosticError([faultAt(this.#file, { line: this.#line, text }, { at: Math.max(quote, 0), length: 1 }, 'bad-csv', found)]);
  }
}

/** Returns true if the text ends within quotes. */
function isOpen(text: string): boolean {
  let open = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) open = !open;
  return open;
}

function fieldsOf(text: string): string[] {
  return [...text.matchAll(FIELD)].map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')));
}

/** One field with the comma before it: with or without quotes. */
const FIELD = /(?:^|,)(?: *"((?:[^"]|"")*)" *(?=,|$)|([^,]*))/g;

/** Returns the place of a field in its record, for messages. */
export function placeOfField(text: string, index: number): { readonly at: number; readonly length: number } {
  const match = [...text.matchAll(FIELD)][index];
  if (match === undefined) return { at: 0, length: Math.max(1, text.length) };
  const comma = match[0].startsWith(',') ? 1 : 0;
  return { at: match.index + comma, length: Math.max(1, match[0].length - comma) };
}

/** Makes a diagnostic for one record that shows the line. */
export function faultAt(
  file: string,
  { line, text }: Pick<CsvRecord, 'line' | 'text'>,
  { at, length }: { readonly at: number; readonly length: number },
  code: string,
  message: string,
  hint?: string,
): Diagnostic {
  const shown = printable((text.split('\n', 1)[0] ?? '').slice(0, 120));
  const margin = String(line).length;
  const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - at)));
  const frame = `> ${line} | ${shown}\n  ${' '.repeat(margin)} | ${' '.repeat(Math.min(at, shown.length))}${carets}`;
  return { ...diagnostic(file, { code, message, hint }), line, column: at + 1, length, frame };
}
