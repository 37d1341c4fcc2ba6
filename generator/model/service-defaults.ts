import type { SecurityDescriptor } from '../../runtime/client/descriptor.js';
import { Cursor } from '../read/cursor.js';
import type { Refs } from '../read/refs.js';
import type { Reporter } from '../read/reporter.js';
import type { SourceDocument } from '../read/source-document.js';
import type { RawOperation } from './operation/raw-operation.js';
import { readSecurity } from './operation/security.js';
import { readServers, type Server } from './operation/servers.js';

/** The first server that most documents name, and all others. */
export function commonServers(documents: readonly SourceDocument[], reporter: Reporter): { baseUrl: string | undefined; others: Server[] } {
  const lists = documents.map((document) => readServers(Cursor.root(document).child('servers'), reporter));
  const baseUrl = mostCommon(lists.flatMap((list) => (list[0] === undefined ? [] : [list[0].url])));
  const others = new Map<string, Server>();
  for (const server of lists.flat()) if (server.url !== baseUrl && !others.has(server.url)) others.set(server.url, server);
  return { baseUrl, others: [...others.values()] };
}

export interface CommonSecurity {
  readonly service: readonly SecurityDescriptor[];
  /** An operation's own credentials; undefined where they are the service's. */
  readonly of: (operation: RawOperation) => readonly SecurityDescriptor[] | undefined;
}

/**
 * The credentials that most operations need are the service's. An operation about which neither it nor its document says anything
 * takes the service's, too: vendors leave the word out where calls fail without a token. Such an operation can be called without one as well.
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
  // What a document says of all its operations counts before what most of them happen to say.
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
