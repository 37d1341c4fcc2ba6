import type { TransportRequest } from './types.js';

/** Methods that fetch refuses. */
const FORBIDDEN: ReadonlySet<string> = new Set(['TRACE', 'TRACK', 'CONNECT']);

/**
 * Says why fetch cannot send a request; undefined if it can. fetch itself fails with an error that looks like a broken connection, although
 * nothing was sent.
 *
 * @see https://fetch.spec.whatwg.org/#dom-request
 */
export function fetchFault(method: string, body: TransportRequest['body']): string | undefined {
  if (FORBIDDEN.has(method)) return `fetch cannot send ${method}; use the transport 'undici'`;
  if (body === null || (method !== 'GET' && method !== 'HEAD')) return undefined;
  return `fetch cannot send a body with ${method}; use the transport 'undici'`;
}
