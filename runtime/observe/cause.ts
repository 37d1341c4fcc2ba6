import type { FuselineError } from '../errors/base.js';

/** A short, bounded name of what went wrong, for events and labels: `http_503`, `timeout`, `network`. Never text of a server's. */
export function causeOf(error: FuselineError): string {
  if (error.kind === 'http') return `http_${(error as FuselineError & { readonly status: number }).status}`;
  return error.kind;
}
