import { type SchemaFacts, unite } from './facts.js';
import type { SchemaReader } from './schema-facts.js';

/** The alternatives of one side, and what reads their properties. */
export interface Side {
  readonly reader: SchemaReader;
  readonly variants: readonly SchemaFacts[];
}

/** The alternatives of both sides, keyed by the values of the property that tells them apart. */
export interface Variants {
  readonly ours: ReadonlyMap<string, SchemaFacts>;
  readonly vendor: ReadonlyMap<string, SchemaFacts>;
}

/**
 * Finds a property with a closed list of values in every alternative of both sides that tells the vendor's alternatives
 * apart, and sorts the alternatives by it. Undefined where there is none: then only all alternatives together can be
 * compared.
 */
export function variantsByConstant(ours: Side, vendor: Side): Variants | undefined {
  for (const name of vendor.variants.find(isObjectType)?.properties.keys() ?? []) {
    const theirs = sortBy(name, vendor);
    const groups = new Set([...(theirs?.values() ?? [])].map((members) => members.join(' ')));
    const mine = groups.size < 2 ? undefined : sortBy(name, ours);
    if (theirs !== undefined && mine !== undefined) return { ours: united(mine, ours), vendor: united(theirs, vendor) };
  }
  return undefined;
}

/** Value to the indexes of the alternatives that allow it; undefined where one allows any value. */
function sortBy(name: string, { reader, variants }: Side): ReadonlyMap<string, readonly number[]> | undefined {
  const sorted = new Map<string, number[]>();
  for (const [index, facts] of variants.entries()) {
    if (!isObjectType(facts)) continue;
    const node = facts.properties.get(name);
    const types = node === undefined ? [] : [...reader.facts(node).types.values()];
    const [values] = types;
    if (types.length !== 1 || values === undefined || values === 'any') return undefined;
    for (const value of values) sorted.set(value, [...(sorted.get(value) ?? []), index]);
  }
  return sorted.size === 0 ? undefined : sorted;
}

function united(sorted: ReadonlyMap<string, readonly number[]>, { variants }: Side): Map<string, SchemaFacts> {
  const facts = new Map<string, SchemaFacts>();
  for (const [text, members] of sorted) {
    const [first, ...others] = variants.filter((_, index) => members.includes(index));
    if (first !== undefined) facts.set(String(JSON.parse(text)), others.reduce(unite, first));
  }
  return facts;
}

function isObjectType(facts: SchemaFacts): boolean {
  return facts.types.has('object');
}
