import type { ErrorPlace } from '../errors/base.js';
import { ResponseParseError, RetryExhaustedError } from '../errors/call-errors.js';
import { HttpError } from '../errors/http-error.js';
import { SignInError } from '../errors/sign-in-error.js';
import type { Tokens } from './tokens.js';

/** Codes that say that a refresh token has ended (RFC 6749 section 5.2; GitHub and others have their own). */
const ENDED: ReadonlySet<unknown> = new Set(['invalid_grant', 'bad_refresh_token', 'invalid_refresh_token', 'expired_token']);

/** Codes that a message can show. Anything else that a server calls its error could be a secret. */
const SHOWN: ReadonlySet<unknown> = new Set([
  'access_denied',
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  ...ENDED,
]);

/** Statuses that say that the token endpoint is not there. */
const ELSEWHERE: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 404, 405, 410]);

/** Statuses after which a later request can succeed. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Reads the answer of a token endpoint (RFC 6749 section 5.1). `askedAt`: when it was asked, in milliseconds since the epoch. `used`: the refresh token
 * that was sent; it stays if the answer holds no other.
 *
 * @throws {SignInError} if it holds no token.
 */
export function tokensIn(answer: unknown, askedAt: number, used: string | undefined, place: ErrorPlace): Tokens {
  const { access_token: accessToken, refresh_token: next, expires_in: expiresIn, error } = fieldsOf(answer);
  // Some servers tell a failure with status 200.
  if (typeof error === 'string') throw refusal(error, undefined, used, place, undefined);
  if (typeof accessToken !== 'string' || accessToken === '')
    throw new SignInError(place, 'unusable', 'the answer of the token endpoint is not JSON with an access_token: check tokenUrl');
  const seconds = typeof expiresIn === 'string' ? Number.parseFloat(expiresIn) : expiresIn;
  return {
    accessToken,
    refreshToken: typeof next === 'string' && next !== '' ? next : used,
    expiresAt: typeof seconds === 'number' && Number.isFinite(seconds * 1000) ? askedAt + seconds * 1000 : undefined,
  };
}

/** Returns why a request for a token failed. `used`: the refresh token that was sent. */
export function signInFault(error: unknown, used: string | undefined, place: ErrorPlace): SignInError {
  if (error instanceof SignInError) return error;
  if (error instanceof HttpError && error.status < 500 && !LATER.has(error.status))
    return refusal(fieldsOf(error.body)['error'], error.status, used, place, error);
  if (error instanceof ResponseParseError && error.problem !== 'broken_coding')
    return new SignInError(place, 'unusable', 'the answer of the token endpoint cannot be read: check tokenUrl', { cause: error });
  return new SignInError(place, 'unavailable', 'the token endpoint did not answer, or could not', { cause: error });
}

/** Returns the wait that the token endpoint asked for with its failure, in milliseconds; 0 if it asked for none. */
export function askedWaitMs(failure: unknown): number {
  const cause = failure instanceof SignInError ? failure.cause : undefined;
  const answer = cause instanceof RetryExhaustedError ? cause.lastError : cause;
  return answer instanceof HttpError ? (answer.retryAfterMs ?? 0) : 0;
}

function refusal(code: unknown, status: number | undefined, used: string | undefined, place: ErrorPlace, cause: unknown): SignInError {
  const shown = SHOWN.has(code) ? String(code) : `status ${status ?? 200}`;
  const options = cause === undefined ? undefined : { cause };
  if (used !== undefined && ENDED.has(code)) {
    const what = `the server does not accept the refresh token any more (${shown}): sign in again, and save the new tokens`;
    return new SignInError(place, 'expired', what, options);
  }
  const suspect = status !== undefined && ELSEWHERE.has(status) ? 'tokenUrl' : 'clientId, clientSecret, clientAuth and scope';
  const what = `the token endpoint refused the request (${shown}): check ${suspect}`;
  return new SignInError(place, 'refused', what, options);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
