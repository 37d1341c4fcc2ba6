import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../../errors/configuration-error.js';

/** Shorter ones can be guessed. */
export const MIN_TOKEN_LENGTH = 16;

/** One token, or several while they are rotated. */
export type Tokens = string | readonly string[];

/** What a request may do. */
export type Grant = 'none' | 'read' | 'admin';

/** RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1), the token is not. Two headers arrive joined by `, `, and do not match. */
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/** Tells what a request may do by its bearer token. Holds the tokens' digests, never the tokens. */
export class TokenGuard {
  readonly #read: readonly Buffer[];
  readonly #admin: readonly Buffer[];

  /** @throws {ConfigurationError} where a token is short, cannot be sent in a header, or is given for both. No message shows one. */
  constructor(read: Tokens | undefined, admin: Tokens | undefined) {
    this.#read = digests('token', read);
    this.#admin = digests('adminToken', admin);
    if (this.#read.some((digest) => isAny(digest, this.#admin))) {
      const hint = 'Whoever reads the health must not be able to open a circuit';
      throw new ConfigurationError('adminToken', 'the same as token', 'another one', hint);
    }
  }

  get guardsReading(): boolean {
    return this.#read.length > 0;
  }

  get hasAdmin(): boolean {
    return this.#admin.length > 0;
  }

  /** What the `Authorization` header permits. Takes as long for a wrong token as for a right one, whatever its first characters or length. */
  grant(authorization: string | null): Grant {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'none';
    const digest = sha256(token);
    // Both, always: which list a token is in must not show either.
    const admin = isAny(digest, this.#admin);
    const read = isAny(digest, this.#read);
    return admin ? 'admin' : read ? 'read' : 'none';
  }
}

/** Digests have one length, so that comparing them says nothing of the tokens' lengths. */
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
  // A value of another type may be a secret nonetheless: its type says enough.
  if (!Array.isArray(list)) throw new ConfigurationError(option, typeof given, 'a token, or a list of tokens');
  if (list.length === 0) throw new ConfigurationError(option, given, 'a token, or a list of at least one');
  return list.map((token, at) => {
    const name = typeof given === 'string' ? option : `${option}[${at}]`;
    if (typeof token !== 'string') throw new ConfigurationError(name, typeof token, 'a string');
    if (token.length < MIN_TOKEN_LENGTH) {
      const hint = 'Make one with `openssl rand -base64 32`';
      throw new ConfigurationError(`length of ${name}`, token.length, `${MIN_TOKEN_LENGTH} characters or more`, hint);
    }
    if (!VISIBLE_ASCII.test(token)) {
      const hint = 'A header can carry nothing else; is there a line break at its end?';
      throw new ConfigurationError(name, 'text with other characters', 'letters, digits and signs of ASCII, without spaces', hint);
    }
    return sha256(token);
  });
}
