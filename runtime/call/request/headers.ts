import type { ClientOptions } from '../client/options.js';
import { authParts } from './auth.js';
import { addHeader, type HeaderPlan, setHeader } from './header-plan.js';
import type { Sender, SentHeaders } from './sender.js';
import { ParamFault } from './url.js';

/** The headers of a request, and what they say of its sender. */
export class WrittenHeaders implements SentHeaders {
  /** As undici takes them: names and values in turn. */
  readonly list: string[];
  /** Whether some credentials are among them: the token, or a header that carries some. */
  readonly hasCredentials: boolean;
  /** Whether anything among them may tell senders apart. */
  readonly namesSender: boolean;
  /** A credential that travels in the query, encoded; empty for most services. */
  readonly query: string;
  /** The sender of the last request with these headers. */
  sender: Sender | undefined = undefined;
  #identity: string | undefined = undefined;

  constructor(list: string[], query: string, hasCredentials: boolean, namesSender: boolean) {
    this.list = list;
    this.query = query;
    this.hasCredentials = hasCredentials;
    this.namesSender = namesSender;
  }

  /** Credentials and all headers in one string: the sender, as far as it is known here. Made when it is first asked for: most calls do not. */
  get identity(): string {
    this.#identity ??= `${this.query}\n${this.list.join('\n')}`;
    return this.#identity;
  }
}

/**
 * The headers of one operation of one client. Most of its calls differ in nothing here, so the list is kept until the token changes: undici
 * reads it and does not change it.
 */
export class HeaderCache {
  readonly plan: HeaderPlan;
  readonly #headers: ClientOptions['headers'];
  readonly #credentials: ClientOptions['credentials'];
  /** A token function is asked: if it gives nothing, the request must not go out without a token. */
  readonly #asks: boolean;
  #token: string | undefined;
  #contentType: string | undefined;
  #cached: WrittenHeaders | undefined;
  /** Why the cached headers cannot be sent. */
  #fault: string | undefined;

  constructor(plan: HeaderPlan, { headers, credentials, token }: Pick<ClientOptions, 'headers' | 'credentials' | 'token'>) {
    this.plan = plan;
    this.#headers = headers;
    this.#credentials = credentials;
    this.#asks = typeof token === 'function' && plan.wantsToken;
  }

  /** For a call without headers of its own. @throws {ParamFault} if a header cannot be sent. */
  usual(token: string | undefined, contentType: string | undefined): WrittenHeaders {
    const common = this.#common(token, contentType);
    if (this.#fault !== undefined) throw new ParamFault(this.#fault);
    return common;
  }

  /**
   * The headers of a call that has some of its own. The later wins if a name occurs twice: operation, client, credentials, parameters and
   * options of the call; cookies are joined. `own`: names and values in turn.
   *
   * @throws {ParamFault} if a header cannot be sent.
   */
  written(token: string | undefined, contentType: string | undefined, own: readonly string[]): WrittenHeaders {
    const common = this.#common(token, contentType);
    const list = [...common.list];
    let { hasCredentials, namesSender } = common;
    for (let at = 0; at + 1 < own.length; at += 2) {
      const key = (own[at] ?? '').toLowerCase();
      const value = own[at + 1] ?? '';
      addHeader(list, key, value);
      hasCredentials ||= this.plan.isCredential(key);
      namesSender ||= this.plan.namesSender(key);
      const fault = faultOf(key, value);
      if (fault !== undefined) throw new ParamFault(fault);
    }
    // The call's own headers may stand in for the one at fault.
    const fault = this.#fault === undefined ? undefined : firstFault(list);
    if (fault !== undefined) throw new ParamFault(fault);
    return new WrittenHeaders(list, common.query, hasCredentials, hasCredentials || namesSender);
  }

  /** The headers of all calls, checked once. */
  #common(token: string | undefined, contentType: string | undefined): WrittenHeaders {
    if (this.#cached !== undefined && this.#token === token && this.#contentType === contentType) return this.#cached;
    if (token === undefined && this.#asks) throw new ParamFault('the token function gave no token');
    const { plan } = this;
    const auth = authParts(plan.security, token, this.#credentials);
    const list = [...plan.list];
    const headers = this.#headers;
    for (const name in headers) if (Object.hasOwn(headers, name)) setHeader(list, name, headers[name]);
    for (let at = 0; at + 1 < auth.headers.length; at += 2) addHeader(list, auth.headers[at] ?? '', auth.headers[at + 1]);
    addHeader(list, 'content-type', contentType);
    let hasCredentials = auth.query !== '';
    let namesSender = false;
    for (let at = 0; at < list.length; at += 2) {
      const name = list[at] ?? '';
      hasCredentials ||= plan.isCredential(name);
      namesSender ||= plan.namesSender(name);
    }
    this.#fault = firstFault(list);
    this.#cached = new WrittenHeaders(list, auth.query, hasCredentials, hasCredentials || namesSender);
    this.#token = token;
    this.#contentType = contentType;
    return this.#cached;
  }
}

/** What a header's name and value may hold (RFC 9110 sections 5.1 and 5.5): a token, and visible Latin-1 characters, spaces and tabs. */
export const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Says why a header cannot be sent; undefined if it can. Checked here and not by the transport: fetch would put the value into its message. */
function faultOf(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'a header has a name that cannot be sent';
  return HEADER_VALUE.test(value) ? undefined : `header '${name}' has a value that cannot be sent`;
}

function firstFault(list: readonly string[]): string | undefined {
  for (let at = 0; at < list.length; at += 2) {
    const fault = faultOf(list[at] ?? '', list[at + 1] ?? '');
    if (fault !== undefined) return fault;
  }
  return undefined;
}
