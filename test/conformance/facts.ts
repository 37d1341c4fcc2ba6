import type { Located } from './openapi.js';

/** The values a type may take: any, or a closed list (each value as JSON text). */
export type Values = ReadonlySet<string> | 'any';

/** A schema, or several that must all hold (`allOf`) or of which one holds (`oneOf`, `anyOf`). */
export type SchemaNode =
  | { readonly kind: 'leaf'; readonly at: Located }
  | { readonly kind: 'all' | 'any'; readonly of: readonly SchemaNode[] };

/** What a schema says, with references, compositions and dialects (3.0, 3.1) resolved for one level. */
export interface SchemaFacts {
  /**
   * JSON type to its values. Empty: the schema does not restrict the type. `null` is a type like any other; `binary`
   * stands for a file; `numeric` (fact sheets only) for a number that may be an integer.
   */
  readonly types: ReadonlyMap<string, Values>;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: ReadonlySet<string>;
  /** Properties that may not be there (`not: {required: [name]}`), whichever schema lists them. */
  readonly forbidden: ReadonlySet<string>;
  /** What a list holds. */
  readonly items: SchemaNode | undefined;
  /** What the values of a map are (`additionalProperties` with a schema). */
  readonly values: SchemaNode | undefined;
  /** The references that lead nowhere. */
  readonly dangling: readonly string[];
}

/** The facts of a schema that says nothing. */
export const nothing: SchemaFacts = {
  types: new Map(),
  properties: new Map(),
  required: new Set(),
  forbidden: new Set(),
  items: undefined,
  values: undefined,
  dangling: [],
};

/** Both hold: types and values in common, properties and required names of both. */
export function intersect(a: SchemaFacts, b: SchemaFacts): SchemaFacts {
  const forbidden = new Set([...a.forbidden, ...b.forbidden]);
  const properties = [...joinProperties('all', a.properties, b.properties)];
  return {
    types: commonTypes(a.types, b.types),
    properties: new Map(properties.filter(([name]) => !forbidden.has(name))),
    required: new Set([...a.required, ...b.required]),
    forbidden,
    items: join('all', a.items, b.items),
    values: join('all', a.values, b.values),
    dangling: [...a.dangling, ...b.dangling],
  };
}

/** One of them holds: types, values and properties of either, only the required names of both. */
export function unite(a: SchemaFacts, b: SchemaFacts): SchemaFacts {
  const types = new Map<string, Values>();
  if (a.types.size > 0 && b.types.size > 0) {
    for (const [type, values] of [...a.types, ...b.types]) {
      const earlier = types.get(type);
      types.set(type, earlier === 'any' || values === 'any' ? 'any' : new Set([...(earlier ?? []), ...values]));
    }
  }
  return {
    types,
    properties: joinProperties('any', a.properties, b.properties),
    required: requiredOfEither(a, b),
    forbidden: new Set([...a.forbidden].filter((name) => b.forbidden.has(name))),
    items: join('any', a.items, b.items),
    values: join('any', a.values, b.values),
    dangling: [...a.dangling, ...b.dangling],
  };
}

/** The names that both objects require; where only one is an object at all, the names it requires. */
function requiredOfEither(a: SchemaFacts, b: SchemaFacts): ReadonlySet<string> {
  if (!mayBeObject(a)) return b.required;
  if (!mayBeObject(b)) return a.required;
  return new Set([...a.required].filter((name) => b.required.has(name)));
}

function mayBeObject(facts: SchemaFacts): boolean {
  return facts.types.size === 0 || facts.types.has('object');
}

function commonTypes(a: ReadonlyMap<string, Values>, b: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> {
  if (a.size === 0 || b.size === 0) return a.size === 0 ? b : a;
  const types = new Map<string, Values>();
  for (const [type, values] of a) {
    const name = type === 'number' && !b.has('number') && b.has('integer') ? 'integer' : type;
    const other = b.get(name) ?? (name === 'integer' ? b.get('number') : undefined);
    if (other === undefined) continue;
    const common = values === 'any' ? other : other === 'any' ? values : intersection(values, other);
    types.set(name, common);
  }
  return types.size === 0 ? a : types;
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  const common = new Set([...a].filter((value) => b.has(value)));
  return common.size === 0 ? a : common;
}

function joinProperties(
  kind: 'all' | 'any',
  a: ReadonlyMap<string, SchemaNode>,
  b: ReadonlyMap<string, SchemaNode>,
): ReadonlyMap<string, SchemaNode> {
  const joined = new Map(a);
  for (const [name, node] of b) joined.set(name, join(kind, joined.get(name), node) ?? node);
  return joined;
}

function join(kind: 'all' | 'any', a: SchemaNode | undefined, b: SchemaNode | undefined): SchemaNode | undefined {
  return a === undefined || b === undefined ? (a ?? b) : { kind, of: [a, b] };
}
