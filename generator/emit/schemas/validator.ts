import { BUNDLE, FORMATS, ResultValidator } from '../../../runtime/config/result-validator.js';
import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { isObject, mapSubschemas, typesOf } from './schema.js';

/** Checks data against the schemas of one service. */
export class SchemaValidator {
  readonly #validator: ResultValidator;
  readonly #prepared = new Map<JsonSchema, JsonSchema>();

  constructor(schemas: ServiceModel['schemas']) {
    this.#validator = new ResultValidator(Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, checkable(schema)])));
  }

  /** Returns the faults of the data, each like `/path must be string`. An empty list means that the data satisfies the schema. */
  errors(schema: JsonSchema, data: unknown): readonly string[] {
    let prepared = this.#prepared.get(schema);
    if (prepared === undefined) {
      prepared = rooted(checkable(schema));
      this.#prepared.set(schema, prepared);
    }
    return this.#validator.errors(prepared, plain(data));
  }

  accepts(schema: JsonSchema, data: unknown): boolean {
    return scalarVerdict(schema, data) ?? this.errors(schema, data).length === 0;
  }
}

/** Returns the data as JSON. Bytes become a string, as schemas describe them. */
function plain(data: unknown): unknown {
  if (data instanceof Uint8Array) return 'bytes';
  if (Array.isArray(data)) return data.map(plain);
  // Makes `__proto__` an ordinary property, and gives the object the prototype that comparisons need.
  return isObject(data) ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)])) : data;
}

/** Makes references of a schema outside of the bundle point into the bundle. */
export function rooted(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema;
  const copy = mapSubschemas(schema, rooted);
  const ref = copy['$ref'];
  if (typeof ref === 'string' && ref.startsWith('#/')) copy['$ref'] = BUNDLE + ref;
  return copy;
}

/** Keywords that are not JSON Schema's, that would give a schema another identity, or whose data ajv would search for an identity. */
const DROPPED = [
  'nullable',
  'discriminator',
  'xml',
  'externalDocs',
  'example',
  'examples',
  'default',
  '$id',
  'id',
  '$schema',
  '$anchor',
  '$dynamicAnchor',
  '$comment',
];

/** Returns a schema with nothing but what a check of data needs. */
export function checkable(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema;
  const copy = mapSubschemas(schema, checkable);
  for (const key of DROPPED) delete copy[key];
  if ('pattern' in copy && patternOf(copy['pattern']) === undefined) delete copy['pattern'];
  return copy;
}

const SCALAR = new Set(['type', 'format', 'enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern']);
/** Keywords that do not constrain the data. */
export const REMARKS: ReadonlySet<string> = new Set([...DROPPED, 'title', 'description', 'deprecated', 'readOnly', 'writeOnly']);

/**
 * Decides plain schemas of strings, numbers and booleans. A document has thousands of them, and ajv takes a millisecond to compile each.
 */
function scalarVerdict(schema: JsonSchema, data: unknown): boolean | undefined {
  if (!isObject(schema) || typeof data === 'object') return undefined;
  if (!Object.keys(schema).every((key) => SCALAR.has(key) || key.startsWith('x-') || REMARKS.has(key))) return undefined;
  const types = typesOf(schema);
  if (types === undefined) return undefined;
  const type = typeof data;
  const typed = types.includes(type) || (type === 'number' && Number.isInteger(data) && types.includes('integer'));
  if (!typed || (Array.isArray(schema['enum']) && !schema['enum'].includes(data))) return false;
  const size = typeof data === 'number' ? data : typeof data === 'string' ? [...data].length : 0;
  const [low, high] = type === 'number' ? ['minimum', 'maximum'] : ['minLength', 'maxLength'];
  const { [low ?? '']: min, [high ?? '']: max, format } = schema;
  if ((typeof min === 'number' && size < min) || (typeof max === 'number' && size > max)) return false;
  if (typeof data !== 'string') return true;
  return (patternOf(schema['pattern'])?.test(data) ?? true) && formatAccepts(format, data);
}

/** Returns true if a text has a format. Unknown formats accept any text. */
export function formatAccepts(format: unknown, text: string): boolean {
  const check = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  return check === undefined || (check instanceof RegExp ? check.test(text) : check(text));
}

/** Returns a pattern as a regular expression. Undefined if it is not one. */
export function patternOf(pattern: unknown): RegExp | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}
