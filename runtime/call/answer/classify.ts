import type { PolicyValues } from '../../config/types.js';
import { type ConnectionFault, connectionFault } from '../../errors/connection-fault.js';

/** The meaning of a status for the policies, as bits: the table of a policy takes 600 bytes, and a look-up is one read. */
export const FAILURE = 1;
export const IGNORED = 2;
export const RETRY = 4;

const tables = new Map<string, Uint8Array>();

/**
 * Returns the status table of a policy. A status that is in none of the lists shows that the service works. A 404, for example, counts as a success
 * for the circuit, although the call rejects with an error.
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

/** Codes of errors after which it is certain that no byte of the request was sent. Any method can then be retried. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_MAX_ORIGINS_REACHED',
]);

/**
 * System calls after whose errors it is also certain that nothing was sent. The code alone (EHOSTUNREACH, ETIMEDOUT) is not enough: a read on a
 * broken connection has the same codes.
 */
const BEFORE_SENDING: ReadonlySet<string> = new Set(['connect', 'getaddrinfo', 'socket', 'bind', 'open']);

/** Codes of errors that would occur again: an invalid certificate, an invalid request, a closed dispatcher, a proxy that refuses us. */
const PERMANENT =
  /^(?:EPROXY_)?(ERR_TLS_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_INVALID_|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED|4(?!08|29)\d\d$|UNASKED_100_CONTINUE)/;

/**
 * Codes that say nothing about the service, beside those of the fault `local`: no name server answers, or our store of certificates knows no issuer
 * of the certificate.
 */
const OWN_SIDE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'EAI_MEMORY',
  'EAI_SYSTEM',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
]);

/**
 * Codes of a request that the transport refuses before it sends anything: a header that it does not send, such as `expect`, or one that does not fit the
 * body.
 */
const CALLERS_MISTAKE =
  /^(UND_ERR_(INVALID_ARG|INVALID_RETURN_VALUE|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)|ERR_INVALID_(CHAR|HTTP_TOKEN)|ERR_UNESCAPED_CHARACTERS|ERR_HTTP_INVALID_HEADER_VALUE|ERR_HTTP2_(INVALID_(CONNECTION_HEADERS|PSEUDOHEADER|HEADER_VALUE)|HEADER_SINGLE_VALUE))/;

/** The information in a transport error. */
export interface NetworkFault {
  /** The error code of Node or undici; `unknown` if there is none. */
  readonly reason: string;
  readonly fault: ConnectionFault;
  readonly neverSent: boolean;
  /** The connection was that of a redirect, perhaps to another host. */
  readonly redirected: boolean;
  readonly permanent: boolean;
  /** The cause is on our side, so the circuit must not count it. */
  readonly ownSide: boolean;
  /** The transport refused the request that the caller wrote. */
  readonly callersMistake: boolean;
}

/**
 * Reads an error of the transport. Follows `cause`, because `fetch` wraps errors. If several addresses were tried, reads the first error of the
 * `AggregateError`. `started` is true if the transport had started to write the request. If it is false, nothing was sent, whatever the code.
 * An error with `wasSent` comes after a redirect.
 */
export function networkFault(error: unknown, started: boolean): NetworkFault {
  const coded = findCoded(error);
  const reason = isUnasked100(coded) ? UNASKED_100 : (coded?.code ?? 'unknown');
  const wasSent = typeof error === 'object' && error !== null && 'wasSent' in error;
  const fault = connectionFault(reason, coded?.syscall);
  const ownSide = fault === 'local' || OWN_SIDE.has(reason);
  const neverSent = !wasSent && (!started || fault === 'proxy' || NEVER_SENT.has(reason) || BEFORE_SENDING.has(coded?.syscall ?? ''));
  // The caller did not write the request that a redirect asks for.
  const callersMistake = !wasSent && CALLERS_MISTAKE.test(reason);
  return { reason, fault, neverSent, redirected: wasSent, permanent: PERMANENT.test(reason), ownSide, callersMistake };
}

/**
 * Returns an error that can be read. A user's dispatcher can throw or report anything: a value that is no error, a Proxy that throws, or an error with
 * such a cause.
 */
export function asError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      findCoded(thrown);
      return thrown;
    }
  } catch {
    return new Error('the dispatcher failed with an error that cannot be read');
  }
  return new Error('the dispatcher failed', { cause: thrown });
}

/** Removes the response data from a transport error. An error of the HTTP parser, for example, contains the bytes that it could not read. */
export function withoutPayload(error: Error): Error {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof current === 'object' && current !== null; depth++) {
    try {
      // `delete` would throw if the error is frozen.
      for (const key of PAYLOAD) if (key in current) Reflect.deleteProperty(current, key);
      current = (current as { readonly cause?: unknown }).cause;
    } catch {
      // A Proxy of the user's that throws.
      return error;
    }
  }
  return error;
}

/**
 * Fields in which HTTP clients store response data: the parser uses `data`, interceptors that turn responses into errors use `body` and `headers`.
 */
const PAYLOAD = ['data', 'body', 'headers'] as const;

/** Causes can be nested or even cyclic. No transport nests them ten levels deep. */
const MAX_DEPTH = 10;

const PARSER_ERROR = 'HTTPParserError';

/** undici cannot read `100 Continue` (RFC 9110 section 15.2.1) and closes the connection as if it were broken. It never asks for one. */
const UNASKED_100 = 'UNASKED_100_CONTINUE';

function isUnasked100(error: object | undefined): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return code === 'UND_ERR_SOCKET' && message === 'bad response';
}

function findCoded(error: unknown): { readonly code: string; readonly syscall?: string } | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof current === 'object' && current !== null; depth++) {
    if ('code' in current && typeof current.code === 'string') return current as { readonly code: string; readonly syscall?: string };
    // undici 7.30 gives errors of its parser a code only if an older parser made them.
    if ('name' in current && current.name === PARSER_ERROR) return { code: PARSER_ERROR };
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else current = (current as { readonly cause?: unknown }).cause;
  }
  return undefined;
}
