import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { isObject, resolveSchema, type SchemaObject } from './schema.js';

/** Merges a schema with the members of its `allOf` into one schema, as far as one schema can express all of them. */
export function combined(schema: SchemaObject, schemas: ServiceModel['schemas'], depth = 0): SchemaObject {
  const { allOf, ...base } = schema;
  let result: Record<string, unknown> = { ...base };
  if (!Array.isArray(allOf) || depth > 20) return result;
  for (const member of allOf as JsonSchema[]) {
    const resolved = resolveSchema(member, schemas);
    if (isObject(resolved)) result = merge(result, combined(resolved, schemas, depth + 1));
  }
  return result;
}

function merge(a: SchemaObject, b: SchemaObject): Record<string, unknown> {
  const result: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = result[key];
    result[key] = other === undefined || key === 'description' || key === 'title' ? value : mergeKeyword(key, other, value);
  }
  return result;
}

function mergeKeyword(key: string, a: unknown, b: unknown): unknown {
  if (key === 'properties' && isObject(a) && isObject(b)) return mergeProperties(a, b);
  if (key === 'required' && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])];
  if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) return a.filter((value) => b.includes(value));
  if (key === 'type') return mergeTypes(a, b);
  if (typeof a === 'number' && typeof b === 'number')
    return key.startsWith('min') || key === 'exclusiveMinimum' ? Math.max(a, b) : Math.min(a, b);
  return b;
}

function mergeProperties(a: SchemaObject, b: SchemaObject): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, schema] of [...Object.entries(a), ...Object.entries(b)]) {
    const other = result[name];
    result[name] = other === undefined || !isObject(other) || !isObject(schema) ? schema : { allOf: [other, schema] };
  }
  return result;
}

function mergeTypes(a: unknown, b: unknown): unknown {
  const first = Array.isArray(a) ? a : [a];
  const second = Array.isArray(b) ? b : [b];
  const both = first.filter((type) => second.includes(type));
  if (both.length === 0) return b;
  return both.length === 1 ? both[0] : both;
}
