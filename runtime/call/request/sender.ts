import type { ClientParts } from '../client-parts.js';
import type { WrittenHeaders } from './headers.js';

/** For how many clients an answer to this sender may stand in later, and how many callers may share its request. */
export type Sharing =
  /** For every client whose requests have the same sender. */
  | 'sender'
  /** For the same client alone: something outside may add what tells senders apart. */
  | 'client'
  /** For none: the operation wants credentials, and those that are sent are not known here. */
  | 'none';

/** The sender of a request. */
export interface Sender {
  /** Never equal for two senders. Holds credentials: it is shown nowhere. */
  readonly identity: string;
  readonly sharing: Sharing;
}

/** Of a flow that has written no request. */
export const NO_SENDER: Sender = { identity: '', sharing: 'none' };

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
export function senderOf(client: ClientParts, wantsCredentials: boolean, written: WrittenHeaders, identity: string | undefined): Sender {
  // Pairs as in `written.identity`; the colon keeps them apart from all names of headers.
  let key = written.identity + client.via;
  if (identity !== undefined) return { identity: `${key}\n:identity\n${encodeURIComponent(identity)}`, sharing: 'sender' };
  const known = wantsCredentials ? written.hasCredentials : written.namesSender || !client.mayBeSignedOutside;
  if (known) return { identity: key, sharing: 'sender' };
  key += `\n:client\n${idOf(client)}`;
  return { identity: key, sharing: wantsCredentials ? 'none' : 'client' };
}
