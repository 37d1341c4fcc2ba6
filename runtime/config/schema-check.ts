import { isMapping } from './mapping.js';
import { toPointer } from './pointer.js';
import type { Schema } from './schema-kinds.js';

/** A value that does not match its schema. The fields are those of the errors of ajv. */
export interface SchemaError {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The schema that the value does not match. */
  readonly parentSchema: Schema;
  readonly data: unknown;
  /** The key, if the error is about the name of a key. */
  readonly propertyName?: string;
}

/** The keywords that say nothing about a value. */
const ANNOTATIONS: readonly string[] = [
  '$schema',
  'title',
  'description',
  'default',
  'definitions',
  'deprecated',
  'deprecationMessage',
  'errorMessage',
];

/** Returns true if a value matches. The arguments are the value of the keyword and the value to check. */
type Test = (wanted: never, data: unknown) => boolean;

const number = (test: (wanted: number, data: number) => boolean): Test => {
  return (wanted, data) => typeof data !== 'number' || test(wanted, data);
};
const text =
  (test: (wanted: never, data: string) => boolean): Test =>
  (wanted, data) =>
    typeof data !== 'string' || test(wanted, data);
const list = (test: (wanted: number, data: readonly unknown[]) => boolean): Test => {
  return (wanted, data) => !Array.isArray(data) || test(wanted, data);
};
const mapping = (test: (wanted: number, size: number) => boolean): Test => {
  return (wanted, data) => !isMapping(data) || test(wanted, Object.keys(data).length);
};

const TESTS: Readonly<Record<string, Test>> = {
  type: (wanted: string | readonly string[], data) => [wanted].flat().some((type) => hasType(type, data)),
  enum: (wanted: readonly unknown[], data) => wanted.includes(data),
  const: (wanted, data) => wanted === data,
  minimum: number((wanted, data) => data >= wanted),
  maximum: number((wanted, data) => data <= wanted),
  exclusiveMinimum: number((wanted, data) => data > wanted),
  // Characters, not UTF-16 units.
  minLength: text((wanted: number, data) => [...data].length >= wanted),
  maxLength: text((wanted: number, data) => [...data].length <= wanted),
  pattern: text((wanted: string, data) => expression(wanted).test(data)),
  minItems: list((wanted, data) => data.length >= wanted),
  maxItems: list((wanted, data) => data.length <= wanted),
  // Only lists of texts and numbers have this keyword.
  uniqueItems: list((_, data) => new Set(data).size === data.length),
  minProperties: mapping((wanted, size) => size >= wanted),
  maxProperties: mapping((wanted, size) => size <= wanted),
};

const NESTED: readonly string[] = [
  '$ref',
  'anyOf',
  'not',
  'properties',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'items',
  'required',
];

/** A checker for one schema of this project. */
export type SchemaCheck = (data: unknown) => readonly SchemaError[];

/**
 * Makes the check of a schema, which returns every error of the data. It knows the keywords that the schemas of this project use, and walks the schema:
 * a compiled check would need `new Function`, which `--disallow-code-generation-from-strings` and some platforms forbid. A test compares it with ajv.
 *
 * @throws {Error} if the schema has another keyword.
 */
export function schemaCheck(root: object): SchemaCheck {
  const checked = root as Schema;
  refuseUnknownKeywords(checked);
  return (data) => {
    const errors: SchemaError[] = [];
    walk({ root: checked, errors, propertyName: undefined }, checked, data, '');
    return errors;
  };
}

interface Walk {
  readonly root: Schema;
  readonly errors: SchemaError[];
  /** Set while the name of a key is checked. */
  readonly propertyName: string | undefined;
}

/** Adds the errors of one value. If the type is wrong, the other keywords are not checked: their errors would not help. */
function walk(at: Walk, schema: Schema, data: unknown, path: string): void {
  const fail = (keyword: string, params: SchemaError['params'] = {}): void => {
    const { propertyName } = at;
    at.errors.push({
      instancePath: path,
      keyword,
      params,
      parentSchema: schema,
      data,
      ...(propertyName === undefined ? {} : { propertyName }),
    });
  };
  if (schema['$ref'] !== undefined) walk(at, definition(at.root, schema['$ref'] as string), data, path);
  if (schema['type'] !== undefined && TESTS['type']?.(schema['type'] as never, data) === false) {
    fail('type');
    return;
  }
  for (const [keyword, wanted] of Object.entries(schema)) {
    const test = keyword === 'type' ? undefined : TESTS[keyword];
    if (test?.(wanted as never, data) === false) fail(keyword);
  }
  if (schema['not'] !== undefined && matches(at, schema['not'] as Schema, data, path)) fail('not');
  if (schema['anyOf'] !== undefined) anyOf(at, schema['anyOf'] as readonly Schema[], data, path, fail);
  if (Array.isArray(data) && schema['items'] !== undefined)
    for (const [index, item] of data.entries()) walk(at, schema['items'] as Schema, item, `${path}/${index}`);
  if (isMapping(data)) keys(at, schema, data, path, fail);
}

function keys(
  at: Walk,
  schema: Schema,
  data: Readonly<Record<string, unknown>>,
  path: string,
  fail: (keyword: string, params?: SchemaError['params']) => void,
): void {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const patterns = Object.entries((schema['patternProperties'] ?? {}) as Readonly<Record<string, Schema>>);
  const { additionalProperties: rest, propertyNames: names } = schema;
  for (const missingProperty of (schema['required'] ?? []) as readonly string[])
    if (!Object.hasOwn(data, missingProperty)) fail('required', { missingProperty });
  for (const [key, value] of Object.entries(data)) {
    const below = path + toPointer([key]);
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const fitting = patterns.filter(([pattern]) => expression(pattern).test(key));
    if (names !== undefined) walk({ ...at, propertyName: key }, names as Schema, key, path);
    if (own !== undefined) walk(at, own, value, below);
    for (const [, pattern] of fitting) walk(at, pattern, value, below);
    if (own !== undefined || fitting.length > 0 || rest === undefined) continue;
    if (rest === false) fail('additionalProperties', { additionalProperty: key });
    else walk(at, rest as Schema, value, below);
  }
}

function anyOf(at: Walk, schemas: readonly Schema[], data: unknown, path: string, fail: (keyword: string) => void): void {
  if (schemas.some((schema) => matches(at, schema, data, path))) return;
  for (const schema of schemas) walk(at, schema, data, path);
  fail('anyOf');
}

function matches(at: Walk, schema: Schema, data: unknown, path: string): boolean {
  const errors: SchemaError[] = [];
  walk({ ...at, errors }, schema, data, path);
  return errors.length === 0;
}

function definition(root: Schema, ref: string): Schema {
  const found = (root['definitions'] as Readonly<Record<string, Schema>> | undefined)?.[ref.replace('#/definitions/', '')];
  if (found === undefined) throw new Error(`the schema has no ${ref}`);
  return found;
}

function hasType(type: string, data: unknown): boolean {
  switch (type) {
    case 'object':
      return isMapping(data);
    case 'array':
      return Array.isArray(data);
    case 'null':
      return data === null;
    case 'number':
      return typeof data === 'number' && Number.isFinite(data);
    case 'integer':
      return Number.isInteger(data);
    default:
      return typeof data === type;
  }
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  let found = expressions.get(pattern);
  if (found === undefined) {
    found = new RegExp(pattern, 'u');
    expressions.set(pattern, found);
  }
  return found;
}

/** Finds a keyword that no code here checks, which would otherwise be ignored. */
function refuseUnknownKeywords(schema: Schema): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (!(keyword in TESTS) && !NESTED.includes(keyword) && !ANNOTATIONS.includes(keyword))
      throw new Error(`no check of the keyword ${keyword} of a schema`);
    if (['properties', 'patternProperties', 'definitions', 'anyOf'].includes(keyword))
      for (const inner of Object.values(value as object)) refuseUnknownKeywords(inner as Schema);
    if (['items', 'not', 'propertyNames', 'additionalProperties'].includes(keyword) && typeof value === 'object')
      refuseUnknownKeywords(value as Schema);
  }
}
