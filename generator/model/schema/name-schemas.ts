import type { Reporter } from '../../read/reporter.js';
import type { NameRegistry } from '../names/name-registry.js';
import { RESERVED_TYPES } from '../names/reserved.js';
import { capitalise, pascalCase, words } from '../names/words.js';
import type { SchemaBundle, SchemaEntry } from './bundle.js';
import { sameSchemas } from './same-schemas.js';
import { typeName } from './target-name.js';

export interface SchemaNaming {
  readonly bundle: SchemaBundle;
  readonly reporter: Reporter;
  /** Contains the names of the operations' types, which are claimed first. */
  readonly names: NameRegistry;
  /** Put before names of globals: `SendGrid`. */
  readonly prefix: string;
  /** The short name of each document, as in its namespace. */
  readonly stems: ReadonlyMap<string, readonly string[]>;
}

/**
 * Gives every schema its final name and writes it into all references.
 *
 * Schemas of several documents with the same name and content become one type. If the contents differ, the schema that most documents use
 * keeps the name, and the others get their document's name in front. If no schema is used most, all get it.
 *
 * @returns the entries that remain, sorted by name
 */
export function nameSchemas({ bundle, reporter, names, prefix, stems }: SchemaNaming): SchemaEntry[] {
  const chosen = new Map<SchemaEntry, SchemaEntry>();
  const groups = sameSchemas(bundle.entries, bundle);
  const byName = new Map<string, SchemaEntry[][]>();
  for (const group of groups) {
    const name = (group[0] as SchemaEntry).wanted.toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), group]);
  }
  const kept: SchemaEntry[] = [];
  // Plain names are claimed first, so that a prefixed name never takes the name of another document's schema.
  const later: (() => void)[] = [];
  const settle = (group: SchemaEntry[], name: string): void => {
    const first = group[0] as SchemaEntry;
    first.name = name;
    kept.push(first);
    for (const entry of group) chosen.set(entry, first);
  };
  for (const rivals of byName.values()) {
    const oneDocument = new Set(rivals.map((group) => (group[0] as SchemaEntry).at.document)).size === 1;
    const winner = oneDocument ? rivals[0] : mostUsed(rivals);
    for (const group of rivals) {
      if (group === winner) settle(group, plainName(group[0] as SchemaEntry, prefix, names, reporter));
      else
        later.push(() => {
          const first = group[0] as SchemaEntry;
          const stem = typeName([pascalCase(stems.get(first.at.document.path) ?? words(first.at.document.stem))]);
          settle(group, names.claim(oneDocument ? first.wanted : stem + capitalise(first.wanted)));
        });
    }
    if (rivals.length > 1) later.push(() => reportRivals(rivals, reporter));
  }
  for (const step of later) step();
  bundle.settle((entry) => chosen.get(entry) ?? entry);
  return kept.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function plainName(entry: SchemaEntry, prefix: string, names: NameRegistry, reporter: Reporter): string {
  const global = RESERVED_TYPES.has(entry.wanted);
  const name = global ? names.claim(prefix + entry.wanted) : names.claim(entry.wanted, `${entry.wanted}Model`);
  if (name !== entry.wanted) {
    reporter.warning(entry.at, {
      code: 'schema-renamed',
      message: `The schema "${entry.wanted}" is called ${name}: ${global ? 'the name is a global of TypeScript or of the runtime' : 'another type of this service has the name'}.`,
      anchor: 'key',
    });
  }
  return name;
}

function mostUsed(rivals: readonly SchemaEntry[][]): SchemaEntry[] | undefined {
  const uses = rivals.map((group) => new Set(group.flatMap((entry) => [...entry.documents])).size);
  const most = Math.max(...uses);
  return uses.filter((use) => use === most).length === 1 ? rivals[uses.indexOf(most)] : undefined;
}

function reportRivals(rivals: readonly SchemaEntry[][], reporter: Reporter): void {
  const firsts = rivals.map((group) => group[0] as SchemaEntry);
  const second = firsts[1] as SchemaEntry;
  reporter.warning(second.at, {
    code: 'schema-renamed',
    message: `The name "${second.wanted}" stands for ${rivals.length} different schemas; they are called ${firsts.map((entry) => entry.name).join(', ')}.`,
    anchor: 'key',
  });
}
