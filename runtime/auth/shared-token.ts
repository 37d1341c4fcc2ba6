import { Background } from '../background.js';
import type { TokenFunction, TokenSource } from '../call/client/credentials.js';
import { type Clock, MAX_TIMER_MS, systemClock } from '../clock.js';
import { durationUpTo } from '../errors/checks.js';
import { givenClock, givenFunction, givenObject, must } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import { SignInError } from '../errors/sign-in-error.js';
import { type UserFunction, userFunction } from '../user-code.js';
import { limited } from './limited.js';
import { Patience } from './patience.js';

/** The options of `sharedToken`. */
export interface SharedTokenOptions {
  /** How long a token is used before the function is asked again, in milliseconds. Default 0: only for calls that want one at the same moment. */
  readonly keepMs?: number | undefined;
  /**
   * Limit of one run of the function, in milliseconds. Then all calls that wait for it fail, and the next call runs the function again. Default 10,000.
   */
  readonly timeoutMs?: number | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

const KNOWN = namesOf<SharedTokenOptions>({ keepMs: 1, timeoutMs: 1, clock: 1 });

const milliseconds = durationUpTo(MAX_TIMER_MS);

/**
 * Makes a source of tokens from a function whose token is the same for every call, such as one that reads a vault. All calls that want a token at one
 * moment ask once. With `keepMs`, a 401 makes it ask again, and the call is repeated once, unless the token was fetched seconds ago.
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
  const { keepMs = 0, timeoutMs = 10_000, clock = systemClock } = options;
  must(Number.isFinite(keepMs) && keepMs >= 0, 'keepMs', keepMs, 'milliseconds, 0 or more');
  milliseconds('timeoutMs', timeoutMs);
  const fetch = userFunction(givenFunction('fetchToken', fetchToken));
  return new SharedToken(fetch, new Background(givenClock('clock', clock)), keepMs, timeoutMs);
}

class SharedToken implements TokenSource {
  readonly #fetch: UserFunction<TokenFunction>;
  readonly #background: Background;
  readonly #keepMs: number;
  readonly #timeoutMs: number;
  #flight: Promise<string> | undefined;
  #kept: { readonly token: string; readonly since: number } | undefined;
  readonly #patience = new Patience();

  constructor(fetchToken: UserFunction<TokenFunction>, background: Background, keepMs: number, timeoutMs: number) {
    this.#fetch = fetchToken;
    this.#background = background;
    this.#keepMs = keepMs;
    this.#timeoutMs = timeoutMs;
  }

  get(): string | Promise<string> {
    if (this.#kept !== undefined && this.#background.clock.now() - this.#kept.since < this.#keepMs) return this.#kept.token;
    this.#flight ??= this.#ask();
    return this.#flight;
  }

  rejected(token: string): boolean {
    // Without `keepMs` the token was fetched a moment ago, and another would be the same.
    if (this.#keepMs === 0) return false;
    // Another call was faster.
    if (this.#kept?.token !== token) return true;
    if (this.#flight === undefined && !this.#patience.ends(this.#background.clock.now() - this.#kept.since)) return false;
    this.#kept = undefined;
    return true;
  }

  async #ask(): Promise<string> {
    const { clock, scope } = this.#background;
    const work = async (): Promise<string> => scope.call(this.#fetch);
    const late = (): Error => new SignInError(NOWHERE, 'token_function', `the token function did not answer within ${this.#timeoutMs} ms`);
    try {
      const token = await this.#background.run(() => limited(clock, this.#timeoutMs, work, late));
      // No 401 ended the token before.
      if (this.#kept !== undefined) this.#patience.begin();
      // Calls fail with anything else.
      const isToken = typeof token === 'string' && token.trim() !== '';
      if (isToken && this.#keepMs > 0) this.#kept = { token, since: clock.now() };
      return token;
    } finally {
      this.#flight = undefined;
    }
  }
}

/** The calls that wait have places of their own. */
const NOWHERE = { service: undefined, operation: undefined };
