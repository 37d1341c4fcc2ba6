import type { AuthParts } from '../client/auth.js';
import type { Operation } from '../client/descriptor.js';

/** Sent as User-Agent unless the client's headers say otherwise. */
export const USER_AGENT = 'fuseline';

/** Headers as undici takes them (names and values in turn), and one string that identifies the sender. */
export interface WrittenHeaders {
  readonly list: string[];
  /** Credentials and tenant headers: who asks. Keys the last good responses. */
  readonly identity: string;
}

/**
 * The headers of one operation. Most calls of a client differ in nothing here, so the list is kept until the token changes: undici reads
 * it and does not change it.
 */
export class HeaderCache {
  readonly #base: readonly (readonly [string, string])[];
  #token: string | undefined;
  #contentType: string | undefined;
  #cached: WrittenHeaders | undefined;

  constructor(operation: Operation, clientHeaders: Readonly<Record<string, string>> | undefined) {
    const kinds = new Set(operation.responses.map((response) => response.kind));
    const accept = kinds.has('binary') || kinds.has('text') ? '*/*' : 'application/json';
    this.#base = [['accept', accept], ['user-agent', USER_AGENT], ...lower(operation.headers), ...lower(clientHeaders)];
  }

  /** For a call without headers of its own. */
  usual(token: string | undefined, contentType: string | undefined, auth: () => AuthParts): WrittenHeaders {
    if (this.#cached !== undefined && this.#token === token && this.#contentType === contentType) return this.#cached;
    this.#cached = this.written(contentType, auth(), []);
    this.#token = token;
    this.#contentType = contentType;
    return this.#cached;
  }

  /** The later wins where a name occurs twice: operation, client, credentials, parameters and options of the call. */
  written(contentType: string | undefined, auth: AuthParts, own: readonly (readonly [string, string])[]): WrittenHeaders {
    const merged = new Map(this.#base);
    for (let at = 0; at + 1 < auth.headers.length; at += 2) merged.set(auth.headers[at] ?? '', auth.headers[at + 1] ?? '');
    if (contentType !== undefined) merged.set('content-type', contentType);
    for (const [name, value] of own) {
      const key = name.toLowerCase();
      merged.set(key, key === 'cookie' && merged.has(key) ? `${merged.get(key)}; ${value}` : value);
    }
    const list = [...merged].flat();
    return { list, identity: `${auth.query}\n${list.join('\n')}` };
  }
}

function lower(headers: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
}
