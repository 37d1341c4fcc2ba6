import { type ErrorKind, FuselineError } from './base.js';
import type { TimeoutError } from './call-errors.js';
import { isConnectionFault } from './connection-fault.js';

/** Every kind of our errors. The compiler finds a kind that is missing or too many. */
const KINDS: { readonly [K in ErrorKind]: 1 } = {
  http: 1,
  circuit_open: 1,
  timeout: 1,
  retry_exhausted: 1,
  network: 1,
  response: 1,
  aborted: 1,
  request: 1,
  sign_in: 1,
  configuration: 1,
  bulkhead_full: 1,
  rate_limited: 1,
  thrown: 1,
  tiers_failed: 1,
};

/**
 * As `causeOf`, for anything that a function of the user's can throw. Every error that is not ours is `error`, whatever its text. So is an object that
 * only carries the brand of our errors: it can hold any text, and its getters can throw.
 */
export function causeOfAny(error: unknown): string {
  const kind = kindOfAny(error);
  if (kind === undefined) return 'error';
  try {
    return named(kind, error as CauseFields);
  } catch {
    return kind === 'http' ? 'error' : kind;
  }
}

/** Returns the kind of our errors; undefined for anything else. Never throws. */
export function kindOfAny(error: unknown): ErrorKind | undefined {
  try {
    const kind: unknown = error instanceof FuselineError ? error.kind : undefined;
    return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? (kind as ErrorKind) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the status of an `HttpError`; undefined for anything else. Never throws. */
export function statusOfAny(error: unknown): number | undefined {
  if (kindOfAny(error) !== 'http') return undefined;
  try {
    const { status } = error as { readonly status: unknown };
    return Number.isInteger(status) ? (status as number) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a short name of the fault for events and labels: `http_503`, `refused`, `dns`, `tls`, `reset`, `connect_timeout`, `timeout`, ... It never
 * holds text of a server.
 */
export function causeOf(error: FuselineError): string {
  return named(error.kind, error as FuselineError & CauseFields);
}

/** The fields that say more than the kind. Those of an object that only carries our brand can hold anything, and those of an older copy can be missing. */
interface CauseFields {
  readonly status?: unknown;
  readonly fault?: unknown;
  readonly scope?: unknown;
  readonly phase?: unknown;
}

function named(kind: ErrorKind, error: CauseFields): string {
  if (kind === 'http') {
    const { status } = error;
    return Number.isInteger(status) ? `http_${status as number}` : 'error';
  }
  if (kind === 'network') {
    const { fault } = error;
    return isConnectionFault(fault) ? fault : kind;
  }
  return kind === 'timeout' && error.scope === 'attempt' ? timeoutCause(error.phase as TimeoutError['phase']) : kind;
}

/** Returns the cause of an attempt that took too long: no connection, none of our own free (`local`), no answer (`timeout`), or a body that did not end. */
export function timeoutCause(phase: TimeoutError['phase']): string {
  if (phase === 'connection') return 'local';
  if (phase === 'connecting') return 'connect_timeout';
  return phase === 'body' ? 'body_timeout' : 'timeout';
}
