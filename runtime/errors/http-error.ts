import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import { describeRedirect } from './not-followed.js';

/** The parts of a response that an `HttpError` holds besides its status. */
export interface HttpErrorDetails<B> extends ErrorPlace {
  readonly method: string;
  /** The path template, without values. */
  readonly path: string;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly retryAfterMs: number | undefined;
  /** Why the body is missing: its content coding is unknown or damaged. */
  readonly cause?: unknown;
}

/**
 * The server answered with a status that is not a success. In generated clients, `status` narrows the type of `body`.
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
  /** The media type of the answer, without parameters. */
  readonly contentType: string | undefined;
  /** The server's id of the request. Its support desk asks for it. */
  readonly requestId: string | undefined;
  /** How long the server asked to wait, in milliseconds; undefined if it did not. */
  readonly retryAfterMs: number | undefined;
  // Private, so that printing the error prints neither body nor headers.
  readonly #body: B;
  readonly #headers: HttpErrorDetails<B>['headers'];

  constructor(status: S, details: HttpErrorDetails<B>) {
    super(
      `${placeName(details)}: the server answered ${status}${advice(status, details.headers)} (${details.method} ${details.path})`,
      details,
      causeOption(details),
    );
    this.status = status;
    this.contentType = headerText(details.headers, 'content-type')?.split(';')[0]?.trim();
    this.requestId = requestIdOf(details.headers);
    this.retryAfterMs = details.retryAfterMs;
    this.#body = details.body;
    this.#headers = details.headers;
  }

  /** The body: parsed if it is JSON, else a string, and undefined if it is empty, or cannot be decoded (`cause` says why). */
  get body(): B {
    return this.#body;
  }

  /** The response headers, with names in lower case. */
  get headers(): HttpErrorDetails<B>['headers'] {
    return this.#headers;
  }
}

/** An error without a cause must not print one. */
function causeOption({ cause }: { readonly cause?: unknown }): { readonly cause: unknown } | undefined {
  return cause === undefined ? undefined : { cause };
}

brand(HttpError, 'HttpError', 'status', 'contentType', 'requestId', 'retryAfterMs');

export function headerText(headers: HttpErrorDetails<unknown>['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The id of a request. Vendors have different headers for it; the most specific comes first. */
export function requestIdOf(headers: HttpErrorDetails<unknown>['headers']): string | undefined {
  return (
    headerText(headers, 'x-request-id') ??
    headerText(headers, 'x-message-id') ??
    headerText(headers, 'request-id') ??
    headerText(headers, 'traceid')
  );
}

function advice(status: number, headers: HttpErrorDetails<unknown>['headers']): string {
  if (status === 401) return ': check the token';
  if (status === 403) return ': the token lacks a permission';
  if (status === 429) return ': the rate limit is used up';
  return describeRedirect(status, headerText(headers, 'location'), headers);
}
