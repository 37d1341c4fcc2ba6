import type { ClientOptions } from '../client/options.js';
import { type AuthParts, NO_AUTH, type Secrets } from './auth.js';
import { addHeader, type HeaderPlan, setHeader } from './header-plan.js';
import type { Sender, SentHeaders } from './sender.js';
import type { Signing } from './signing.js';
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

  /** Credentials and all headers in one string: the sender, as far as it is known here. Made when it is first asked for: most calls do not. */
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
 * The headers of one operation of one client. Most of its calls differ in nothing here, so the list is kept until the token changes: undici
 * reads it and does not change it.
 */
export class HeaderCache {
  readonly plan: HeaderPlan;
  readonly #headers: ClientOptions['headers'];
  readonly #signing: Signing;
  #secrets: Secrets | undefined;
  #contentType: string | undefined;
  #cached: WrittenHeaders | undefined;
  /** Why the cached headers cannot be sent. */
  #fault: string | undefined;

  constructor(plan: HeaderPlan, signing: Signing, headers: ClientOptions['headers']) {
    this.plan = plan;
    this.#signing = signing;
    this.#headers = headers;
  }

  /** For a call without headers of its own. @throws {ParamFault} if a header cannot be sent. */
  usual(secrets: Secrets | undefined, contentType: string | undefined): WrittenHeaders {
    const common = this.#common(secrets, contentType);
    if (this.#fault !== undefined) throw new ParamFault(this.#fault);
    return common;
  }

  /**
   * The headers of a call that has some of its own. The later wins if a name occurs twice: operation, client, credentials, parameters and
   * options of the call; cookies are joined. `own`: names and values in turn.
   *
   * @throws {ParamFault} if a header cannot be sent.
   */
  written(secrets: Secrets | undefined, contentType: string | undefined, own: readonly string[]): WrittenHeaders {
    return this.#with(this.#common(secrets, contentType), this.#fault, own);
  }

  /** The headers of a call as far as they are known without its token. @throws {ParamFault} if a header cannot be sent. */
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
    // The call's own headers may stand in for the one at fault.
    const fault = commonFault === undefined ? undefined : firstFault(list);
    if (fault !== undefined) throw new ParamFault(fault);
    return new WrittenHeaders(list, common.auth, hasCredentials, hasCredentials || namesSender);
  }

  /** The headers of all calls, checked once. */
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
