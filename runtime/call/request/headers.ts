import { acceptedCodings } from '../answer/codings.js';
import type { ClientOptions } from '../client/options.js';
import { type AuthParts, NO_AUTH, type Secrets } from './auth.js';
import { addHeader, type HeaderPlan, indexOfHeader, setHeader } from './header-plan.js';
import type { Sender, SentHeaders } from './sender.js';
import type { Signing } from './signing.js';
import { ParamFault } from './url.js';

/** The headers of a request, and the information about the sender that they contain. */
export class WrittenHeaders implements SentHeaders {
  /** Alternating names and values, as undici takes them. */
  readonly list: string[];
  /** True if the headers or the query contain credentials. */
  readonly hasCredentials: boolean;
  /** True if the headers or the query can identify the sender. */
  readonly namesSender: boolean;
  /** A credential sent in the query, encoded; empty for most services. */
  readonly query: string;
  /** What the credentials of the client added. */
  readonly auth: AuthParts;
  /** The sender of the last request with these headers. */
  sender: Sender | undefined = undefined;
  #identity: string | undefined = undefined;
  #unsigned: string | undefined = undefined;

  constructor(list: string[], auth: AuthParts, hasCredentials: boolean, namesSender: boolean) {
    this.list = list;
    this.auth = auth;
    this.query = auth.query;
    this.hasCredentials = hasCredentials;
    this.namesSender = namesSender;
  }

  /** Credentials and all headers in one string, which identifies the sender. Created when first read, because most calls do not need it. */
  get identity(): string {
    this.#identity ??= `${this.query}\n${this.list.join('\n')}`;
    return this.#identity;
  }

  /** As `identity`, but without what the client's credentials added: a sender that has a name is the same with another token. */
  get unsigned(): string {
    this.#unsigned ??= `\n${withoutAuth(this.list, this.auth).join('\n')}`;
    return this.#unsigned;
  }
}

/**
 * The headers of one operation of one client. They are the same for most calls, so the list is cached until the token changes. undici reads the list
 * and does not change it.
 */
export class HeaderCache {
  readonly plan: HeaderPlan;
  readonly #headers: ClientOptions['headers'];
  readonly #signing: Signing;
  #secrets: Secrets | undefined;
  /** The value of `accept-encoding`; undefined if none is sent. */
  readonly #codings: string | undefined;
  #contentType: string | undefined;
  #cached: WrittenHeaders | undefined;
  /** The reason why the cached headers cannot be sent; undefined if they can. */
  #fault: string | undefined;

  constructor(
    plan: HeaderPlan,
    signing: Signing,
    { headers, compression = true, transport }: Pick<ClientOptions, 'headers' | 'compression' | 'transport'>,
  ) {
    this.plan = plan;
    this.#signing = signing;
    this.#headers = headers;
    // fetch sends its own, and undoes what it asked for.
    this.#codings = compression && transport !== 'fetch' ? acceptedCodings() : undefined;
  }

  /** Returns the headers of a call without its own headers. @throws {ParamFault} if a header cannot be sent. */
  usual(secrets: Secrets | undefined, contentType: string | undefined): WrittenHeaders {
    const common = this.#common(secrets, contentType);
    if (this.#fault !== undefined) throw new ParamFault(this.#fault);
    return common;
  }

  /**
   * Returns the headers of a call with its own headers: `own` holds names and values in turn. If a name occurs more than once, the later source
   * overrides the earlier ones, in this order: operation, client, credentials, parameters of the call, options of the call. Cookies are joined.
   *
   * @throws {ParamFault} if a header cannot be sent.
   */
  written(secrets: Secrets | undefined, contentType: string | undefined, own: readonly string[]): WrittenHeaders {
    return this.#with(this.#common(secrets, contentType), this.#fault, own);
  }

  /** Returns the headers of a call as far as they are known without its token. @throws {ParamFault} if a header cannot be sent. */
  unsigned(contentType: string | undefined, own: readonly string[]): WrittenHeaders {
    return this.#with(this.#write(NO_AUTH, contentType), undefined, own);
  }

  #with(common: WrittenHeaders, commonFault: string | undefined, own: readonly string[]): WrittenHeaders {
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
    // A part of a compressed body cannot be decoded.
    if (this.#codings !== undefined && indexOfHeader(list, 'range') !== -1) {
      const at = indexOfHeader(list, ACCEPT_ENCODING) + 1;
      if (list[at] === this.#codings) list[at] = 'identity';
    }
    // The call's own headers can have replaced the invalid one.
    const fault = commonFault === undefined ? undefined : firstFault(list);
    if (fault !== undefined) throw new ParamFault(fault);
    return new WrittenHeaders(list, common.auth, hasCredentials, hasCredentials || namesSender);
  }

  /** Returns the headers that all calls have in common. They are checked once. */
  #common(secrets: Secrets | undefined, contentType: string | undefined): WrittenHeaders {
    if (this.#cached !== undefined && isSame(this.#secrets, secrets) && this.#contentType === contentType) return this.#cached;
    this.#cached = this.#write(this.#signing.parts(secrets), contentType);
    this.#fault = firstFault(this.#cached.list);
    this.#secrets = secrets;
    this.#contentType = contentType;
    return this.#cached;
  }

  #write(auth: AuthParts, contentType: string | undefined): WrittenHeaders {
    const { plan } = this;
    const list = [...plan.list];
    if (this.#codings !== undefined && indexOfHeader(list, ACCEPT_ENCODING) === -1) list.push(ACCEPT_ENCODING, this.#codings);
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
    return new WrittenHeaders(list, auth, hasCredentials, hasCredentials || namesSender);
  }
}

const ACCEPT_ENCODING = 'accept-encoding';

function isSame(one: Secrets | undefined, other: Secrets | undefined): boolean {
  if (one === other) return true;
  return typeof one === 'object' && typeof other === 'object' && one.length === other.length && one.every((text, at) => text === other[at]);
}

/** The list without the headers and cookies of the credentials. */
function withoutAuth(list: readonly string[], { headers }: AuthParts): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at] ?? '';
    const own = headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === name);
    const text = list[at + 1] ?? '';
    const left = name === 'cookie' ? text.split('; ').filter((cookie) => !own.includes(cookie)) : own.includes(text) ? [] : [text];
    if (left.length > 0) kept.push(name, left.join('; '));
  }
  return kept;
}

/** The allowed characters of header names and values (RFC 9110, sections 5.1 and 5.5): a token, and visible Latin-1 characters, spaces and tabs. */
export const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Returns the reason why a header cannot be sent, or undefined. Checked here, because `fetch` would put the value into its error message. */
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
