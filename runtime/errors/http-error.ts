import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';

/** What a response that became an error carries besides its status. */
export interface HttpErrorDetails<B> extends ErrorPlace {
  readonly method: string;
  /** Path template, without values. */
  readonly path: string;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly retryAfterMs: number | undefined;
}

/**
 * The server answered with a status that is not a success. `status` narrows `body`:
 *
 * @example
 * catch (error) {
 *   if (error instanceof HttpError && error.status === 422) console.error(error.requestId);
 * }
 */
export class HttpError<S extends number = number, B = unknown> extends FuselineError {
  readonly kind = 'http';
  readonly code = 'EHTTP';
  readonly status: S;
  /** Media type of the answer, without parameters. */
  readonly contentType: string | undefined;
  /** The server's id of the request, for its support desk. */
  readonly requestId: string | undefined;
  /** What the server asked to wait, in milliseconds, where it said so. */
  readonly retryAfterMs: number | undefined;
  // Private, so that printing the error prints neither.
  readonly #body: B;
  readonly #headers: HttpErrorDetails<B>['headers'];

  constructor(status: S, details: HttpErrorDetails<B>) {
    super(`${placeName(details)}: the server answered ${status}${advice(status)} (${details.method} ${details.path})`, details);
    this.status = status;
    this.contentType = headerText(details.headers, 'content-type')?.split(';')[0]?.trim();
    this.requestId = requestIdOf(details.headers);
    this.retryAfterMs = details.retryAfterMs;
    this.#body = details.body;
    this.#headers = details.headers;
  }

  /** The body: parsed where it was JSON, a string otherwise, undefined where empty. Typed by status in generated clients. */
  get body(): B {
    return this.#body;
  }

  /** Response headers, lower case. */
  get headers(): HttpErrorDetails<B>['headers'] {
    return this.#headers;
  }
}

brand(HttpError, 'HttpError', 'status', 'contentType', 'requestId', 'retryAfterMs');

export function headerText(headers: HttpErrorDetails<unknown>['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The vendors' names for it, most specific first. */
export function requestIdOf(headers: HttpErrorDetails<unknown>['headers']): string | undefined {
  return (
    headerText(headers, 'x-request-id') ??
    headerText(headers, 'x-message-id') ??
    headerText(headers, 'request-id') ??
    headerText(headers, 'traceid')
  );
}

function advice(status: number): string {
  if (status === 401) return ': check the token';
  if (status === 403) return ': the token lacks a permission';
  if (status === 429) return ': the rate limit is used up';
  return '';
}
