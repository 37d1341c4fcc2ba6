import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { combined } from './merge.js';
import { isObject, refName, resolveSchema, type SchemaObject } from './schema.js';

/**
 * Moves names that a member of `allOf` requires to the place where openapi-typescript reads them. Documents often write "the same, but with
 * these required" as `allOf: [{ $ref }, { required: [...] }]`. The second member declares no property, so openapi-typescript ignores its
 * list.
 */
export function requiredOfAll(schema: SchemaObject, schemas: ServiceModel['schemas']): SchemaObject {
  const { allOf } = schema;
  if (!Array.isArray(allOf)) return schema;
  const properties = combined(schema, schemas)['properties'];
  const known = isObject(properties) ? properties : {};
  const required = new Set(namesOf(schema['required']));
  const kept = (allOf as JsonSchema[]).flatMap((member) => {
    if (!isObject(member) || refName(member) !== undefined) return [member];
    const { required: names, ...rest } = member;
    const foreign = namesOf(names).filter((name) => !declares(member, name) && Object.hasOwn(known, name));
    for (const name of foreign) required.add(name);
    if (saysNothing(rest)) return [];
    const left = namesOf(names).filter((name) => !foreign.includes(name));
    return [left.length > 0 ? { ...rest, required: left } : rest];
  });
  const members = kept.length > 0 ? kept : [...allOf];
  // openapi-typescript looks for a name in the members and in the schemas that they refer to, but no deeper.
  const near = [schema, ...members.map((member) => resolveSchema(member, schemas))].filter(isObject);
  const deep = [...required].filter((name) => Object.hasOwn(known, name) && !near.some((member) => declares(member, name)));
  if (deep.length > 0)
    members.push({ type: 'object', properties: Object.fromEntries(deep.map((name) => [name, known[name]])), required: deep });
  return { ...schema, allOf: members, ...(required.size === 0 ? {} : { required: [...required] }) };
}

/** Returns the names that members of `allOf` declare. If the whole schema requires one of them, the name is not a misspelling. */
export function declaredByMembers({ allOf }: SchemaObject, schemas: ServiceModel['schemas']): ReadonlySet<string> {
  const properties = Array.isArray(allOf) ? combined({ allOf }, schemas)['properties'] : undefined;
  return new Set(isObject(properties) ? Object.keys(properties) : []);
}

function namesOf(required: unknown): string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

function declares(schema: SchemaObject, name: string): boolean {
  return isObject(schema['properties']) && Object.hasOwn(schema['properties'], name);
}

/** Returns true if a member only says that the value is an object. The other members say this too. */
function saysNothing(member: SchemaObject): boolean {
  return Object.entries(member).every(([key, value]) => REMARKS.includes(key) || (key === 'type' && value === 'object'));
}

const REMARKS = ['title', 'description', 'example', 'not'];
