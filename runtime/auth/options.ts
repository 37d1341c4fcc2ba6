import type { DispatcherLike } from '../call/transport/types.js';
import { type Clock, MAX_TIMER_MS, systemClock } from '../clock.js';
import { durationUpTo, oneOf } from '../errors/checks.js';
import { ConfigurationError, Wording } from '../errors/configuration-error.js';
import { givenClock, givenFunction, givenName, givenObject, must } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import { isInstance } from '../errors/readable.js';
import { BreakerRegistry, defaultRegistry } from '../policies/circuit-breaker/registry.js';
import { type UserFunction, userFunction } from '../user-code.js';
import type { TokenStore } from './store.js';
import { memoryTokens } from './stores/memory-tokens.js';

/** The options of `oauth`. */
export interface OAuthOptions {
  /** The URL of the token endpoint, such as `https://services.leadconnectorhq.com/oauth/token`. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Left out for public clients. */
  readonly clientSecret?: string | undefined;
  /** What buys a token: the client itself, or a refresh token that someone got by signing in. */
  readonly grant: 'client_credentials' | 'refresh_token';
  /** The refresh token to begin with, if the store has none. Of the account without a name. */
  readonly refreshToken?: string | undefined;
  /** The scopes to ask for, separated by spaces. Default: those that the server chooses. */
  readonly scope?: string | undefined;
  /** How the client names itself: `basic` by a header, as RFC 6749 wants it, `body` by fields of the form. Default `basic`. */
  readonly clientAuth?: 'basic' | 'body' | undefined;
  /** Further fields of the form, such as `{ audience: '…' }` or `{ user_type: 'Location' }`. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Where tokens are kept. Default: `memoryTokens()`, which forgets them when the process ends. */
  readonly store?: TokenStore | undefined;
  /**
   * A token is renewed once it has less than this left, in milliseconds. Calls use the old one meanwhile. The moment is drawn between once and twice this
   * time, so that many processes do not renew together, and is never before three quarters of the token's time. Default 60,000.
   */
  readonly earlyRefreshMs?: number | undefined;
  /** Limit of one request for a token, in milliseconds. With its retries it takes at most twice as long. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Limit of one answer of the store, in milliseconds. Default 5,000. */
  readonly storeTimeoutMs?: number | undefined;
  /** The name of the sign-in as a service: in events, metrics, alerts and on the page. Default `sign-in`. */
  readonly name?: string | undefined;
  /** Where the circuit of the sign-in is kept. Default: the default registry. */
  readonly registry?: BreakerRegistry | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`. */
  readonly dispatcher?: DispatcherLike | undefined;
  /** `fetch` uses the global fetch instead of undici. Default `undici`. */
  readonly transport?: 'undici' | 'fetch' | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  /** Source of jitter, 0 to 1. For tests. */
  readonly random?: (() => number) | undefined;
}

/** Options with their defaults. */
export interface OAuthSettings {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly grant: 'client_credentials' | 'refresh_token';
  readonly refreshToken: string | undefined;
  readonly scope: string | undefined;
  readonly clientAuth: 'basic' | 'body';
  readonly params: Readonly<Record<string, string>>;
  readonly store: TokenStore;
  readonly earlyRefreshMs: number;
  readonly timeoutMs: number;
  readonly storeTimeoutMs: number;
  readonly name: string;
  readonly registry: BreakerRegistry;
  readonly dispatcher: DispatcherLike | undefined;
  readonly transport: 'undici' | 'fetch' | undefined;
  readonly clock: Clock;
  readonly random: UserFunction<() => number>;
}

const KNOWN = namesOf<OAuthOptions>({
  tokenUrl: 1,
  clientId: 1,
  clientSecret: 1,
  grant: 1,
  refreshToken: 1,
  scope: 1,
  clientAuth: 1,
  params: 1,
  store: 1,
  earlyRefreshMs: 1,
  timeoutMs: 1,
  storeTimeoutMs: 1,
  name: 1,
  registry: 1,
  dispatcher: 1,
  transport: 1,
  clock: 1,
  random: 1,
});

const milliseconds = durationUpTo(MAX_TIMER_MS);

/** Fills in defaults. @throws {ConfigurationError} naming the option, and never a secret. */
export function oauthSettings(options: OAuthOptions): OAuthSettings {
  refuseUnknown('oauth', givenObject('options of oauth', options), KNOWN);
  const {
    clientSecret,
    refreshToken,
    scope,
    clientAuth = 'basic',
    params = {},
    store = memoryTokens(),
    earlyRefreshMs = 60_000,
    timeoutMs = 10_000,
    storeTimeoutMs = 5_000,
    name = 'sign-in',
    registry = defaultRegistry,
    dispatcher,
    transport,
    clock = systemClock,
    random = Math.random,
  } = options;
  secret('clientId', options.clientId);
  if (clientSecret !== undefined) secret('clientSecret', clientSecret);
  if (refreshToken !== undefined) secret('refreshToken', refreshToken);
  oneOf('client_credentials', 'refresh_token')('grant', options.grant);
  must(scope === undefined || (typeof scope === 'string' && scope !== ''), 'scope', scope, 'scopes, separated by spaces');
  oneOf('basic', 'body')('clientAuth', clientAuth);
  givenObject('params', params);
  must(typeof store?.load === 'function' && typeof store.save === 'function', 'store', store, 'a store with the methods load and save');
  must(Number.isFinite(earlyRefreshMs) && earlyRefreshMs >= 0, 'earlyRefreshMs', earlyRefreshMs, 'milliseconds, 0 or more');
  milliseconds('timeoutMs', timeoutMs);
  milliseconds('storeTimeoutMs', storeTimeoutMs);
  givenName('name', name);
  must(isInstance(registry, BreakerRegistry), 'registry', registry, 'a BreakerRegistry');
  return {
    tokenUrl: urlOf(options.tokenUrl),
    clientId: options.clientId,
    clientSecret,
    grant: options.grant,
    refreshToken,
    scope,
    clientAuth,
    params,
    store,
    earlyRefreshMs,
    timeoutMs,
    storeTimeoutMs,
    name,
    registry,
    dispatcher,
    transport,
    clock: givenClock('clock', clock),
    random: userFunction(givenFunction('random', random)),
  };
}

function secret(option: string, value: unknown): void {
  must(typeof value === 'string' && value !== '', option, new Wording(value === '' ? 'empty' : `of type ${typeof value}`), 'a text');
}

function urlOf(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below.
  }
  const fits = url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
  // The text may hold a password.
  if (url === undefined || !fits)
    throw new ConfigurationError('tokenUrl', new Wording('no such URL'), 'an absolute http or https URL without a user');
  return url;
}
