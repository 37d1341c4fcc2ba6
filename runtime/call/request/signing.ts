import { adopted, forgiven, type UserFunction, type UserObject, type UserScope, userFunction, userObject } from '../../user-code.js';
import type { BasicCredentials, Credential, NamedCredentials, TokenFunction, TokenSource } from '../client/credentials.js';
import type { SchemeDescriptor, SecurityDescriptor } from '../client/descriptor.js';
import { type AuthParts, authParts, NO_AUTH, type Secrets, schemesOf } from './auth.js';
import { ParamFault } from './url.js';

/** A credential, ready to be asked. */
type Sealed = { readonly secret: string } | { readonly run: UserFunction<TokenFunction> } | { readonly source: UserObject<TokenSource> };

/** The options of a client that hold its credentials. */
export interface GivenCredentials {
  readonly token?: string | TokenFunction | TokenSource | undefined;
  readonly credentials?: BasicCredentials | NamedCredentials | undefined;
}

/** The credentials that a client was given. They are shown nowhere. */
export class ClientCredentials {
  readonly #token: Credential | undefined;
  readonly #basic: BasicCredentials | undefined;
  readonly #named: NamedCredentials | undefined;

  constructor({ token, credentials }: GivenCredentials) {
    this.#token = token;
    if (isBasic(credentials)) this.#basic = credentials;
    else this.#named = credentials;
  }

  /** The names under which credentials were given. */
  get names(): readonly string[] {
    const named = this.#named ?? {};
    return Object.keys(named).filter((name) => named[name] !== undefined);
  }

  /**
   * Returns how the requests of an operation are signed: by the first alternative that the credentials fit. Undefined if they fit none. Then something
   * else may add credentials, and `MissingCredentials` looks for it.
   */
  signing(security: readonly SecurityDescriptor[]): Signing | undefined {
    const optional = security.some(({ type }) => type === 'none');
    for (const alternative of security) {
      const schemes = schemesOf(alternative);
      const found = schemes.map((scheme) => this.#for(scheme, schemes.length === 1)).filter((credential) => credential !== undefined);
      if (found.length > 0 && found.length === schemes.length) return new Signing(schemes, found.map(sealed), optional);
    }
    return undefined;
  }

  /** `alone`: the scheme is not one of several that are needed together. One token is not sent as the secret of each of those. */
  #for(scheme: SchemeDescriptor, alone: boolean): Credential | undefined {
    const name = scheme.scheme;
    const named = this.#named !== undefined && name !== undefined && Object.hasOwn(this.#named, name) ? this.#named[name] : undefined;
    if (named !== undefined) return isBasic(named) === (scheme.type === 'basic') ? named : undefined;
    if (scheme.type === 'basic') return this.#basic;
    return alone || this.#named !== undefined ? this.#token : undefined;
  }
}

/** How the requests of an operation are signed. */
export class Signing {
  readonly schemes: readonly SchemeDescriptor[];
  /**
   * A function or source of the user's gives a secret. Functions of schemes that the operation does not use are not called: they may themselves call
   * an operation without a token.
   */
  readonly asks: boolean;
  /** The secrets that need not be asked for. Undefined if some must. */
  readonly fixed: Secrets | undefined;
  readonly #credentials: readonly Sealed[];
  readonly #optional: boolean;

  /** `optional`: the operation can be called without credentials. */
  constructor(schemes: readonly SchemeDescriptor[], credentials: readonly Sealed[], optional: boolean) {
    this.schemes = schemes;
    this.#credentials = credentials;
    this.#optional = optional;
    const [first] = credentials;
    this.asks = credentials.some((credential) => !('secret' in credential));
    if (this.asks) this.fixed = undefined;
    else if (credentials.length === 1 && first !== undefined && 'secret' in first) this.fixed = first.secret;
    else this.fixed = credentials.flatMap((credential) => ('secret' in credential ? credential.secret : []));
  }

  /** Returns the secrets for the next attempt. The user's functions run in `scope`. @throws what they throw. */
  secrets(scope: UserScope): Secrets | Promise<Secrets> {
    const [first] = this.#credentials;
    if (this.#credentials.length === 1 && first !== undefined) return ask(first, scope);
    const asked = this.#credentials.map((credential) => ask(credential, scope));
    if (asked.every((secret) => typeof secret === 'string')) return asked;
    return Promise.all(asked.map((secret) => adopted(scope, secret, same, rethrown)));
  }

  /** A server answered 401 to a request with these secrets. Returns whether there are others now. */
  rejected(scope: UserScope, secrets: Secrets): boolean {
    let renewed = false;
    for (const [at, credential] of this.#credentials.entries()) {
      const secret = typeof secrets === 'string' ? secrets : secrets[at];
      if (!('source' in credential) || secret === undefined) continue;
      try {
        if (forgiven(scope.invoke(credential.source, 'rejected', secret)) === true) renewed = true;
      } catch {
        // A source that cannot say whether it has another token has none.
      }
    }
    return renewed;
  }

  /** What the secrets add to a request. @throws {ParamFault} if there are none, although the operation needs them, or one is not a string. */
  parts(secrets: Secrets | undefined): AuthParts {
    if (secrets !== undefined) return authParts(this.schemes, secrets);
    if (this.#optional) return NO_AUTH;
    throw new ParamFault('the token function gave no token');
  }
}

/** Signs nothing. */
export const UNSIGNED = new Signing([], [], true);

function same(secret: string): string {
  return secret;
}

function rethrown(error: unknown): never {
  throw error;
}

function ask(credential: Sealed, scope: UserScope): string | Promise<string> {
  if ('secret' in credential) return credential.secret;
  return 'run' in credential ? scope.call(credential.run) : scope.invoke(credential.source, 'get');
}

function sealed(given: Credential): Sealed {
  if (typeof given === 'string') return { secret: given };
  if (typeof given === 'function') return { run: userFunction(given) };
  return isBasic(given) ? { secret: base64(`${given.username}:${given.password}`) } : { source: userObject(given) };
}

/** Schemes named `username` and `password` can be given only one by one. */
export function isBasic(given: unknown): given is BasicCredentials {
  if (typeof given !== 'object' || given === null) return false;
  const { username, password } = given as Partial<Record<string, unknown>>;
  return typeof username === 'string' && typeof password === 'string';
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
