import type { Operation, SchemeDescriptor, SecurityDescriptor } from '../client/descriptor.js';
import { schemesOf } from './auth.js';
import { mayTellSenders } from './tenant-key.js';

/** Sent as User-Agent unless the client's headers say otherwise. */
const USER_AGENT = 'fuseline';

/** What the headers of an operation are for every client. Shared by clients, so it holds nothing of one. */
export class HeaderPlan {
  /** Names and values in turn; names in lower case. */
  readonly list: readonly string[];
  /** Headers that carry credentials, in lower case. */
  readonly #credentialNames: ReadonlySet<string>;
  /** Headers that the operation fixes. */
  readonly #fixed: ReadonlySet<string>;
  /** Headers that do not belong to a lane's key, in lower case. */
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

  /** Whether a header carries credentials. `name` is in lower case. */
  isCredential(name: string): boolean {
    return this.#credentialNames.has(name);
  }

  /** Whether a header may tell senders apart. */
  namesSender(name: string): boolean {
    return mayTellSenders(name, this.#fixed);
  }

  /** Whether a header belongs to the key of a rate limit's lane. */
  namesLane(name: string): boolean {
    return mayTellSenders(name, this.#outsideLanes);
  }
}

function headerOf(scheme: SchemeDescriptor): readonly string[] {
  return scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.name.toLowerCase()] : [];
}

/** Sets a header in a list of names and values. One that is there keeps its place. Optional values of the user's are often undefined. */
export function setHeader(list: string[], name: string, value: string | undefined): void {
  if (value === undefined) return;
  const key = name.toLowerCase();
  const at = indexOfHeader(list, key);
  if (at === -1) list.push(key, value);
  else list[at + 1] = value;
}

/** As `setHeader`, but joins cookies. */
export function addHeader(list: string[], name: string, value: string | undefined): void {
  if (value === undefined) return;
  const key = name.toLowerCase();
  const at = indexOfHeader(list, key);
  if (at === -1) list.push(key, value);
  else list[at + 1] = key === 'cookie' ? `${list[at + 1]}; ${value}` : value;
}

/** Where a name stands in a list of names and values; -1 if it is not there. `name` is in lower case. */
export function indexOfHeader(list: readonly string[], name: string): number {
  for (let at = 0; at < list.length; at += 2) if (list[at] === name) return at;
  return -1;
}
