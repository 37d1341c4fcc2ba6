import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';

/**
 * Why there is no token:
 *
 * - `token_function`: the application's own token function threw or rejected.
 * - `expired`: the server does not accept the refresh token any more. Someone must sign in again.
 * - `refused`: the server does not accept the client, the scope or the kind of grant.
 * - `unavailable`: the server did not answer, or answered that it cannot. Later calls try again.
 * - `unusable`: the server's answer holds no token.
 * - `store`: the store of the tokens failed, or holds no token yet.
 */
export type SignInReason = 'token_function' | 'expired' | 'refused' | 'unavailable' | 'unusable' | 'store';

/**
 * There is no token for the call, so its request was not sent. The circuit of the service does not count the call, and a fallback can answer it.
 * Neither the message nor the fields hold a token. `cause` is the error of the token function, of the request for a token, or a copy of the store's error:
 * name, message, code, stack and causes, without tokens.
 */
export class SignInError extends FuselineError {
  readonly kind = 'sign_in';
  readonly code = 'ESIGNIN';
  /** The message without the place, for an error about another place. */
  readonly #what: string;

  constructor(
    where: ErrorPlace,
    /** Why there is no token. */
    readonly reason: SignInReason,
    what: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${placeName(where)}: ${what}`, where, options);
    this.#what = what;
  }

  /** Returns the error of a call at `where` whose token could not be had because of `error`. */
  static at(where: ErrorPlace, error: unknown): SignInError {
    if (error instanceof SignInError) {
      const { reason, message, cause } = error;
      // One of another copy of the package has no such field.
      const what = #what in error ? error.#what : message;
      return new SignInError(where, reason, what, cause === undefined ? undefined : { cause });
    }
    return new SignInError(where, 'token_function', 'the token function failed', { cause: error });
  }
}

brand(SignInError, 'SignInError', 'reason');
