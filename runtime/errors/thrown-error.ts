import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';

/**
 * Stands for what a protected function threw, where several errors are listed or a fallback is told why: `cause` is the thing itself. The
 * caller of a single failed run gets that thing unchanged. The message says its kind, never its text.
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
    // A getter of the user's, or a proxy: what it throws is not what the function threw.
  }
  return 'an object';
}

/** An error of ours as it is, anything else wrapped. */
export function asFuselineError(error: unknown, where: ErrorPlace): FuselineError {
  return error instanceof FuselineError ? error : new ThrownError(where, error);
}
