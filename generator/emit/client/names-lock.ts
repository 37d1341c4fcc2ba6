import type { ServiceModel } from '../../model/types.js';
import { operationsOf } from '../names.js';

/** `names.lock.json`: what each operation is called, so that a new document never renames what a user calls. */
export function emitNamesLock(model: ServiceModel): string {
  const names = operationsOf(model).map((operation): [string, string] => [`${operation.method} ${operation.path}`, operation.id]);
  names.sort(([a, idA], [b, idB]) => (a < b ? -1 : a > b ? 1 : idA < idB ? -1 : 1));
  // Where two documents have an operation of the same method and path, the lock can name one.
  const unique = new Map(names.toReversed());
  const lines = names.filter(([key, id]) => unique.get(key) === id).map(([key, id]) => `  ${JSON.stringify(key)}: ${JSON.stringify(id)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
