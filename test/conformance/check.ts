import { join } from 'node:path';
import { compareOperations } from './compare.js';
import { listedDifferences, type Sorted, sortDifferences } from './differences.js';
import { type Operation, operationsOf, Resolver, readDocument } from './openapi.js';
import { loadVendor, root, type Service } from './upstream.js';

/** One of our specs, compared. */
export interface Checked {
  readonly operations: readonly Operation[];
  readonly differences: Sorted;
}

/** The file of our own spec of a service. */
export function specFile(service: Service): string {
  return join(root, `specs/${service}.yaml`);
}

/** Compares a spec of ours, or its operations with one tag, with the vendor documents in a folder. */
export function checkSpec(service: Service, folder: string, file = specFile(service), tag?: string): Checked {
  const resolver = new Resolver();
  const all = operationsOf(readDocument(file), resolver);
  const operations = tag === undefined ? all : all.filter((operation) => operation.tags.includes(tag));
  const differences = compareOperations(service, operations, resolver, loadVendor(service, folder));
  return { operations, differences: sortDifferences(differences, listedDifferences(service)) };
}
