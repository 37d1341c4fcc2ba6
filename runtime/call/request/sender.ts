import type { ClientParts } from '../client-parts.js';
import { type LanePlan, tenantKey } from './tenant-key.js';

/** For how many clients an answer to this sender may stand in later, and how many callers may share its request. */
export type Sharing =
  /** For every client whose requests have the same sender. */
  | 'sender'
  /** For the same client alone: something outside may add what tells senders apart. */
  | 'client'
  /** For none: the operation wants credentials, and those that are sent are not known here. */
  | 'none';

/** The sender of a request. Holds credentials: it is shown nowhere. */
export class Sender {
  readonly sharing: Sharing;
  /** The user's own name for the sender. */
  readonly name: string | undefined;
  readonly #written: Written;
  /** What the sender is known by besides the headers. Pairs as in the headers' identity; the colon keeps them apart from names of headers. */
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

  /** Never equal for two senders. Made once: one string is hashed once. */
  get identity(): string {
    this.#identity ??= this.#written.identity + this.#more;
    return this.#identity;
  }

  /** Under what answers are kept for the sender. One with a name has the same answers whatever its token is at the moment. */
  get keptUnder(): string {
    return this.name === undefined ? this.identity : this.#written.unsigned + this.#more;
  }

  /** The key of the sender's lane in a rate limit. */
  get laneKey(): string {
    this.#lane ??= tenantKey(this.identity, this.#plan);
    return this.#lane;
  }

  /** The same sender, known by more headers as well. */
  knownBy(names: string): Sender {
    return new Sender(this.#written, this.#more + names, this.sharing, this.name, this.#plan);
  }
}

/** What a sender needs of written headers. */
interface Written {
  /** Credentials and all headers. */
  readonly identity: string;
  /** All headers without the client's credentials, which can change while the sender stays the same. */
  readonly unsigned: string;
}

/** Headers of one client, and their sender, once it is known. */
export interface SentHeaders extends Written {
  readonly hasCredentials: boolean;
  readonly namesSender: boolean;
  sender: Sender | undefined;
}

/** Of a flow that has written no request. */
export const NO_SENDER = new Sender({ identity: '', unsigned: '' }, '', 'none', undefined, { namesLane: () => false });

const ids = new WeakMap<object, number>();
let lastId = 0;

/** A number of the object's own. */
export function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) {
    id = ++lastId;
    ids.set(object, id);
  }
  return id;
}

/**
 * Tells who sends a request. `identity` is the user's own name for the sender, where it was given.
 *
 * A dispatcher of the user's, an instrumentation and a patched `fetch` may add credentials that are not known here. So an answer stands in for
 * other clients only where the sender is known by a token, credentials, headers or the user's `identity`.
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

/** What telling senders apart needs of an operation. */
interface SendingOperation {
  readonly client: ClientParts;
  readonly security: readonly unknown[];
  readonly headers: { readonly plan: LanePlan };
}
