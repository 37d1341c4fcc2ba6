import type { ClientParts } from '../client-parts.js';
import { type LanePlan, tenantKey } from './tenant-key.js';

/** With which calls a sender's responses (as last good responses) and requests can be shared. */
export type Sharing =
  /** With calls of all clients that have the same sender. */
  | 'sender'
  /** Only with calls of the same client, because other code can add data that identifies the sender. */
  | 'client'
  /** With no other call: the operation needs credentials, and other code adds them, so the sender is unknown. */
  | 'none';

/** The sender of a request. Contains credentials, so it must never be printed. */
export class Sender {
  readonly sharing: Sharing;
  /** The user's name for the sender. */
  readonly name: string | undefined;
  readonly #written: Written;
  /** Other data that identifies the sender, as pairs in the form of the headers' identity. Its names start with a colon, unlike those of headers. */
  readonly #more: string;
  readonly #plan: LanePlan;
  #identity: string | undefined = undefined;
  #lane: string | undefined = undefined;

  constructor(written: Written, more: string, sharing: Sharing, name: string | undefined, plan: LanePlan) {
    this.#written = written;
    this.#more = more;
    this.sharing = sharing;
    this.name = name;
    this.#plan = plan;
  }

  /** A string that is never equal for two senders. Created once, so that its hash is computed once. */
  get identity(): string {
    this.#identity ??= this.#written.identity + this.#more;
    return this.#identity;
  }

  /** The key of the sender's lane in a rate limit. */
  get laneKey(): string {
    this.#lane ??= tenantKey(this.identity, this.#plan);
    return this.#lane;
  }

  /** Returns the same sender, identified by additional headers. */
  knownBy(names: string): Sender {
    return new Sender(this.#written, this.#more + names, this.sharing, this.name, this.#plan);
  }
}

/** The part of written headers that a sender needs. */
interface Written {
  readonly identity: string;
}

/** Headers of one client, and their sender; undefined until it is known. */
export interface SentHeaders extends Written {
  readonly hasCredentials: boolean;
  readonly namesSender: boolean;
  sender: Sender | undefined;
}

/** The sender of a flow that has written no request. */
export const NO_SENDER = new Sender({ identity: '' }, '', 'none', undefined, { namesLane: () => false });

const ids = new WeakMap<object, number>();
let lastId = 0;

/** Returns a number that is unique for the object. */
export function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) {
    id = ++lastId;
    ids.set(object, id);
  }
  return id;
}

/**
 * Returns the sender of a request. `identity` is the user's name for the sender, or undefined.
 *
 * A user's dispatcher, an instrumentation and a patched `fetch` can add credentials that the client does not know. Responses are therefore shared
 * with other clients only if a token, credentials, headers or the user's `identity` identify the sender.
 */
export function senderOf({ client, security, headers }: SendingOperation, written: SentHeaders, identity: string | undefined): Sender {
  const known = written.sender;
  if (known !== undefined && known.name === identity) return known;
  const wantsCredentials = security.length > 0;
  let more = client.via;
  let sharing: Sharing = 'sender';
  if (identity !== undefined) more += `\n:identity\n${encodeURIComponent(identity)}`;
  else if (!(wantsCredentials ? written.hasCredentials : written.namesSender || !client.mayBeSignedOutside)) {
    more += `\n:client\n${idOf(client)}`;
    sharing = wantsCredentials ? 'none' : 'client';
  }
  written.sender = new Sender(written, more, sharing, identity, headers.plan);
  return written.sender;
}

/** The parts of an operation that identify its sender. */
interface SendingOperation {
  readonly client: ClientParts;
  readonly security: readonly unknown[];
  readonly headers: { readonly plan: LanePlan };
}
