import { Wording } from '../errors/configuration-error.js';
import { must } from '../errors/given.js';
import { namesOf, refuseUnknown } from '../errors/known-options.js';
import { isObject } from '../errors/readable.js';

/** The tokens of one account. They are secrets: keep them where you keep passwords. */
export interface Tokens {
  /** Sent with each call. Left out if only the refresh token is known. */
  readonly accessToken?: string | undefined;
  /** Buys the next access token. Left out for client credentials, which need none. */
  readonly refreshToken?: string | undefined;
  /** When the access token ends, in milliseconds since the epoch. Left out: it is used until the server refuses it. */
  readonly expiresAt?: number | undefined;
}

const KNOWN = namesOf<Tokens>({ accessToken: 1, refreshToken: 1, expiresAt: 1 });

const EXPECTED = 'an object with accessToken, refreshToken or both';

/**
 * Returns the tokens that someone got by signing in. Other names are refused, such as those of a token endpoint's answer: without them a refresh token
 * that works once would be lost.
 *
 * @throws {ConfigurationError} that never shows a value.
 */
export function givenTokens(given: Tokens): Tokens {
  must(isObject(given), 'tokens', kindOf(given), EXPECTED);
  refuseUnknown('tokens', given, KNOWN);
  const { accessToken, refreshToken, expiresAt } = given;
  for (const [option, token] of Object.entries({ accessToken, refreshToken }))
    must(token === undefined || (typeof token === 'string' && token.trim() !== ''), option, kindOf(token), 'a text that is not empty');
  must(accessToken !== undefined || refreshToken !== undefined, 'tokens', new Wording('without a token'), EXPECTED);
  must(expiresAt === undefined || Number.isFinite(expiresAt), 'expiresAt', kindOf(expiresAt), 'a number of milliseconds since the epoch');
  return { accessToken, refreshToken, expiresAt };
}

/** Describes a value that can be a token. */
function kindOf(value: unknown): Wording {
  if (typeof value === 'string') return new Wording(value.trim() === '' ? 'empty' : 'a text');
  if (value === null || Number.isNaN(value)) return new Wording(String(value));
  return new Wording(`of type ${typeof value}`);
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
