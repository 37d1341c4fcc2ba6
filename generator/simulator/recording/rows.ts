import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';
import { type Diagnostic, DiagnosticError } from '../../../runtime/config/diagnostic.js';
import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import { FAULT_NAMES, faultNamed } from '../scenario/faults.js';
import { METHODS } from '../scenario/schema.js';
import type { Fault } from '../scenario/types.js';
import { type CsvRecord, faultAt, placeOfField, readCsv } from './csv.js';

/** One recorded call. */
export interface RecordedCall {
  readonly line: number;
  /** Milliseconds since the epoch, or since the zero of the recording. */
  readonly timeMs: number;
  readonly durationMs: number;
  /** Undefined: a good answer. */
  readonly fault: Fault | undefined;
  readonly service: string | undefined;
  readonly operation: string | undefined;
  readonly method: HttpMethod | undefined;
  /** The request, if the recording distinguishes requests. */
  readonly request: string | undefined;
}

/** Columns with their other names. */
const COLUMNS = {
  time: ['timestamp', 'start', 'started_at', '@timestamp', 'date', 'ts'],
  duration: ['duration_ms', 'latency', 'latency_ms', 'elapsed_ms', 'response_time', 'response_time_ms'],
  outcome: ['status', 'status_code', 'result', 'http_status'],
  service: ['vendor', 'api'],
  operation: ['operation_id', 'endpoint'],
  method: ['http_method', 'verb'],
  request: ['request_key', 'key'],
} as const;

type Column = keyof typeof COLUMNS;

/** Columns in seconds instead of milliseconds. */
const IN_SECONDS = ['duration_s', 'duration_seconds', 'elapsed_seconds', 'latency_seconds'];

/** The number of faults after which reading stops. */
const SHOWN_FAULTS = 10;

/** Names of outcomes in recordings. Statuses are numbers. */
const OUTCOMES: Readonly<Record<string, Fault | undefined>> = {
  ok: undefined,
  success: undefined,
  succeeded: undefined,
  error: 500,
  failed: 500,
  failure: 500,
  timed_out: 'hang',
  ...Object.fromEntries(FAULT_NAMES.map((name) => [name, faultNamed(name)])),
};

/**
 * Reads recorded calls in chunks, in the order of the file.
 *
 * @throws {DiagnosticError} with the line and column of each invalid value
 */
export async function* readRows(path: string, file: string): AsyncGenerator<readonly RecordedCall[]> {
  let reader: RowReader | undefined;
  for await (const records of readCsv(path, file)) {
    const [header] = records;
    if (reader === undefined && header !== undefined) {
      reader = new RowReader(file, header);
      yield reader.read(records.slice(1));
    } else if (reader !== undefined) yield reader.read(records);
  }
  if (reader === undefined) {
    const where = { line: 1, text: '' };
    throw new DiagnosticError([
      faultAt(file, where, { at: 0, length: 1 }, 'empty-file', 'the file is empty, expected a row of column names: time,duration,outcome'),
    ]);
  }
  reader.end();
}

class RowReader {
  readonly #file: string;
  readonly #at: { readonly [C in Column]?: number };
  readonly #durationScale: number;
  readonly #width: number;
  readonly #faults: Diagnostic[] = [];

  constructor(file: string, header: CsvRecord) {
    this.#file = file;
    const names = header.fields.map((field) => field.trim().toLowerCase());
    this.#width = names.length;
    const find = (names_: readonly string[]): number => names.findIndex((name) => names_.includes(name));
    const at: { -readonly [C in Column]?: number } = {};
    for (const column of Object.keys(COLUMNS) as Column[]) {
      const others = column === 'duration' ? [...COLUMNS[column], ...IN_SECONDS] : COLUMNS[column];
      // The column's own name has precedence: a file can have both `outcome` and `status`.
      const found = names.includes(column) ? names.indexOf(column) : find(others);
      if (found !== -1) at[column] = found;
    }
    const missing = (['time', 'duration', 'outcome'] as const).filter((column) => at[column] === undefined);
    if (missing.length > 0) throw new DiagnosticError([this.#missing(header, names, missing)]);
    this.#at = at;
    this.#durationScale = IN_SECONDS.includes(names[at.duration ?? -1] ?? '') ? 1_000 : 1;
  }

  read(records: readonly CsvRecord[]): readonly RecordedCall[] {
    return records.flatMap((record) => this.#row(record) ?? []);
  }

  /** @throws {DiagnosticError} if a fault was found */
  end(): void {
    if (this.#faults.length > 0) throw new DiagnosticError(this.#faults);
  }

  #row(record: CsvRecord): RecordedCall | undefined {
    const { fields } = record;
    if (fields.length !== this.#width) {
      const message = `this row has ${fields.length} fields, expected ${this.#width}, as the first row has`;
      this.#fault(record, { at: 0, length: record.text.length }, message, 'A field with a comma in it needs quotes.');
      return undefined;
    }
    const timeMs = timeOf(this.#text(record, 'time'));
    const durationMs = numberOf(this.#text(record, 'duration')) * this.#durationScale;
    const outcome = outcomeOf(this.#text(record, 'outcome'));
    if (Number.isNaN(timeMs)) this.#badField(record, 'time', 'seconds, or a date such as 2026-01-31T08:00:00Z');
    if (!(durationMs >= 0)) this.#badField(record, 'duration', 'a number of milliseconds, 0 or more');
    if (outcome === null) this.#badField(record, 'outcome', 'ok, a status, or a cause such as timeout or refused', Object.keys(OUTCOMES));
    const method = this.#text(record, 'method').toUpperCase();
    if (method !== '' && !METHODS.includes(method)) this.#badField(record, 'method', 'an HTTP method such as GET', METHODS);
    if (Number.isNaN(timeMs) || !(durationMs >= 0) || outcome === null) return undefined;
    return {
      line: record.line,
      timeMs,
      durationMs,
      fault: outcome,
      service: this.#text(record, 'service') || undefined,
      operation: this.#text(record, 'operation') || undefined,
      method: (method || undefined) as HttpMethod | undefined,
      request: this.#text(record, 'request') || undefined,
    };
  }

  #text(record: CsvRecord, column: Column): string {
    const at = this.#at[column];
    return at === undefined ? '' : (record.fields[at] ?? '').trim();
  }

  #badField(record: CsvRecord, column: Column, expected: string, names: readonly string[] = []): void {
    const text = this.#text(record, column);
    const meant = text === '' ? undefined : nearest(text, names);
    const place = placeOfField(record.text, this.#at[column] ?? 0);
    const found = text === '' ? 'empty' : quote(text);
    this.#fault(
      record,
      place,
      `\`${column}\` is ${found}, expected ${expected}`,
      meant === undefined ? undefined : `Did you mean \`${meant}\`?`,
    );
  }

  #fault(record: CsvRecord, place: { readonly at: number; readonly length: number }, message: string, hint?: string): void {
    this.#faults.push(faultAt(this.#file, record, place, 'bad-row', message, hint));
    if (this.#faults.length >= SHOWN_FAULTS) this.end();
  }

  #missing(header: CsvRecord, names: readonly string[], missing: readonly Column[]): Diagnostic {
    const [first] = missing;
    const meant = first && nearest(first, names);
    const separator = header.text.includes(';') ? ';' : header.text.includes('\t') ? 'a tab' : undefined;
    const hint =
      separator !== undefined && names.length === 1
        ? `Columns are parted by commas here, not by ${separator}.`
        : meant === undefined
          ? 'The first row names the columns: time,duration,outcome and, where there are several, service and operation.'
          : `Did you mean \`${first}\` by \`${meant}\`?`;
    const list = new Intl.ListFormat('en').format(missing.map((name) => `\`${name}\``));
    const message = `there ${missing.length === 1 ? 'is no column' : 'are no columns'} ${list}, expected time, duration and outcome`;
    return faultAt(this.#file, header, { at: 0, length: header.text.length }, 'missing-column', message, hint);
  }
}

/** Reads seconds as a number, or a date. */
function timeOf(text: string): number {
  const seconds = numberOf(text);
  if (!Number.isNaN(seconds)) return seconds * 1_000;
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d)(?:[T ]([\d:.,]+)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  // A date without a zone is UTC, so that the result does not depend on the machine.
  return Date.parse(time === undefined ? day : `${day}T${time.replace(',', '.')}${zone ?? 'Z'}`);
}

function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Returns null if the text is not an outcome. */
function outcomeOf(text: string): Fault | undefined | null {
  if (/^[1-5]\d\d$/.test(text)) {
    const status = Number(text);
    return status < 400 ? undefined : status;
  }
  const name = text.toLowerCase().replaceAll(/[ -]/g, '_');
  return Object.hasOwn(OUTCOMES, name) ? OUTCOMES[name] : null;
}
