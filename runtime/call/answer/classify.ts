import type { PolicyValues } from '../../config/types.js';

/** The meaning of a status for the policies: bits, so that the table of one policy is 600 bytes and a look-up one read. */
export const FAILURE = 1;
export const IGNORED = 2;
export const RETRY = 4;

const tables = new Map<string, Uint8Array>();

/**
 * A status table of one policy. A status in none of the lists proves the service alive: a 404 is an answer, so it counts as a success of
 * the circuit although the call ends in an error.
 */
export function statusTable(policy: Pick<PolicyValues, 'failureStatuses' | 'ignoredStatuses' | 'retryStatuses'>): Uint8Array {
  const key = [policy.failureStatuses, policy.ignoredStatuses, policy.retryStatuses].map((list) => list.join()).join('|');
  let table = tables.get(key);
  if (table === undefined) {
    table = new Uint8Array(600);
    for (const status of policy.failureStatuses) mark(table, status, FAILURE);
    for (const status of policy.retryStatuses) mark(table, status, RETRY);
    for (const status of policy.ignoredStatuses) mark(table, status, IGNORED);
    if (tables.size < 1_000) tables.set(key, table);
  }
  return table;
}

function mark(table: Uint8Array, status: number, bit: number): void {
  table[status] = (table[status] ?? 0) | bit;
}

/** Codes of errors that prove that no byte of the request was sent: any method may be tried again. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** System calls whose errors prove the same with other codes (EHOSTUNREACH, ETIMEDOUT). A read on a broken connection reports these codes, too. */
const BEFORE_SENDING: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);

/** Codes that no second attempt will change: a broken certificate, an unusable request. */
const PERMANENT =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_INVALID_|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED)/;

/** The facts that a transport error gives. */
export interface NetworkFault {
  /** Node's or undici's code. */
  readonly reason: string;
  readonly neverSent: boolean;
  readonly permanent: boolean;
}

/**
 * Reads an error of the transport, following `cause` (fetch wraps) and, where several addresses were tried, the first error of the
 * aggregate. `started` is whether the request had begun to be written: if not, nothing was sent, with any code.
 */
export function networkFault(error: unknown, started: boolean): NetworkFault {
  const coded = findCoded(error);
  const reason = coded?.code ?? 'unknown';
  const neverSent = !started || NEVER_SENT.has(reason) || BEFORE_SENDING.has(coded?.syscall ?? '');
  return { reason, neverSent, permanent: PERMANENT.test(reason) };
}

/** Removes the parts of the answer from a transport's error: a parser's error holds the bytes that it could not read. */
export function withoutPayload(error: Error): Error {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof current === 'object' && current !== null; depth++) {
    // Not by `delete`, which throws if the error is frozen.
    for (const key of PAYLOAD) if (key in current) Reflect.deleteProperty(current, key);
    current = (current as { readonly cause?: unknown }).cause;
  }
  return error;
}

/** Fields in which HTTP clients put the answer: the parser `data`, interceptors that make errors of answers `body` and `headers`. */
const PAYLOAD = ['data', 'body', 'headers'] as const;

/** Causes may be nested, or even cyclic; ten levels are more than any transport makes. */
const MAX_DEPTH = 10;

function findCoded(error: unknown): { readonly code: string; readonly syscall?: string } | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof current === 'object' && current !== null; depth++) {
    if ('code' in current && typeof current.code === 'string') return current as { readonly code: string; readonly syscall?: string };
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else current = (current as { readonly cause?: unknown }).cause;
  }
  return undefined;
}
