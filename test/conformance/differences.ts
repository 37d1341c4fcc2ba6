import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Difference } from './compare.js';
import { asList, asObject } from './json.js';
import { root, type Service } from './upstream.js';

/** A difference that is meant, or a group of them where `operation` or `at` holds a `*`. */
export interface Listed {
  readonly service: string;
  readonly operation: string;
  readonly at: string;
  readonly reason: string;
}

/** Differences sorted by whether they are meant. */
export interface Sorted {
  /** Nobody said that these are meant. */
  readonly unlisted: readonly Difference[];
  readonly listed: readonly Difference[];
  readonly info: readonly Difference[];
  /** Entries that match nothing (any more). */
  readonly stale: readonly Listed[];
}

/** Reads the deliberate differences of one service from `differences.yaml`. */
export function listedDifferences(service: Service): Listed[] {
  const file = join(root, 'test/conformance/differences.yaml');
  const entries: unknown = parseYaml(readFileSync(file, 'utf8'));
  return asList(entries)
    .map(asListed)
    .filter((entry) => entry.service === service);
}

function asListed(raw: unknown): Listed {
  const { service, operation, at, reason } = asObject(raw);
  if (typeof service !== 'string' || typeof operation !== 'string' || typeof at !== 'string' || typeof reason !== 'string') {
    throw new Error(`differences.yaml: an entry needs service, operation, at and reason as text: ${JSON.stringify(raw)}`);
  }
  return { service, operation, at, reason };
}

/** Sorts differences by the entries that match them. */
export function sortDifferences(differences: readonly Difference[], entries: readonly Listed[]): Sorted {
  const real = differences.filter((difference) => !difference.info);
  const used = new Set<Listed>();
  const listed = real.filter((difference) => {
    const matching = entries.filter((entry) => matches(entry, difference));
    for (const entry of matching) used.add(entry);
    return matching.length > 0;
  });
  return {
    unlisted: real.filter((difference) => !listed.includes(difference)),
    listed,
    info: differences.filter((difference) => difference.info),
    stale: entries.filter((entry) => !used.has(entry)),
  };
}

function matches(entry: Listed, difference: Difference): boolean {
  return entry.service === difference.service && wildcard(entry.operation, difference.operation) && wildcard(entry.at, difference.at);
}

/** Whether text fits a pattern in which `*` stands for any characters. */
export function wildcard(pattern: string, text: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(text);
}
