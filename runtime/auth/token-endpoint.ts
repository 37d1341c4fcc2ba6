import type { Operation, SecurityDescriptor } from '../call/client/descriptor.js';
import type { ClientOptions } from '../call/client/options.js';
import { ServiceClient } from '../call/client/service-client.js';
import type { Clock } from '../clock.js';
import type { ErrorPlace } from '../errors/base.js';
import { signInFault, tokensIn } from './answer.js';
import type { OAuthSettings } from './options.js';
import type { Tokens } from './tokens.js';

/** Small, because callers wait. A request that may have reached the server is repeated only if it carries no refresh token. */
const RETRY = { maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 1_000 };

/** A sign-in that is down is asked again soon, because all calls need it. */
const BREAKER = { failureThreshold: 3, recoveryTimeoutMs: 10_000 };

/** No request lasts longer than this many times the limit of one attempt. */
const ATTEMPTS_TIME = 2;

/**
 * The server that gives tokens, as a service of its own: with a circuit, limits, retries, counts and events as every other. So an outage of the sign-in
 * is seen where outages of services are seen, and a server that is down is not hammered.
 */
export class TokenEndpoint {
  /** The longest that one `request` takes, in milliseconds. */
  readonly longestMs: number;
  readonly place: ErrorPlace;
  readonly #client: ServiceClient;
  readonly #operation: Operation<{ readonly body: object }>;
  readonly #settings: OAuthSettings;
  readonly #clock: Clock;

  constructor(settings: OAuthSettings, clock: Clock) {
    const { name, tokenUrl, clientId, clientSecret, clientAuth, timeoutMs, registry, dispatcher, transport } = settings;
    this.#settings = settings;
    this.#clock = clock;
    this.longestMs = ATTEMPTS_TIME * timeoutMs;
    this.place = { service: name, operation: undefined };
    const isBasic = clientAuth === 'basic' && clientSecret !== undefined;
    const security: readonly SecurityDescriptor[] = isBasic ? [{ type: 'basic' }] : [];
    const operation: Operation = {
      id: 'tokens.request',
      service: name,
      namespace: 'tokens',
      name: 'request',
      method: 'POST',
      path: tokenUrl.pathname + tokenUrl.search,
      body: { kind: 'urlencoded', contentType: 'application/x-www-form-urlencoded', required: true },
      headers: { accept: 'application/json' },
      // Read here, because a page instead of JSON is no outage: repeating the request and opening the circuit would hide a wrong `tokenUrl`.
      responses: [{ status: '2XX', kind: 'text', success: true }],
    };
    this.#operation = operation as Operation<{ readonly body: object }>;
    const options: ClientOptions = {
      baseUrl: tokenUrl.origin,
      // RFC 6749 section 2.3.1: both are encoded as in a form first.
      ...(isBasic ? { credentials: { username: formText(clientId), password: formText(clientSecret) } } : {}),
      timeoutMs,
      totalTimeoutMs: this.longestMs,
      retry: RETRY,
      breaker: BREAKER,
      registry,
      dispatcher,
      transport,
      clock,
      // Settings of the environment are those of services of a document.
      env: {},
      environment: '',
    };
    this.#client = new ServiceClient({ name, security, policies: {} }, options, { request: operation });
  }

  /** The name of the circuit. */
  get circuit(): string {
    return this.#client.breaker().name;
  }

  /** Asks for tokens, with a refresh token or as the client itself. @throws {SignInError} */
  async request(refreshToken: string | undefined): Promise<Tokens> {
    const { grant, clientId, clientSecret, clientAuth, scope, params } = this.#settings;
    const inBody = clientSecret === undefined || clientAuth === 'body';
    const body = {
      ...params,
      grant_type: grant,
      refresh_token: refreshToken,
      scope,
      ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}),
    };
    const askedAt = this.#clock.wallNow();
    try {
      const answer = await this.#client.call(this.#operation, { body }, { idempotent: refreshToken === undefined });
      return tokensIn(parsed(answer), askedAt, refreshToken, this.place);
    } catch (error) {
      throw signInFault(error, refreshToken, this.place);
    }
  }
}

/** Returns the value of a text that is JSON, whatever type the server declared; undefined if it is something else. */
function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return undefined;
  }
}

function formText(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
