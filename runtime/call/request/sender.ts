import type { ClientParts } from '../client-parts.js';
import { type LanePlan, tenantKey } from './tenant-key.js';

/** Which calls an answer to this sender may be given to: later, as the last good response, and now, if they share its request. */
export type Sharing =
  /** Those of every client whose requests have the same sender. Requests are shared within one client. */
  | 'sender'
  /** Later ones of the same client. No request is shared: something outside may add what tells senders apart. */
  | 'client'
  /** None. The operation wants credentials, and the sender is not known here. */
  | 'none';

/** What is known of a sender besides its headers. */
interface Known {
  /** Pairs as in the headers' identity; the colon keeps them apart from names of headers. */
  readonly more: string;
  /** A further pair, for kept answers alone. */
  readonly keeper: string;
  readonly sharing: Sharing;
  /** The user's name for the sender. */
  readonly name: string | undefined;
  /** A dispatcher or a replaced `fetch` may have added more, unseen. */
  readonly signedUnseen: boolean;
  /** False if an instrumentation may still add headers that name the sender. */
  readonly whole: boolean;
}

/** The sender of a request. Holds credentials: it is shown nowhere. */
export class Sender {
  readonly #written: Written;
  readonly #known: Known;
  readonly #plan: LanePlan;
  #identity: string | undefined = undefined;
  #keptUnder: string | undefined = undefined;
  #lane: string | undefined = undefined;

  constructor(written: Written, known: Known, plan: LanePlan) {
    this.#written = written;
    this.#known = known;
    this.#plan = plan;
  }

  get sharing(): Sharing {
    return this.#known.sharing;
  }

  get name(): string | undefined {
    return this.#known.name;
  }

  get signedUnseen(): boolean {
    return this.#known.signedUnseen;
  }

  get whole(): boolean {
    return this.#known.whole;
  }

  /** Never equal for two senders that are known. Made once: one string is hashed once. */
  get identity(): string {
    this.#identity ??= this.#written.identity + this.#known.more;
    return this.#identity;
  }

  /** Under what good answers are kept. A sender with a name has the same ones, whatever its token is at the moment. */
  get keptUnder(): string {
    this.#keptUnder ??= this.#keeping();
    return this.#keptUnder;
  }

  #keeping(): string {
    const { name, more, keeper } = this.#known;
    if (name !== undefined) return this.#written.unsigned + more;
    return keeper === '' ? this.identity : this.identity + keeper;
  }

  /** The key of the sender's lane in a rate limit. */
  get laneKey(): string {
    this.#lane ??= tenantKey(this.identity, this.#plan);
    return this.#lane;
  }

  /** The same sender, known by the headers of an instrumentation as well. */
  knownBy(names: string): Sender {
    return new Sender(this.#written, { ...this.#known, more: this.#known.more + names, whole: true }, this.#plan);
  }
}

/** The part of written headers that a sender needs. */
interface Written {
  /** Credentials and all headers. */
  readonly identity: string;
  /** All headers without the client's credentials, which can change while the sender stays the same. */
  readonly unsigned: string;
}

/** Headers of one client, and their sender; undefined until it is known. */
export interface SentHeaders extends Written {
  readonly hasCredentials: boolean;
  readonly namesSender: boolean;
  sender: Sender | undefined;
}

/** Of a flow that has written no request. */
export const NO_SENDER = new Sender(
  { identity: '', unsigned: '' },
  { more: '', keeper: '', sharing: 'none', name: undefined, signedUnseen: false, whole: true },
  { namesLane: () => false },
);

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
 * Tells who sends a request. `name` is the user's own name for the sender, where it was given.
 *
 * A dispatcher of the user's, an instrumentation and a replaced `fetch` may add what is not known here, also beside a token that is known: credentials,
 * or the header of a tenant. So without a `name` their calls share no request, and an answer stands in for no other client.
 */
export function senderOf(op: SendingOperation, written: SentHeaders, name: string | undefined): Sender {
  const { signsUnseen } = op.client;
  const last = written.sender;
  if (last !== undefined && last.name === name && last.signedUnseen === signsUnseen) return last;
  written.sender = new Sender(written, knownOf(op, written, name, signsUnseen), op.headers.plan);
  return written.sender;
}

function knownOf(
  { client, security, tracing }: SendingOperation,
  written: SentHeaders,
  name: string | undefined,
  signedUnseen: boolean,
): Known {
  const { via } = client;
  if (name !== undefined) {
    const more = `${via}\n:identity\n${encodeURIComponent(name)}`;
    return { more, keeper: '', sharing: 'sender', name, signedUnseen, whole: true };
  }
  const whole = tracing?.signs !== true;
  const mayBeSigned = signedUnseen || !whole;
  const wantsCredentials = security.length > 0;
  let sharing: Sharing = mayBeSigned ? 'client' : 'sender';
  if (wantsCredentials && (signedUnseen || !written.hasCredentials)) sharing = 'none';
  // Clients of one known sender have one budget at the vendor, whatever is added outside.
  const isKnown = wantsCredentials ? written.hasCredentials : written.namesSender || !mayBeSigned;
  return isKnown
    ? { more: via, keeper: sharing === 'client' ? ownerOf(client) : '', sharing, name, signedUnseen, whole }
    : { more: via + ownerOf(client), keeper: '', sharing, name, signedUnseen, whole };
}

/** A pair that no other client has. Made only where it is needed: it costs more than the rest of a sender. */
function ownerOf(client: object): string {
  return `\n:client\n${idOf(client)}`;
}

/** What telling senders apart needs of an operation. */
interface SendingOperation {
  readonly client: ClientParts;
  readonly security: readonly unknown[];
  readonly headers: { readonly plan: LanePlan };
  readonly tracing: { readonly signs: boolean } | undefined;
}
