import type { Redirect } from './types.js';

/**
 * Returns the redirects that a dispatcher of the user's has followed before it starts a request; undefined if there were none. undici's redirect
 * interceptor tells them in the context of the request: the URLs of the requests so far, and later also that of the last one.
 *
 * @see https://github.com/nodejs/undici/blob/main/lib/handler/redirect-handler.js
 */
export function redirectIn(context: unknown, origin: string): Redirect | undefined {
  try {
    const { history } = context as { readonly history?: unknown };
    return Array.isArray(history) && history.length > 0 ? new History(history as readonly URL[], origin) : undefined;
  } catch {
    // The context is the user's, and can be anything.
    return undefined;
  }
}

class History implements Redirect {
  /** The interceptor keeps the header. */
  readonly unkeyed = false;
  readonly #urls: readonly URL[];
  readonly #origin: string;

  constructor(urls: readonly URL[], origin: string) {
    this.#urls = urls;
    this.#origin = origin;
  }

  /** Read once the answer is there: by then the last URL is in the list. */
  get elsewhere(): boolean {
    try {
      return this.#urls.some(({ origin }) => origin !== this.#origin);
    } catch {
      return true;
    }
  }
}
