import { SAYS_NOTHING_OF_SENDERS } from '../../observe/sender-headers.js';

/**
 * Returns true if a header written by this client can identify the sender. `fixed` contains the headers set by the operation. Names are in lower
 * case.
 */
export function mayTellSenders(name: string, fixed: ReadonlySet<string>): boolean {
  return !SAYS_NOTHING_OF_SENDERS.has(name) && !fixed.has(name);
}

/** The part of an operation that the key of a lane needs. */
export interface LanePlan {
  /** Returns true if a header is part of the key. `name` is in lower case. */
  namesLane(name: string): boolean;
}

/**
 * Returns the key of a sender: its credentials and the headers that name a tenant, in one string. Two senders never have the same key. Headers fixed
 * by the operation and headers that differ for each call are omitted: they would give each operation or call its own limit. `identity` is that of the
 * sender: the credential of the query, then alternating names and values of all headers. `plan` decides which headers are part of the key.
 */
export function tenantKey(identity: string, plan: LanePlan): string {
  const [query = '', ...list] = identity.split('\n');
  const who: string[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at] ?? '';
    if (plan.namesLane(name)) who.push(`${name}:${list[at + 1]}`);
  }
  return [query, ...who.sort()].join('\n');
}
