import type { SecurityDescriptor } from '../../runtime/call/client/descriptor.js';
import { Cursor } from '../read/cursor.js';
import type { Refs } from '../read/refs.js';
import type { Reporter } from '../read/reporter.js';
import type { SourceDocument } from '../read/source-document.js';
import type { RawOperation } from './operation/raw-operation.js';
import { readSecurity } from './operation/security.js';
import { readServers, type Server } from './operation/servers.js';

/** Returns the first server that most documents name, and all others. */
export function commonServers(documents: readonly SourceDocument[], reporter: Reporter): { baseUrl: string | undefined; others: Server[] } {
  const lists = documents.map((document) => readServers(Cursor.root(document).child('servers'), reporter));
  const baseUrl = mostCommon(lists.flatMap((list) => (list[0] === undefined ? [] : [list[0].url])));
  const others = new Map<string, Server>();
  for (const server of lists.flat()) if (server.url !== baseUrl && !others.has(server.url)) others.set(server.url, server);
  return { baseUrl, others: [...others.values()] };
}

export interface CommonSecurity {
  readonly service: readonly SecurityDescriptor[];
  /** Returns an operation's own credentials. Undefined if they are the service's. */
  readonly of: (operation: RawOperation) => readonly SecurityDescriptor[] | undefined;
}

/**
 * Returns the credentials that most operations need as those of the service. An operation without a declaration of its own or of its
 * document also gets the service's: vendors often omit the declaration although calls fail without a token. Such an operation can also be
 * called without one.
 */
export function commonSecurity(operations: readonly RawOperation[], refs: Refs): CommonSecurity {
  const roots = new Map<SourceDocument, SecurityDescriptor[] | undefined>();
  const effective = new Map<RawOperation, SecurityDescriptor[] | undefined>();
  for (const operation of operations) {
    const root = Cursor.root(operation.document);
    if (!roots.has(operation.document)) roots.set(operation.document, readSecurity(root.child('security'), root, refs));
    const itself = readSecurity(operation.at.child('security'), Cursor.root(operation.at.document), refs);
    effective.set(operation, itself ?? roots.get(operation.document));
  }
  const texts = [...effective.values()].flatMap((found) => (found === undefined ? [] : [JSON.stringify(found)]));
  const declared = [...roots.values()].flatMap((found) => (found === undefined ? [] : [JSON.stringify(found)]));
  // A declaration for the whole document takes precedence over the most frequent one of single operations.
  const common = mostCommon(declared) ?? mostCommon(texts.filter((text) => text !== '[]')) ?? '[]';
  const service = JSON.parse(common) as SecurityDescriptor[];
  return {
    service,
    of: (operation) => {
      const found = effective.get(operation);
      if (found === undefined)
        return service.length === 0 || service.some(({ type }) => type === 'none') ? undefined : [...service, { type: 'none' }];
      return JSON.stringify(found) === common ? undefined : found;
    },
  };
}

function mostCommon(items: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  let best: string | undefined;
  for (const [item, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = item;
  return best;
}
