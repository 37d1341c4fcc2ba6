import type { NamedLayer, PolicyLayer, PolicyValues } from './types.js';

/** What a layer covers, the widest first. A preset covers its service; an `environments` block has the same scopes as the rest of the file. */
const SCOPES = ['defaults', 'service', 'resource', 'operation'] as const;

export type Scope = (typeof SCOPES)[number];

/** One layer of a file. */
export interface FileLayer extends NamedLayer {
  readonly scope: Scope;
}

/**
 * Lays a user's file over the settings that a client was generated with, key by key. Within each of the two, the usual order decides.
 * Between them, the one that sets the key for the narrower scope wins, and the user's file wins if both set it for the same scope. So
 * `retry: false` of a generated operation outlives the user's `defaults`, and gives way to what the user says of that operation.
 *
 * @returns the layers of both, weakest first, without the keys that the other wins
 */
export function layOver(generated: readonly FileLayer[], file: readonly FileLayer[]): readonly NamedLayer[] {
  const [theirs, ours] = [narrowestScopes(generated), narrowestScopes(file)];
  const fileWins = (key: string): boolean => (ours.get(key) ?? -1) >= (theirs.get(key) ?? 0);
  return [...generated.flatMap((layer) => without(layer, fileWins)), ...file.flatMap((layer) => without(layer, (key) => !fileWins(key)))];
}

/** The narrowest scope for which each key is set, as its place in `SCOPES`. */
function narrowestScopes(layers: readonly FileLayer[]): ReadonlyMap<string, number> {
  const narrowest = new Map<string, number>();
  for (const { scope, values } of layers) {
    for (const key of keysOf(values)) narrowest.set(key, Math.max(narrowest.get(key) ?? 0, SCOPES.indexOf(scope)));
  }
  return narrowest;
}

function without({ origin, values }: FileLayer, lost: (key: string) => boolean): readonly NamedLayer[] {
  const keys = keysOf(values);
  const kept = keys.filter((key) => !lost(key));
  if (kept.length === keys.length) return [{ origin, values }];
  return kept.length === 0 ? [] : [{ origin, values: Object.fromEntries(kept.map((key) => [key, values[key]])), written: values }];
}

function keysOf(values: PolicyLayer): readonly (keyof PolicyValues)[] {
  return (Object.keys(values) as (keyof PolicyValues)[]).filter((key) => values[key] !== undefined);
}
