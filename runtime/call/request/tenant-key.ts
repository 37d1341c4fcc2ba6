import { SAYS_NOTHING_OF_SENDERS } from '../../observe/sender-headers.js';

/** Whether a header that this client writes itself may tell senders apart. `fixed`: names that the operation sets. All names are in lower case. */
export function mayTellSenders(name: string, fixed: ReadonlySet<string>): boolean {
  return !SAYS_NOTHING_OF_SENDERS.has(name) && !fixed.has(name);
}

/** What the key of a lane needs of an operation. */
export interface LanePlan {
  /** Whether a header belongs to the key. `name` is in lower case. */
  namesLane(name: string): boolean;
}

/**
 * Who asks: credentials and the headers that name a tenant, in one string. Two senders never share a key. Headers that the operation itself
 * fixes, and those that every call has anew, are left out: they would give each operation or call a limit of its own. `identity` is a sender's:
 * the query's credential, then names and values of all headers in turn. `plan` says which headers name a tenant.
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
