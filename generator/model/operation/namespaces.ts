import { Cursor } from '../../read/cursor.js';
import { own, text } from '../../read/json.js';
import type { SourceDocument } from '../../read/source-document.js';
import { mergePlurals, namespaceName, pathWords, plainNamespace, stemNames } from '../names/namespace-name.js';
import { words } from '../names/words.js';
import type { RawOperation } from './raw-operation.js';

export interface DerivedNamespaces {
  readonly of: (operation: RawOperation) => string;
  /** Descriptions by namespace, from tags or from the documents' own descriptions. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** Short words for each document, by path. */
  readonly stems: ReadonlyMap<string, readonly string[]>;
  /** Namespaces that are not called as the document calls them, because that name is reserved: `readyApi` -> `ready`. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * Derives namespaces. Each of several documents is a namespace, named after its file without the words that all file names share. In a
 * single document, an operation's first tag is its namespace. An operation without a tag gets the path's first step (`/v2/get-agent/{id}`
 * -> `agents`).
 */
export function deriveNamespaces(
  operations: readonly RawOperation[],
  documents: readonly SourceDocument[],
  service: string,
): DerivedNamespaces {
  const withPaths = documents.filter((document) => operations.some((operation) => operation.document === document));
  const stemWords = stemNames(withPaths.map((document) => document.stem));
  const stems = new Map(withPaths.map((document, index) => [document.path, stemWords[index] ?? []]));
  const descriptions = new Map<string, string>();
  const describe = (namespace: string, description: unknown): void => {
    const found = text(description);
    if (found !== undefined && !descriptions.has(namespace)) descriptions.set(namespace, found);
  };
  const renamed = new Map<string, string>();
  const named = (parts: readonly string[]): string | undefined => {
    const name = namespaceName(parts);
    if (name !== undefined && name !== plainNamespace(parts)) renamed.set(name, plainNamespace(parts));
    return name;
  };
  const fallback = named(words(service)) ?? 'api';
  if (withPaths.length > 1) {
    const of = (operation: RawOperation): string => named(stems.get(operation.document.path) ?? []) ?? fallback;
    for (const operation of operations) describe(of(operation), own(own(operation.document.root, 'info'), 'description'));
    return { of: sameCase(operations, of), descriptions, stems, renamed };
  }
  const untagged = operations.filter((operation) => tagName(operation) === undefined);
  const plurals = mergePlurals(distinct(untagged.map((operation) => pathWords(operation.path))));
  const of = (operation: RawOperation): string => {
    const path = pathWords(operation.path);
    return (
      (operation.tag === undefined ? undefined : named(words(operation.tag))) ?? named(plurals.get(path.join(' ')) ?? path) ?? fallback
    );
  };
  for (const document of withPaths) {
    for (const tag of Cursor.root(document).child('tags').items()) {
      const name = text(own(tag.value, 'name'));
      const namespace = name === undefined ? undefined : namespaceName(words(name));
      if (namespace !== undefined) describe(namespace, own(tag.value, 'description'));
    }
  }
  return { of: sameCase(operations, of), descriptions, stems, renamed };
}

function tagName(operation: RawOperation): string | undefined {
  return operation.tag === undefined ? undefined : namespaceName(words(operation.tag));
}

function distinct(names: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(names.map((name) => [name.join(' '), name])).values()];
}

/** Namespaces become files. Two names that differ only in case would be one file on some systems, so they become one namespace. */
function sameCase(operations: readonly RawOperation[], of: (operation: RawOperation) => string): (operation: RawOperation) => string {
  const first = new Map<string, string>();
  for (const operation of operations) {
    const name = of(operation);
    if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), name);
  }
  return (operation) => first.get(of(operation).toLowerCase()) ?? of(operation);
}
