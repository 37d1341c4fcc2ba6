import type { NamedLayer, PolicyLayer, PolicyValues } from './types.js';

/** The scopes of layers, widest first. A preset has the scope of its service. An `environments` block has the same scopes as the rest of the file. */
const SCOPES = ['defaults', 'service', 'resource', 'operation'] as const;

export type Scope = (typeof SCOPES)[number];

/** One layer of a file. */
export interface FileLayer extends NamedLayer {
  readonly scope: Scope;
}

/**
 * Merges a user's file with the settings with which a client was generated, key by key. Within each of the two, the usual order applies. Between
 * them, the value for the narrower scope applies; for the same scope, the value of the user's file applies. For example, `retry: false` of a
 * generated operation overrides the user's `defaults`, and the user's settings of that operation override it. If the applied value only turns a
 * bulkhead on, the maximum of the other is kept.
 *
 * @returns the layers of both, lowest precedence first, without the keys that the other overrides
 */
export function layOver(generated: readonly FileLayer[], file: readonly FileLayer[]): readonly NamedLayer[] {
  const [theirs, ours] = [narrowestScopes(generated), narrowestScopes(file)];
  const fileWins = (key: string): boolean => (ours.get(key) ?? -1) >= (theirs.get(key) ?? 0);
  const lost = (key: string, wins: boolean, own: readonly FileLayer[], other: readonly FileLayer[]): boolean =>
    wins && !(key === 'bulkheadMaxConcurrent' && typeof maximum(own) === 'number' && maximum(other) === true);
  return [
    ...generated.flatMap((layer) => without(layer, (key) => lost(key, fileWins(key), generated, file))),
    ...file.flatMap((layer) => without(layer, (key) => lost(key, !fileWins(key), file, generated))),
  ];
}

/** Returns the maximum of a file's bulkhead; true if the file only turns the bulkhead on. */
function maximum(layers: readonly FileLayer[]): PolicyLayer['bulkheadMaxConcurrent'] {
  let found: PolicyLayer['bulkheadMaxConcurrent'];
  for (const { values } of layers) {
    const { bulkheadMaxConcurrent: own = found } = values;
    if (own !== true || typeof found !== 'number') found = own;
  }
  return found;
}

/** Returns the narrowest scope for which each key is set, as its index in `SCOPES`. */
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
