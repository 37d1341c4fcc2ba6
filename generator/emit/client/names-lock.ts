import type { ServiceModel } from '../../model/types.js';
import { operationsOf } from '../names.js';

/** Writes `names.lock.json`: the name of each operation. The lock keeps these names if the document changes. */
export function emitNamesLock(model: ServiceModel): string {
  const names = operationsOf(model).map((operation): [string, string] => [`${operation.method} ${operation.path}`, operation.id]);
  names.sort(([a, idA], [b, idB]) => (a < b ? -1 : a > b ? 1 : idA < idB ? -1 : 1));
  // If two documents have an operation of the same method and path, the lock names only one of them.
  const unique = new Map(names.toReversed());
  const lines = names.filter(([key, id]) => unique.get(key) === id).map(([key, id]) => `  ${JSON.stringify(key)}: ${JSON.stringify(id)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
