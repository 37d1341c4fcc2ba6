import type { Operation, SecurityDescriptor } from '../client/descriptor.js';
import type { ClientOptions } from '../client/options.js';
import { authParts, takesToken } from './auth.js';
import { SAYS_NOTHING_OF_SENDERS } from './tenant-key.js';
import { ParamFault } from './url.js';

/** Sent as User-Agent unless the client's headers say otherwise. */
const USER_AGENT = 'fuseline';

/** Headers as undici takes them (names and values in turn), and one string that identifies the sender. */
export interface WrittenHeaders {
  readonly list: string[];
  /** Credentials and all headers: the sender, as far as it is known here. */
  readonly identity: string;
  /** Whether some credentials are among them: the token, or a header that carries some. */
  readonly hasCredentials: boolean;
  /** Whether anything among them may tell senders apart. */
  readonly namesSender: boolean;
  /** A credential that travels in the query, encoded; empty for most services. */
  readonly query: string;
}

/**
 * The headers of one operation. Most calls of a client differ in nothing here, so the list is kept until the token changes: undici reads
 * it and does not change it.
 */
export class HeaderCache {
  readonly #base: readonly (readonly [string, string])[];
  readonly #security: readonly SecurityDescriptor[];
  readonly #credentials: ClientOptions['credentials'];
  /** A token function is asked: if it gives nothing, the request must not go out without a token. */
  readonly #asks: boolean;
  /** Headers that carry credentials, in lower case. */
  readonly #credentialNames: ReadonlySet<string>;
  /** Headers that the operation fixes. */
  readonly #fixed: ReadonlySet<string>;
  #token: string | undefined;
  #contentType: string | undefined;
  #cached: WrittenHeaders | undefined;

  constructor(
    operation: Operation,
    security: readonly SecurityDescriptor[],
    { headers: clientHeaders, credentials, token }: ClientOptions,
  ) {
    this.#security = security;
    this.#asks = typeof token === 'function' && security.some(takesToken) && security.every(({ type }) => type !== 'none');
    this.#credentials = credentials;
    this.#credentialNames = new Set(['authorization', 'cookie', ...security.flatMap(headerOf)]);
    this.#fixed = new Set(lower(operation.headers).map(([name]) => name));
    const kinds = new Set(operation.responses.map((response) => response.kind));
    const accept = kinds.has('binary') || kinds.has('text') ? '*/*' : 'application/json';
    this.#base = [['accept', accept], ['user-agent', USER_AGENT], ...lower(operation.headers), ...lower(clientHeaders)];
  }

  /** For a call without headers of its own. */
  usual(token: string | undefined, contentType: string | undefined): WrittenHeaders {
    if (this.#cached !== undefined && this.#token === token && this.#contentType === contentType) return this.#cached;
    this.#cached = this.written(token, contentType, []);
    this.#token = token;
    this.#contentType = contentType;
    return this.#cached;
  }

  /**
   * The later wins where a name occurs twice: operation, client, credentials, parameters and options of the call; cookies are joined.
   *
   * @throws {ParamFault} where a header cannot be sent. Checked here and not by the transport: fetch would put the value into its message.
   */
  written(token: string | undefined, contentType: string | undefined, own: readonly (readonly [string, string])[]): WrittenHeaders {
    if (token === undefined && this.#asks) throw new ParamFault('the token function gave no token');
    const auth = authParts(this.#security, token, this.#credentials);
    const merged = new Map(this.#base);
    const put = (name: string, value: string | undefined): void => {
      if (value === undefined) return;
      const key = name.toLowerCase();
      merged.set(key, key === 'cookie' && merged.has(key) ? `${merged.get(key)}; ${value}` : value);
    };
    for (let at = 0; at + 1 < auth.headers.length; at += 2) put(auth.headers[at] ?? '', auth.headers[at + 1]);
    put('content-type', contentType);
    for (const [name, value] of own) put(name, value);
    for (const [name, value] of merged) {
      if (!HEADER_NAME.test(name)) throw new ParamFault('a header has a name that cannot be sent');
      if (!HEADER_VALUE.test(value)) throw new ParamFault(`header '${name}' has a value that cannot be sent`);
    }
    const list = [...merged].flat();
    const names = [...merged.keys()];
    const hasCredentials = auth.query !== '' || names.some((name) => this.#credentialNames.has(name));
    const namesSender = hasCredentials || names.some((name) => !SAYS_NOTHING_OF_SENDERS.has(name) && !this.#fixed.has(name));
    return { list, identity: `${auth.query}\n${list.join('\n')}`, hasCredentials, namesSender, query: auth.query };
  }
}

function headerOf(scheme: SecurityDescriptor): readonly string[] {
  return scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.name.toLowerCase()] : [];
}

/** What a header's name and value may hold (RFC 9110 sections 5.1 and 5.5): a token, and visible Latin-1 characters, spaces and tabs. */
export const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Optional values of the user's are often there as undefined. */
function lower(headers: Readonly<Record<string, string | undefined>> | undefined): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]]));
}
