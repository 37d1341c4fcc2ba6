/** The tokens of one account. They are secrets: keep them where you keep passwords. */
export interface Tokens {
  /** Sent with each call. Left out if only the refresh token is known. */
  readonly accessToken?: string | undefined;
  /** Buys the next access token. Left out for client credentials, which need none. */
  readonly refreshToken?: string | undefined;
  /** When the access token ends, in milliseconds since the epoch. Left out: it is used until the server refuses it. */
  readonly expiresAt?: number | undefined;
}

/** Returns the tokens that a store gave; undefined if it has none. @throws {TypeError} if the value is something else. It never names the value. */
export function storedTokens(value: unknown): Tokens | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') throw new TypeError(`expected an object with tokens, found a value of type ${typeof value}`);
  const { accessToken, refreshToken, expiresAt } = value as Partial<Record<keyof Tokens, unknown>>;
  const given = { accessToken: text('accessToken', accessToken), refreshToken: text('refreshToken', refreshToken) };
  if (expiresAt === undefined || expiresAt === null) return { ...given, expiresAt: undefined };
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt))
    throw new TypeError('expected expiresAt to be milliseconds since the epoch');
  return { ...given, expiresAt };
}

/** Parses the JSON of a store. The parser's own error is replaced, because it would show a part of the tokens. @throws {TypeError} `expected ${what}`. */
export function tokensJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(`expected ${what}`);
  }
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '') throw new TypeError(`expected ${name} to be a text that is not empty`);
  return value;
}
