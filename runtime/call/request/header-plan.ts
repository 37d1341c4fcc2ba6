import type { Operation, SchemeDescriptor, SecurityDescriptor } from '../client/descriptor.js';
import { schemesOf } from './auth.js';
import { mayTellSenders } from './tenant-key.js';

/** The default `User-Agent`. The client's headers override it. */
const USER_AGENT = 'fuseline';

/** The headers of an operation that are the same for every client. Clients share it, so it contains no data of a client. */
export class HeaderPlan {
  /** Alternating names and values, names in lower case. */
  readonly list: readonly string[];
  /** Headers that carry credentials, in lower case. */
  readonly #credentialNames: ReadonlySet<string>;
  /** Headers with a value fixed by the operation. */
  readonly #fixed: ReadonlySet<string>;
  /** Headers that are not part of the key of a rate limit's lane, in lower case. */
  readonly #outsideLanes: ReadonlySet<string>;

  constructor(operation: Operation, security: readonly SecurityDescriptor[]) {
    this.#credentialNames = new Set(['authorization', 'cookie', ...security.flatMap(schemesOf).flatMap(headerOf)]);
    const kinds = new Set(operation.responses.map((response) => response.kind));
    const list = ['accept', kinds.has('binary') || kinds.has('text') ? '*/*' : 'application/json', 'user-agent', USER_AGENT];
    const fixed = new Set<string>();
    for (const [name, value] of Object.entries(operation.headers ?? {})) {
      fixed.add(name.toLowerCase());
      setHeader(list, name, value);
    }
    this.list = list;
    this.#fixed = fixed;
    const { idempotencyHeader } = operation;
    this.#outsideLanes = idempotencyHeader === undefined ? fixed : new Set([...fixed, idempotencyHeader.toLowerCase()]);
  }

  /** Returns true if a header carries credentials. `name` is in lower case. */
  isCredential(name: string): boolean {
    return this.#credentialNames.has(name);
  }

  /** Returns true if a header can identify the sender. */
  namesSender(name: string): boolean {
    return mayTellSenders(name, this.#fixed);
  }

  /** Returns true if a header is part of the key of a rate limit's lane. */
  namesLane(name: string): boolean {
    return mayTellSenders(name, this.#outsideLanes);
  }
}

function headerOf(scheme: SchemeDescriptor): readonly string[] {
  return scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.name.toLowerCase()] : [];
}

/** Sets a header in a list of names and values. An existing header keeps its position. Does nothing if the value is undefined. */
export function setHeader(list: string[], name: string, value: string | undefined): void {
  if (value === undefined) return;
  const key = name.toLowerCase();
  const at = indexOfHeader(list, key);
  if (at === -1) list.push(key, value);
  else list[at + 1] = value;
}

/** Like `setHeader`, but appends to an existing `cookie` header. */
export function addHeader(list: string[], name: string, value: string | undefined): void {
  if (value === undefined) return;
  const key = name.toLowerCase();
  const at = indexOfHeader(list, key);
  if (at === -1) list.push(key, value);
  else list[at + 1] = key === 'cookie' ? `${list[at + 1]}; ${value}` : value;
}

/** Returns the index of a name in a list of names and values, or -1. `name` is in lower case. */
export function indexOfHeader(list: readonly string[], name: string): number {
  for (let at = 0; at < list.length; at += 2) if (list[at] === name) return at;
  return -1;
}
