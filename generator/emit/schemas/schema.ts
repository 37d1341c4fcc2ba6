import type { JsonSchema, ServiceModel } from '../../model/types.js';

/** Keywords whose value is one schema. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;
/** Keywords whose value is a list of schemas. */
const MANY = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;
/** Keywords whose value is a mapping of names to schemas. */
const NAMED = ['properties', 'patternProperties', '$defs', 'dependentSchemas'] as const;

export type SchemaObject = { readonly [key: string]: unknown };

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value);
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Copies a schema and replaces every schema in it by the result of `change`. Data (`enum`, `example`, ...) is shared, not copied. */
export function mapSubschemas(schema: SchemaObject, change: (child: JsonSchema) => JsonSchema): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...schema };
  for (const key of ONE) if (isSchema(copy[key])) copy[key] = change(copy[key]);
  for (const key of MANY) if (Array.isArray(copy[key])) copy[key] = copy[key].map((child) => (isSchema(child) ? change(child) : child));
  for (const key of NAMED) {
    const named = copy[key];
    if (!isObject(named)) continue;
    // No prototype, because a property may be called `__proto__`.
    const changed: Record<string, unknown> = Object.create(null);
    for (const [name, child] of Object.entries(named)) changed[name] = isSchema(child) ? change(child) : child;
    copy[key] = changed;
  }
  return copy;
}

/** Returns the name of the schema that a `$ref` of the bundle points to. */
export function refName(schema: JsonSchema): string | undefined {
  const ref = isObject(schema) ? schema['$ref'] : undefined;
  if (typeof ref !== 'string' || !ref.startsWith(REF)) return undefined;
  return decodeURIComponent(ref.slice(REF.length)).replaceAll('~1', '/').replaceAll('~0', '~');
}

const REF = '#/components/schemas/';

/** Follows references to the schema at their end. */
export function resolveSchema(schema: JsonSchema, schemas: ServiceModel['schemas']): JsonSchema {
  let found = schema;
  for (let hops = 0; hops < 100; hops++) {
    const name = refName(found);
    if (name === undefined || !Object.hasOwn(schemas, name)) return found;
    found = schemas[name] ?? true;
  }
  return true;
}

/** Returns the names of all schemas that can be reached from the given ones. */
export function reachable(from: Iterable<JsonSchema>, schemas: ServiceModel['schemas']): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (schema: JsonSchema): JsonSchema => {
    const name = refName(schema);
    if (name !== undefined && !names.has(name) && Object.hasOwn(schemas, name)) {
      names.add(name);
      visit(schemas[name] ?? true);
    }
    if (isObject(schema)) mapSubschemas(schema, visit);
    return schema;
  };
  for (const schema of from) visit(schema);
  return names;
}

/** Returns the types that a schema allows. Undefined if the schema declares no type. */
export function typesOf(schema: SchemaObject): readonly string[] | undefined {
  const type = schema['type'];
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((entry): entry is string => typeof entry === 'string') : undefined;
}
