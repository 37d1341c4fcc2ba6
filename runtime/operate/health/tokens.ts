import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { isList } from '../../errors/readable.js';

/** The shortest token. Shorter ones can be guessed. */
const MIN_TOKEN_LENGTH = 16;

/** One token, or a list while tokens are rotated. */
export type Tokens = string | readonly string[];

/** The permissions of a request. */
export type Grant = 'none' | 'read' | 'admin';

/** RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1), the token is not. Two headers arrive joined by `, `, and do not match. */
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/** Determines the permissions of a request by its bearer token. It holds digests of the tokens, never the tokens. */
export class TokenGuard {
  readonly #read: readonly Buffer[];
  readonly #admin: readonly Buffer[];

  /** @throws {ConfigurationError} if a token is short, cannot be sent in a header, or is given for both. No message shows a token. */
  constructor(read: Tokens | undefined, admin: Tokens | undefined) {
    this.#read = digests('token', read);
    this.#admin = digests('adminToken', admin);
    if (this.#read.some((digest) => isAny(digest, this.#admin))) {
      const hint = 'A token for reading must not be able to open a circuit';
      throw new ConfigurationError('adminToken', 'the same as token', 'another token', hint);
    }
  }

  get guardsReading(): boolean {
    return this.#read.length > 0;
  }

  get hasAdmin(): boolean {
    return this.#admin.length > 0;
  }

  /** Returns the permissions of an `Authorization` header. Takes equally long for every token, right or wrong. */
  grant(authorization: string | null): Grant {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'none';
    const digest = sha256(token);
    // Always both, so that the time does not show in which list a token is.
    const admin = isAny(digest, this.#admin);
    const read = isAny(digest, this.#read);
    return admin ? 'admin' : read ? 'read' : 'none';
  }
}

/** Returns the digest. All digests have one length, so a comparison does not reveal the lengths of tokens. */
function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isAny(digest: Buffer, known: readonly Buffer[]): boolean {
  let found = false;
  for (const one of known) if (timingSafeEqual(digest, one)) found = true;
  return found;
}

function digests(option: string, given: Tokens | undefined): readonly Buffer[] {
  if (given === undefined) return [];
  const list: readonly unknown[] = typeof given === 'string' ? [given] : given;
  // Only the type is shown, because a value of another type can be a secret, too.
  if (!isList(list)) throw new ConfigurationError(option, typeof given, 'a token, or a list of tokens');
  if (list.length === 0) throw new ConfigurationError(option, given, 'a token, or a list of at least one');
  return list.map((token, at) => {
    const name = typeof given === 'string' ? option : `${option}[${at}]`;
    if (typeof token !== 'string') throw new ConfigurationError(name, typeof token, 'a string');
    if (token.length < MIN_TOKEN_LENGTH) {
      const hint = 'Make one with `openssl rand -base64 32`';
      throw new ConfigurationError(`length of ${name}`, token.length, `${MIN_TOKEN_LENGTH} characters or more`, hint);
    }
    if (!VISIBLE_ASCII.test(token)) {
      const hint = 'A header can carry no other characters. Does the token end with a line break?';
      throw new ConfigurationError(name, 'text with other characters', 'letters, digits and signs of ASCII, without spaces', hint);
    }
    return sha256(token);
  });
}
