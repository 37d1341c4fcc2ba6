import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';
import { type Diagnostic, DiagnosticError } from '../../../runtime/config/diagnostic.js';
import { quote } from '../../../runtime/config/quote.js';
import { diagnostic } from '../../../runtime/config/source.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import { LONGEST } from '../scenario/schema.js';
import { ANY_OPERATION } from '../scenario/types.js';
import { InOrder } from './in-order.js';
import { type RecordedCall, readRows } from './rows.js';

/** The facts about a recording that was read and checked from beginning to end. */
export interface Survey {
  readonly path: string;
  /** The path as the user gave it. */
  readonly file: string;
  readonly calls: number;
  /** The time of the first call, from the zero of the recording. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly services: ReadonlyMap<string, RecordedService>;
  /** Names for rows without one. */
  readonly usual: { readonly service: string | undefined; readonly operation: string };
}

export interface RecordedService {
  /** The number of calls of each operation, and its method if the recording contains it. */
  readonly operations: ReadonlyMap<string, { readonly count: number; readonly method: HttpMethod | undefined }>;
  /** Distinct requests with their numbers, if the recording distinguishes requests. */
  readonly requests: ReadonlyMap<string, number>;
}

export interface SurveyOptions {
  readonly path: string;
  readonly file: string;
  /** The service of rows that name none. */
  readonly service: string | undefined;
  readonly operation: string | undefined;
  /** The services of the breaker YAML. */
  readonly known: readonly string[];
}

/** The most distinct requests of a service. */
const MOST_REQUESTS = 100_000;
/** The most distinct operations of a service. More names are probably URLs with values, not operations. */
const MOST_OPERATIONS = 1_000;
const SHOWN_FAULTS = 10;

interface Draft {
  readonly operations: Map<string, { count: number; method: HttpMethod | undefined }>;
  readonly requests: Map<string, number>;
}

/** @throws {DiagnosticError} if a row cannot be read or is out of order, or a service is unknown */
export async function surveyRecording(options: SurveyOptions): Promise<Survey> {
  const { path, file, known } = options;
  const faults: Diagnostic[] = [];
  const services = new Map<string, Draft>();
  const [one] = known;
  const usual = { service: options.service ?? (known.length === 1 ? one : undefined), operation: options.operation ?? ANY_OPERATION };
  const fault = (line: number, code: string, message: string, hint?: string): void => {
    faults.push({ ...diagnostic(file, { code, message, hint }), line, column: 1 });
    if (faults.length >= SHOWN_FAULTS) throw new DiagnosticError(faults);
  };
  const order = lateRowsAre((line, message, hint) => fault(line, 'out-of-order', message, hint));
  const reported = new Set<string>();
  let [calls, startMs, endMs] = [0, Number.NaN, Number.NaN];
  const take = (row: RecordedCall): void => {
    const name = row.service ?? usual.service;
    calls++;
    if (calls === 1) startMs = row.timeMs;
    endMs = row.timeMs;
    if (name === undefined || !known.includes(name)) {
      // Reported once per name, not once per row.
      if (reported.has(name ?? '')) return;
      reported.add(name ?? '');
      if (name === undefined)
        fault(row.line, 'missing-service', 'this row names no service', 'Add a column `service`, or say `--service NAME`.');
      else {
        const meant = nearest(name, known);
        const message = `there is no service ${quote(name)}, expected ${known.join(', ') || 'one of the breaker YAML'}`;
        fault(row.line, 'unknown-service', message, meant === undefined ? undefined : `Did you mean \`${meant}\`?`);
      }
      return;
    }
    let service = services.get(name);
    if (service === undefined) {
      service = { operations: new Map(), requests: new Map() };
      services.set(name, service);
    }
    const id = row.operation ?? usual.operation;
    const operation = service.operations.get(id);
    if (operation !== undefined) operation.count++;
    else if (service.operations.size < MOST_OPERATIONS) service.operations.set(id, { count: 1, method: row.method });
    else
      fault(
        row.line,
        'too-many-operations',
        `${name} has more than 1,000 different operations`,
        'Operations are ids such as contacts.get, not URLs.',
      );
    const { request } = row;
    if (request !== undefined && !service.requests.has(request) && service.requests.size < MOST_REQUESTS)
      service.requests.set(request, service.requests.size);
  };
  for await (const rows of readRows(path, file)) for (const row of order.push(rows)) take(row);
  for (const row of order.end()) take(row);
  if (calls === 0) throw new DiagnosticError([diagnostic(file, { code: 'no-calls', message: 'the recording has no calls' })]);
  const durationMs = endMs - startMs + 1;
  if (durationMs > LONGEST * 1_000) {
    const days = Math.round(durationMs / 86_400_000);
    const hint = 'Times that are plain numbers are seconds. Are these milliseconds?';
    fault(1, 'too-long', `the recording lasts ${days.toLocaleString('en')} days, expected at most ${LONGEST / 86_400}`, hint);
  }
  if (faults.length > 0) throw new DiagnosticError(faults);
  return { path, file, calls, startMs, durationMs: Math.max(1_000, durationMs), services, usual };
}

/** Sorts rows by time. Calls `report` for rows that come too late to be sorted. */
export function lateRowsAre(report: (line: number, message: string, hint: string) => void): InOrder {
  return new InOrder(({ line }, lateMs) =>
    report(
      line,
      `this call began ${(lateMs / 1_000).toLocaleString('en', { maximumFractionDigits: 1 })} s before one that stands more than 10,000 rows above it`,
      'Sort the file by time.',
    ),
  );
}
