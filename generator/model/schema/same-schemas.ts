import type { SchemaBundle, SchemaEntry } from './bundle.js';
import { structure } from './structure.js';

/**
 * Groups entries that have one name and the same content, references included. Starts with groups of equal name and text, then splits a
 * group while its members refer to different groups.
 */
export function sameSchemas(entries: readonly SchemaEntry[], bundle: SchemaBundle): SchemaEntry[][] {
  const structures = new Map(entries.map((entry) => [entry, structure(entry.schema, bundle)]));
  let group = new Map<SchemaEntry, number>();
  let count = 0;
  const split = (key: (entry: SchemaEntry) => string): void => {
    const numbers = new Map<string, number>();
    const next = new Map<SchemaEntry, number>();
    for (const entry of entries) {
      const found = key(entry);
      const number = numbers.get(found) ?? numbers.size;
      numbers.set(found, number);
      next.set(entry, number);
    }
    group = next;
    count = numbers.size;
  };
  split((entry) => `${entry.wanted} ${structures.get(entry)?.text}`);
  for (let before = 0; before !== count; ) {
    before = count;
    const last = group;
    split((entry) => [last.get(entry), ...(structures.get(entry)?.references ?? []).map((target) => last.get(target))].join(' '));
  }
  const groups = new Map<number, SchemaEntry[]>();
  for (const [entry, number] of group) groups.set(number, [...(groups.get(number) ?? []), entry]);
  return [...groups.values()];
}
