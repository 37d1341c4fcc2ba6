/** A user name and a password, for HTTP basic authentication. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** Fetches a token. It runs before every attempt, in the async context of the call, so it can be a different one for each tenant. */
export type TokenFunction = () => string | Promise<string>;

/**
 * A source of tokens that can renew them, such as `oauth(…)` of `fuseline/auth`, or an object of your own. It is asked before every attempt. Its
 * methods run in the async context of the call.
 */
export interface TokenSource {
  /** Returns the token, or a promise while it is being fetched. If it throws or rejects, the call fails with a `SignInError`. */
  get(): string | Promise<string>;
  /**
   * The server answered a request that had this token with 401, so it did not process the request. Returns whether `get` gives another token from
   * now on. Then the request is sent once more.
   */
  rejected(token: string): boolean;
}

/** A token or API key, or a function or source that has it. */
export type TokenCredential = string | TokenFunction | TokenSource;

/** What a security scheme is given. */
export type Credential = TokenCredential | BasicCredentials;

/** Credentials by the names that the security schemes have in the document. */
export type NamedCredentials = Readonly<Record<string, Credential | undefined>>;
