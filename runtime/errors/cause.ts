import { FuselineError } from './base.js';

/** As `causeOf`, of anything that a function of the user's may throw: all that is not ours is `error`, whatever its text. */
export function causeOfAny(error: unknown): string {
  return error instanceof FuselineError ? causeOf(error) : 'error';
}

/** A short, bounded name of what went wrong, for events and labels: `http_503`, `timeout`, `network`. Never text of a server's. */
export function causeOf(error: FuselineError): string {
  if (error.kind === 'http') return `http_${(error as FuselineError & { readonly status: number }).status}`;
  return error.kind;
}
