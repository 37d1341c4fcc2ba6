import { Background } from '../background.js';
import type { TokenFunction, TokenSource } from '../call/client/credentials.js';
import { type Clock, systemClock } from '../clock.js';
import { givenClock, givenFunction, givenObject, must } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import { type UserFunction, userFunction } from '../user-code.js';

/** The options of `sharedToken`. */
export interface SharedTokenOptions {
  /** How long a token is used before the function is asked again, in milliseconds. Default 0: only for calls that want one at the same moment. */
  readonly keepMs?: number | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

const KNOWN = namesOf<SharedTokenOptions>({ keepMs: 1, clock: 1 });

/**
 * Makes a source of tokens from a function whose token is the same for every call, such as one that reads a vault. All calls that want a token at one
 * moment ask once. With `keepMs`, a 401 makes it ask again, and the call is repeated once.
 *
 * The function runs in the context in which `sharedToken` was called. So it is wrong for a function that reads an `AsyncLocalStorage`: its token would
 * reach other tenants. Give such a function as `token` itself. Then it is asked by each call, in the context of that call.
 *
 * @throws {ConfigurationError} if an option cannot work.
 *
 * @example
 * const token = sharedToken(async () => (await vault.read('ghl')).token, { keepMs: 60_000 });
 */
export function sharedToken(fetchToken: TokenFunction, options: SharedTokenOptions = {}): TokenSource {
  refuseUnknown('sharedToken', givenObject('options of sharedToken', options), KNOWN);
  const { keepMs = 0, clock = systemClock } = options;
  must(Number.isFinite(keepMs) && keepMs >= 0, 'keepMs', keepMs, 'milliseconds, 0 or more');
  return new SharedToken(userFunction(givenFunction('fetchToken', fetchToken)), new Background(givenClock('clock', clock)), keepMs);
}

class SharedToken implements TokenSource {
  readonly #fetch: UserFunction<TokenFunction>;
  readonly #background: Background;
  readonly #keepMs: number;
  #flight: Promise<string> | undefined;
  #kept: { readonly token: string; readonly until: number } | undefined;

  constructor(fetchToken: UserFunction<TokenFunction>, background: Background, keepMs: number) {
    this.#fetch = fetchToken;
    this.#background = background;
    this.#keepMs = keepMs;
  }

  get(): string | Promise<string> {
    if (this.#kept !== undefined && this.#background.clock.now() < this.#kept.until) return this.#kept.token;
    this.#flight ??= this.#ask();
    return this.#flight;
  }

  rejected(token: string): boolean {
    if (this.#kept?.token === token) {
      this.#kept = undefined;
      return true;
    }
    // Another call was faster. Without `keepMs` the token was fetched a moment ago, and another would be the same.
    return this.#keepMs > 0;
  }

  async #ask(): Promise<string> {
    try {
      const token = await this.#background.run(async () => this.#background.scope.call(this.#fetch));
      if (this.#keepMs > 0) this.#kept = { token, until: this.#background.clock.now() + this.#keepMs };
      return token;
    } finally {
      this.#flight = undefined;
    }
  }
}
