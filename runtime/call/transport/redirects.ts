import { noteNotFollowed } from '../../errors/not-followed.js';
import { captureScope, type UserObject, type UserScope, userObject } from '../../user-code.js';
import { withoutSecrets } from './secret-query.js';
import type { DispatcherLike, Redirect, TransportController, TransportHandler, TransportRequest } from './types.js';

/** Redirects that one attempt follows. The next is its answer. fetch follows 20, curl 50; an API that needs more than one is rare. */
const MOST = 5;

/**
 * A transport that follows redirects, within the attempt that met them. A redirect that must not be followed is the answer of the attempt, an
 * `HttpError`: one that the operation declares as a success, one from https to http, the sixth, and one that would repeat a request that is not
 * idempotent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export class FollowingTransport implements DispatcherLike {
  readonly #transport: UserObject<DispatcherLike>;

  constructor(transport: DispatcherLike) {
    this.#transport = userObject(transport);
  }

  dispatch(request: TransportRequest, handler: TransportHandler): boolean {
    new Journey(this.#transport, captureScope(), handler).go(request);
    return true;
  }
}

/** One request and the redirects that it meets. */
class Journey implements TransportHandler {
  readonly #transport: UserObject<DispatcherLike>;
  readonly #scope: UserScope;
  readonly #handler: TransportHandler;
  #request: TransportRequest | undefined = undefined;
  #next: TransportRequest | undefined = undefined;
  #hops = 0;
  #redirect: Redirect = { elsewhere: false, unkeyed: false };

  constructor(transport: UserObject<DispatcherLike>, scope: UserScope, handler: TransportHandler) {
    this.#transport = transport;
    this.#scope = scope;
    this.#handler = handler;
  }

  go(request: TransportRequest): void {
    this.#request = request;
    this.#next = undefined;
    try {
      // The dispatcher can be the user's: it runs in the context of the call, not in that of the socket.
      this.#scope.invoke(this.#transport, 'dispatch', request, this);
    } catch (error) {
      this.onResponseError(null, error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
    }
  }

  onRequestStart(controller: TransportController, context: unknown): void {
    this.#handler.onRequestStart(controller, context);
  }

  onResponseStart(
    controller: TransportController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    const { location } = headers;
    if (status >= 300 && typeof location === 'string' && this.#request !== undefined && !this.#handler.declares?.(status)) {
      if (this.#hops < MOST) this.#next = redirected(this.#request, status, location);
      if (this.#next === undefined) noteNotFollowed(headers, this.#why(this.#request, location));
    }
    if (this.#next === undefined) this.#handler.onResponseStart(controller, status, headers, statusMessage);
  }

  #why(request: TransportRequest, location: string): string {
    if (this.#hops >= MOST) return `an attempt follows ${MOST} redirects at most`;
    return targetOf(request, location) === undefined
      ? 'only http and https URLs are followed, and none from https to http'
      : `it would repeat a ${request.method}`;
  }

  onResponseData(controller: TransportController, chunk: Uint8Array): void {
    // The body of a redirect is a page for people.
    if (this.#next === undefined) this.#handler.onResponseData(controller, chunk);
  }

  onResponseEnd(controller: TransportController, trailers: Record<string, string | string[] | undefined>): void {
    const next = this.#next;
    if (next === undefined) this.#handler.onResponseEnd(controller, trailers);
    else {
      this.#hops++;
      const { elsewhere, unkeyed } = this.#redirect;
      const strays = elsewhere || next.origin !== this.#request?.origin;
      this.#redirect = { elsewhere: strays, unkeyed: unkeyed || (strays && !IDEMPOTENT.has(next.method)) };
      this.#handler.onRedirect?.(this.#redirect);
      this.go(next);
    }
  }

  onResponseError(controller: TransportController | null, error: Error): void {
    this.#handler.onResponseError(controller, this.#hops === 0 ? error : new RedirectedError(error));
  }
}

/** A request after a redirect failed. The one before it was answered, so the call was sent, whatever the cause says of the last connection. */
export class RedirectedError extends Error {
  readonly wasSent = true;

  constructor(cause: Error) {
    super('the request after a redirect failed', { cause });
  }
}

/** Methods that may be sent again (RFC 9110 section 9.2.2, and QUERY). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY']);

/** Returns the request that a redirect asks for; undefined if it must not be followed. */
export function redirected(request: TransportRequest, status: number, location: string): TransportRequest | undefined {
  const method = methodAfter(request.method, status);
  const target = targetOf(request, location);
  if (method === undefined || target === undefined) return undefined;
  const keepsBody = method === request.method && status !== 303 && request.body !== null;
  const staysHere = target.origin === request.origin;
  if (!staysHere && request.secretQuery !== undefined && !withoutSecrets(target, request.secretQuery)) return undefined;
  const headers: string[] = [];
  for (let at = 0; at + 1 < request.headers.length; at += 2) {
    const name = request.headers[at] ?? '';
    const isKept = staysHere ? keepsBody || !name.startsWith('content-') : KEPT.has(name) || (keepsBody && name === 'content-type');
    if (isKept) headers.push(name, request.headers[at + 1] ?? '');
  }
  const { origin, pathname, search } = target;
  const { secretQuery } = request;
  return {
    origin,
    path: pathname + search,
    method,
    headers,
    body: keepsBody ? request.body : null,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(staysHere && secretQuery !== undefined ? { secretQuery } : {}),
  };
}

/** Headers that another origin gets. Any other can be a credential, or name a tenant. */
const KEPT: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'range', 'user-agent']);

function methodAfter(method: string, status: number): string | undefined {
  if (status === 307 || status === 308) return method;
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  if (status !== 301 && status !== 302) return undefined;
  // As in fetch, and as servers expect since the first browsers.
  if (method === 'POST') return 'GET';
  return IDEMPOTENT.has(method) ? method : undefined;
}

function targetOf({ origin, path }: TransportRequest, location: string): URL | undefined {
  if (!URL.canParse(location, origin + path)) return undefined;
  const target = new URL(location, origin + path);
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return undefined;
  return target.protocol === 'http:' && origin.startsWith('https:') ? undefined : target;
}
