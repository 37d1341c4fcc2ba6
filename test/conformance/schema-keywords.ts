import type { SchemaFacts, SchemaNode, Values } from './facts.js';
import { asList, asObject, asStrings, isObject, type JsonObject } from './json.js';
import type { Located } from './openapi.js';

/** What one schema says by itself, without what it refers to or is composed of. */
export function ownFacts({ value, document }: Located): SchemaFacts {
  const schema = asObject(value);
  const node = (part: unknown): SchemaNode => ({ kind: 'leaf', at: { value: part, document } });
  const forbidden = new Set(forbiddenBy(asObject(schema.not)));
  const properties = Object.entries(asObject(schema.properties)).map(([name, part]) => [name, node(part)] as const);
  const patterns = Object.values(asObject(schema.patternProperties))[0];
  const values = isObject(schema.additionalProperties) ? schema.additionalProperties : patterns;
  return {
    types: typesOf(schema),
    properties: new Map(properties.filter(([name]) => !forbidden.has(name))),
    required: new Set(asStrings(schema.required)),
    forbidden,
    items: isObject(schema.items) ? node(schema.items) : undefined,
    values: isObject(values) && Object.keys(values).length > 0 ? node(values) : undefined,
    dangling: [],
  };
}

function forbiddenBy(not: JsonObject): readonly string[] {
  const names = asStrings(not.required);
  const branches = asList(not.anyOf).flatMap((branch) => forbiddenBy(asObject(branch)));
  return names.length === 1 ? names : branches;
}

/** The types and values that one schema allows by itself. */
export function typesOf(schema: JsonObject): Map<string, Values> {
  const types = new Map<string, Values>();
  const declared = typeof schema.type === 'string' ? [schema.type] : asStrings(schema.type);
  for (const name of declared) {
    if (name !== 'any') types.set(name === 'string' && isBinary(schema) ? 'binary' : name, 'any');
  }
  const list = 'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;
  if (list !== undefined) {
    const closed = new Map<string, Set<string>>();
    for (const value of list) {
      const type = typeOfValue(value, declared);
      const text = type === 'string' ? JSON.stringify(String(value)) : JSON.stringify(value);
      closed.set(type, (closed.get(type) ?? new Set()).add(text));
    }
    for (const type of types.keys()) if (!closed.has(type) && type !== 'null') types.delete(type);
    for (const [type, values] of closed) types.set(type, type === 'null' ? 'any' : values);
  }
  if (types.size === 0 && isObject(schema.items)) types.set('array', 'any');
  if (types.size === 0 && (isObject(schema.properties) || isObject(schema.additionalProperties))) {
    types.set('object', 'any');
  }
  if (schema.nullable === true && types.size > 0) types.set('null', 'any');
  return types;
}

function isBinary(schema: JsonObject): boolean {
  return schema.format === 'binary' || ('contentMediaType' in schema && !('contentEncoding' in schema));
}

function typeOfValue(value: unknown, declared: readonly string[]): string {
  if (value === null) return 'null';
  const own = Array.isArray(value)
    ? 'array'
    : typeof value === 'number'
      ? Number.isInteger(value) && !declared.includes('number')
        ? 'integer'
        : 'number'
      : typeof value;
  const other = declared.find((type) => type !== 'null');
  return declared.includes(own) || other === undefined ? own : other;
}
