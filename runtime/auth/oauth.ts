import { Background } from '../background.js';
import type { TokenSource } from '../call/client/credentials.js';
import { BoundedMap } from '../call/shared/bounded-map.js';
import { givenFunction, givenName } from '../errors/given.js';
import { CURRENT, userFunction } from '../user-code.js';
import { Account, type SignIn } from './account.js';
import { type OAuthOptions, oauthSettings } from './options.js';
import { StoreAccess } from './store-access.js';
import { TokenEndpoint } from './token-endpoint.js';

/** How many accounts are held in memory. The store keeps all of them. */
const MAX_ACCOUNTS = 10_000;

/** The sign-in of an application: a source of tokens for the account without a name, and one for each account with a name. Made by `oauth`. */
export class OAuth extends Account {
  readonly #signIn: SignIn;
  readonly #accounts = new BoundedMap<Account>(MAX_ACCOUNTS, (account) => account.idle);

  /** @internal */
  constructor(signIn: SignIn) {
    super('', signIn);
    this.#signIn = signIn;
  }

  /**
   * Returns the source of tokens of one account, such as a tenant's: always the same one for the same name. The store keeps the tokens of each account
   * under its name.
   *
   * @throws {ConfigurationError} if the name is empty.
   */
  for(account: string): Account {
    givenName('account', account);
    let found = this.#accounts.get(account);
    if (found === undefined) {
      found = new Account(account, this.#signIn);
      this.#accounts.set(account, found);
    }
    return found;
  }

  /** As for an account, for all of them. */
  override async settled(): Promise<void> {
    await Promise.all([super.settled(), ...[...this.#accounts.values()].map((account) => account.settled())]);
  }

  /**
   * Returns a source of tokens for one client that serves all tenants: `name` returns the account of the call. It runs in the async context of the call,
   * so it can read an `AsyncLocalStorage`. Give the client the same function as `identity`.
   */
  forEach(name: () => string): TokenSource {
    const ask = userFunction(givenFunction('name', name));
    return {
      get: () => this.for(CURRENT.call(ask)).get(),
      rejected: (token) => this.for(CURRENT.call(ask)).rejected(token),
    };
  }
}

/**
 * Signs in by OAuth 2 (RFC 6749), with client credentials or a refresh token. Give the result, or `for(tenant)` of it, as `token` to a client.
 *
 * One request for a token serves all calls that wait for it. Tokens are renewed shortly before they end, beside the calls. A new refresh token is saved
 * before its access token is used. After a 401 a call is repeated once with a fresh token. With a store that has locks, one process renews for all.
 *
 * The endpoint is a service with a circuit of its own. While it fails, calls fail with a `SignInError`, and their fallbacks answer.
 *
 * @throws {ConfigurationError} if an option cannot work. It never shows a secret.
 *
 * @example
 * const auth = oauth({ tokenUrl: 'https://auth.example.com/token', clientId, clientSecret, grant: 'client_credentials' });
 * const ghl = new GhlClient({ token: auth });
 */
export function oauth(options: OAuthOptions): OAuth {
  const settings = oauthSettings(options);
  const background = new Background(settings.clock);
  const endpoint = new TokenEndpoint(settings, background.clock);
  const store = new StoreAccess(settings.store, background, endpoint.place, settings.storeTimeoutMs);
  return new OAuth({ settings, background, endpoint, store, random: settings.random });
}
