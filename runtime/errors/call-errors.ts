import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import type { ConfigurationError } from './configuration-error.js';
import { type ConnectionFault, connectionFault, FAULT_TEXTS } from './connection-fault.js';
import type { BulkheadFullError, RateLimitedError } from './limit-errors.js';
import type { RefusalReason } from './refusal-reason.js';
import { secondsText } from './seconds-text.js';
import type { SignInError } from './sign-in-error.js';

/** The circuit refused the call, because it is open or ramps up after a recovery. No request was made. */
export class CircuitOpenError extends FuselineError {
  readonly kind = 'circuit_open';
  readonly code = 'EOPENBREAKER';

  constructor(
    where: ErrorPlace,
    /** The name of the circuit. */
    readonly circuit: string,
    /** Milliseconds until the circuit probes. 0 if probes are running now, Infinity if someone opened it by hand. */
    readonly retryAfterMs: number,
    /** Why the circuit, or the circuit that it follows, refused. Default: derived from `retryAfterMs`. */
    readonly reason: RefusalReason = reasonOf(retryAfterMs),
    /** The open circuit, if the refusing circuit only follows it. */
    readonly dependency?: string,
    /** Why that circuit opened: `consecutive_failures`, `failure_rate`, `probe_failed`, ... Undefined if it is not open, or held open by hand. */
    readonly openReason?: string,
  ) {
    const subject = dependency === undefined ? `circuit '${circuit}'` : `circuit '${circuit}' follows '${dependency}', which`;
    super(`${placeName(where)}: ${subject} ${describeRefusal(reason, retryAfterMs, openReason)}; no request was made`, where);
  }

  /** Seconds until the circuit probes, rounded up. */
  get retryAfter(): number {
    return Math.ceil(this.retryAfterMs / 1000);
  }
}

function reasonOf(retryAfterMs: number): RefusalReason {
  if (retryAfterMs === Number.POSITIVE_INFINITY) return 'forced_open';
  return retryAfterMs <= 0 ? 'half_open' : 'open';
}

function describeRefusal(reason: RefusalReason, retryAfterMs: number, openReason: string | undefined): string {
  if (reason === 'forced_open') return 'is held open by hand, reset it to let calls through';
  if (reason === 'ramp') return 'has just closed and lets only a share of calls in';
  if (reason === 'half_open') return 'is probing and has no place free';
  const why = openReason === undefined ? '' : ` (${openReason.replaceAll('_', ' ')})`;
  return `is open${why}, it probes again in ${secondsText(retryAfterMs)}`;
}

/** An attempt, or the whole call, took longer than allowed. The request was aborted. */
export class TimeoutError extends FuselineError {
  readonly kind = 'timeout';
  readonly code = 'ETIMEDOUT';

  constructor(
    where: ErrorPlace,
    /** `attempt`: one attempt. `total`: the call with its retries and waits. */
    readonly scope: 'attempt' | 'total',
    readonly timeoutMs: number,
    /** What the call was doing: `queued` in a bulkhead, `preparing` (fetching a token), waiting for a free `connection` of our own, `connecting`, `waiting` for an answer, reading the `body`, or in `backoff`. */
    readonly phase: 'queued' | 'preparing' | 'connection' | 'connecting' | 'waiting' | 'body' | 'backoff',
    /** `queuedMs`: how much of the time the request waited for a free connection of our own, before it was sent. */
    options: { readonly cause?: unknown; readonly queuedMs?: number } = {},
  ) {
    const what = scope === 'attempt' ? 'no complete answer' : 'the call did not finish';
    const { queuedMs = 0, ...more } = options;
    const queued = queuedMs < 1 ? '' : `, after ${Math.round(queuedMs)} ms without a free connection of our own`;
    super(
      `${placeName(where)}: ${what} within ${timeoutMs} ms (${phase === 'connection' ? 'connection: none of our own was free' : phase}${queued})`,
      where,
      more,
    );
  }
}

/** The connection failed: it was refused or reset, the host is unknown, or TLS failed. `fault` tells which. */
export class NetworkError extends FuselineError {
  readonly kind = 'network';
  readonly code = 'ENETWORK';

  /** Why: `refused`, `dns`, `tls`, `reset`, ... A closed set. */
  readonly fault: ConnectionFault;
  /** The host that was called, with its port if it is not the default; undefined if it is not known. */
  readonly host: string | undefined;

  constructor(
    where: ErrorPlace,
    /** The code of Node or undici, such as `ECONNREFUSED`. */
    readonly reason: string,
    /** False if certainly nothing was sent. Then every method can be retried. */
    readonly maybeSent: boolean,
    { cause, host, fault = connectionFault(reason), reused = false }: NetworkErrorDetails = {},
  ) {
    const perhaps = reused ? '; it was open before, and the request may have reached the service' : '';
    const sent = maybeSent ? perhaps : '; nothing was sent';
    const whose = host === undefined ? '' : ` (${host})`;
    super(`${placeName(where)}: ${FAULT_TEXTS[fault]}${whose}${sent} (${reason})`, where, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.host = host;
  }
}

/** What else is known of a connection that failed. */
export interface NetworkErrorDetails {
  readonly cause?: unknown;
  readonly host?: string | undefined;
  /** The request went out on a connection that was open before. Default false. */
  readonly reused?: boolean;
  /** Default: what `reason` means. */
  readonly fault?: ConnectionFault;
}

/**
 * The server answered with a success status, but not with a body that the document declares: HTML, broken JSON, no body, too many bytes, or a
 * content coding that is unknown (`unknown_coding`) or damaged (`broken_coding`).
 */
export class ResponseParseError extends FuselineError {
  readonly kind = 'response';
  readonly code = 'EBADRESPONSE';

  constructor(
    where: ErrorPlace,
    readonly problem: 'content_type' | 'invalid_json' | 'empty_body' | 'too_large' | 'unknown_coding' | 'broken_coding',
    readonly status: number,
    readonly contentType: string | undefined,
    /** Bytes of the body: decoded, or as received if it cannot be decoded. The body itself is not kept. */
    readonly bytes: number,
    /** The content coding that is unknown or damaged, such as `gzip`; undefined for any other problem. */
    readonly coding?: string,
    /** The limit that a body of the problem `too_large` exceeds, in bytes. */
    limit?: number,
  ) {
    const found = coding === undefined ? PROBLEMS[problem] : `${PROBLEMS[problem]} '${coding}'`;
    const over = limit === undefined ? '' : ` of ${limit} bytes after decompression, which the option \`maxResponseBytes\` sets`;
    const size = `${bytes} bytes${limit === undefined ? '' : ' received'}`;
    super(`${placeName(where)}: the server answered ${status} with ${found}${over} (${contentType ?? 'no content type'}, ${size})`, where);
  }
}

const PROBLEMS = {
  content_type: 'a content type that the operation does not declare',
  invalid_json: 'JSON that does not parse',
  empty_body: 'an empty body where one is declared',
  too_large: 'a body over the size limit',
  unknown_coding: 'a body in a content coding that cannot be undone here:',
  broken_coding: 'a body that is damaged or cut off in its content coding',
};

/** Every attempt failed. `lastError` is the error of the last one. */
export class RetryExhaustedError extends FuselineError {
  readonly kind = 'retry_exhausted';
  readonly code = 'ERETRYEXHAUSTED';
  // Private, so that printing the error prints the last one once, as its cause.
  readonly #errors: readonly FuselineError[];
  readonly #lastError: FuselineError;

  constructor(
    where: ErrorPlace,
    /** The number of attempts. */
    readonly attempts: number,
    errors: readonly FuselineError[],
    lastError: FuselineError,
  ) {
    super(`${placeName(where)}: ${attempts} attempts failed; the last: ${lastError.message}`, where, { cause: lastError });
    this.#errors = errors;
    this.#lastError = lastError;
  }

  /** The error of each attempt, in order. */
  get errors(): readonly FuselineError[] {
    return this.#errors;
  }

  get lastError(): FuselineError {
    return this.#lastError;
  }

  /** The status of the last answer; undefined if the last attempt got none. */
  get status(): number | undefined {
    return 'status' in this.lastError && typeof this.lastError.status === 'number' ? this.lastError.status : undefined;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), lastError: this.lastError.toJSON() };
  }
}

/**
 * The caller's own signal ended the call, or `close` of the client did. `cause` is the signal's reason. The circuit does not count the call.
 */
export class CallAbortedError extends FuselineError {
  readonly kind = 'aborted';
  readonly code = 'EABORTED';

  constructor(where: ErrorPlace, reason: unknown, how = 'aborted by the caller') {
    super(`${placeName(where)}: ${how}`, where, reason === undefined ? undefined : { cause: reason });
  }
}

/** The call was not sent because its request cannot be written: a required parameter is missing, or a path value is empty. */
export class RequestError extends FuselineError {
  readonly kind = 'request';
  readonly code = 'EREQUEST';

  constructor(where: ErrorPlace, message: string, options?: { readonly cause?: unknown }) {
    super(`${placeName(where)}: ${message}`, where, options);
  }
}

/** The errors of a call other than the server's answer. Together with an operation's `HttpError`s they are a union that `kind` narrows. */
export type CallError =
  | CircuitOpenError
  | TimeoutError
  | RetryExhaustedError
  | NetworkError
  | ResponseParseError
  | CallAbortedError
  | RequestError
  | SignInError
  | ConfigurationError
  | BulkheadFullError
  | RateLimitedError;

brand(CircuitOpenError, 'CircuitOpenError', 'circuit', 'retryAfterMs', 'reason', 'dependency');
brand(TimeoutError, 'TimeoutError', 'scope', 'timeoutMs', 'phase');
brand(NetworkError, 'NetworkError', 'fault', 'host', 'reason', 'maybeSent');
brand(ResponseParseError, 'ResponseParseError', 'problem', 'status', 'contentType', 'bytes', 'coding');
brand(RetryExhaustedError, 'RetryExhaustedError', 'attempts');
brand(CallAbortedError, 'CallAbortedError');
brand(RequestError, 'RequestError');
