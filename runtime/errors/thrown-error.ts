import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import { kindOfAny } from './cause.js';

/**
 * Wraps an error that a protected function threw. It appears in lists of errors and as the `error` of a fallback; `cause` is the original. The caller
 * of a function that ran once gets the original unchanged. The message names the kind of the original, and never its text.
 */
export class ThrownError extends FuselineError {
  readonly kind = 'thrown';
  readonly code = 'ETHROWN';

  constructor(where: ErrorPlace, thrown: unknown) {
    super(`${placeName(where)}: the function threw ${kindOf(thrown)}`, where, { cause: thrown });
  }
}

brand(ThrownError, 'ThrownError');

function kindOf(thrown: unknown): string {
  if (thrown === null || typeof thrown !== 'object') return `a value of type ${thrown === null ? 'null' : typeof thrown}`;
  try {
    const { name } = thrown as { readonly name?: unknown };
    if (typeof name === 'string' && /^\w{1,60}$/.test(name)) return name;
  } catch {
    // A getter or a proxy of the user's threw. Its error must not replace the original.
  }
  return 'an object';
}

/** Returns an error of ours unchanged, and wraps anything else. So it wraps an object that only carries our brand, if its fields cannot be read. */
export function asFuselineError(error: unknown, where: ErrorPlace): FuselineError {
  return isReadable(error) ? error : new ThrownError(where, error);
}

function isReadable(error: unknown): error is FuselineError {
  try {
    return kindOfAny(error) !== undefined && typeof (error as FuselineError).message === 'string';
  } catch {
    return false;
  }
}
