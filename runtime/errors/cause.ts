import { FuselineError } from './base.js';

/** As `causeOf`, for anything that a function of the user's can throw. Every error that is not ours is `error`, whatever its text. */
export function causeOfAny(error: unknown): string {
  try {
    return error instanceof FuselineError ? causeOf(error) : 'error';
  } catch {
    // A Proxy of one of our errors can throw when it is read.
    return 'error';
  }
}

/** Returns a short name of the fault for events and labels: `http_503`, `timeout`, `network`. It never holds text of a server. */
export function causeOf(error: FuselineError): string {
  if (error.kind === 'http') return `http_${(error as FuselineError & { readonly status: number }).status}`;
  return error.kind;
}
