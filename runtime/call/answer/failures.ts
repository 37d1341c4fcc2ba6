import { type ErrorPlace, type FuselineError, withoutStack } from '../../errors/base.js';
import { NetworkError, RequestError } from '../../errors/call-errors.js';
import { causeOf } from '../../errors/cause.js';
import { HttpError } from '../../errors/http-error.js';
import { retryHint } from '../../policies/retry/retry-hint.js';
import type { Failure, Outcome } from '../../policies/stage.js';
import type { Operation } from '../client/descriptor.js';
import { FAILURE, IGNORED, networkFault, RETRY, withoutPayload } from './classify.js';

/** The parts of an operation that its failures name. */
export interface FailedOperation {
  readonly operation: Operation;
  readonly place: ErrorPlace;
  readonly origin: string;
}

/** An answer whose status is no success. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Why the body is missing, if it cannot be decoded. */
  readonly unread: FuselineError | undefined;
  /** The meaning of the status, of `statusTable`. */
  readonly bits: number;
  /** Wall time of the answer, in milliseconds. */
  readonly at: number;
}

/** Returns the failure of an attempt. Anything that `about` leaves out is false, and a fallback can answer it. */
export function attemptFailure(error: FuselineError, about: Pick<Failure, 'outcome'> & Partial<Failure>): Failure {
  return {
    error,
    cause: about.cause ?? causeOf(error),
    outcome: about.outcome,
    timedOut: about.timedOut ?? false,
    refused: false,
    transient: about.transient ?? false,
    neverSent: about.neverSent ?? false,
    throttled: about.throttled ?? false,
    waitMs: about.waitMs,
    answerable: about.answerable ?? true,
  };
}

/** How far an attempt came before it broke. */
export interface BrokenOff {
  /** The transport had started to write the request. */
  readonly started: boolean;
  /** The request went out on a connection that was open before, and no answer had begun. */
  readonly reuses: boolean;
  /** The flow may send the request once more without a retry. */
  readonly mayRepeat: boolean;
}

/**
 * Returns the failure of an attempt that the transport could not finish. `dead`: the connection was open before and was reset without an answer, which
 * says nothing about the service.
 */
export function brokenAttempt(
  { place, origin }: FailedOperation,
  error: Error,
  { started, reuses, mayRepeat }: BrokenOff,
): { readonly failure: Failure; readonly dead: boolean } {
  const fault = networkFault(error, started);
  if (fault.callersMistake) {
    const message = 'the request cannot be sent: a header, the path or the body is not valid, or the transport does not support it';
    const invalid = withoutStack(() => new RequestError(place, message, { cause: withoutPayload(error) }));
    return { failure: attemptFailure(invalid, { outcome: 'released', answerable: false }), dead: false };
  }
  const host = fault.redirected ? undefined : origin.replace(/^\w+:\/\//, '');
  const dead = reuses && fault.fault === 'reset' && !fault.redirected;
  const details = { cause: withoutPayload(error), host, fault: fault.fault, reused: dead };
  const failed = withoutStack(() => new NetworkError(place, fault.reason, !fault.neverSent, details));
  const outcome = fault.ownSide || (dead && mayRepeat) ? 'released' : 'failure';
  return { failure: attemptFailure(failed, { outcome, transient: !fault.permanent, neverSent: fault.neverSent }), dead };
}

/** Returns the failure of an attempt whose answer is an error. */
export function errorAnswer({ operation, place }: FailedOperation, { status, headers, body, unread, bits, at }: ErrorAnswer): Failure {
  const hint = retryHint(headers, at);
  const { method, path } = operation;
  // Each property is written out: reading an object created by spread is so slow that the error would cost four times as much.
  const details = {
    service: place.service,
    operation: place.operation,
    method,
    path,
    body,
    headers,
    retryAfterMs: hint.waitMs,
    cause: unread,
  };
  const error = withoutStack(() => new HttpError(status, details));
  return attemptFailure(error, {
    outcome: outcomeOf(bits),
    transient: (bits & RETRY) !== 0 && !hint.dailyLimit,
    throttled: status === 429,
    waitMs: hint.waitMs,
    // A status that is neither a failure nor retried is passed to the caller, without a fallback.
    answerable: (bits & (FAILURE | RETRY)) !== 0,
  });
}

/** Returns the outcome that the circuit counts for a status. */
export function outcomeOf(bits: number): Outcome {
  if ((bits & IGNORED) !== 0) return 'ignored';
  return (bits & FAILURE) !== 0 ? 'failure' : 'success';
}
