import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { isObject, mapSubschemas, typesOf } from './schema.js';

const BUNDLE = 'fuseline:bundle';

/** Checks data against the schemas of one service. */
export class SchemaValidator {
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<JsonSchema, ValidateFunction | undefined>();

  constructor(schemas: ServiceModel['schemas']) {
    this.#ajv = new Ajv2020({
      strict: false,
      logger: false,
      inlineRefs: false,
      validateSchema: false,
      formats: FORMATS,
      allowUnionTypes: true,
      code: { optimize: false },
    });
    const components = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, checkable(schema)]));
    this.#ajv.addSchema({ $id: BUNDLE, components: { schemas: components } });
  }

  /** Returns the faults of the data, each like `/path must be string`. An empty list means that the data satisfies the schema. */
  errors(schema: JsonSchema, data: unknown): string[] {
    const validate = this.#compile(schema);
    // A schema that ajv cannot read accepts any data.
    if (validate === undefined || validate(plain(data))) return [];
    return (validate.errors ?? []).map(describe);
  }

  accepts(schema: JsonSchema, data: unknown): boolean {
    const quick = scalarVerdict(schema, data);
    if (quick !== undefined) return quick;
    const validate = this.#compile(schema);
    return validate === undefined || validate(plain(data));
  }

  #compile(schema: JsonSchema): ValidateFunction | undefined {
    if (this.#compiled.has(schema)) return this.#compiled.get(schema);
    let validate: ValidateFunction | undefined;
    try {
      validate = this.#ajv.compile(rooted(checkable(schema)));
    } catch {
      validate = undefined;
    }
    this.#compiled.set(schema, validate);
    return validate;
  }
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = 'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  const extra = 'additionalProperty' in params ? `: ${JSON.stringify(params['additionalProperty'])}` : '';
  return `${instancePath === '' ? 'the value' : instancePath} ${message ?? 'is invalid'}${detail}${extra}`;
}

/** Returns the data as JSON. Bytes become a string, as schemas describe them. */
function plain(data: unknown): unknown {
  if (data instanceof Uint8Array) return 'bytes';
  if (Array.isArray(data)) return data.map(plain);
  // Makes `__proto__` an ordinary property, and gives the object the prototype that comparisons need.
  return isObject(data) ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, plain(value)])) : data;
}

/** Makes references of a schema outside of the bundle point into the bundle. */
function rooted(schema: JsonSchema): JsonSchema {
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

function checkable(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema;
  const copy = mapSubschemas(schema, checkable);
  for (const key of DROPPED) delete copy[key];
  if ('pattern' in copy && patternOf(copy['pattern']) === undefined) delete copy['pattern'];
  return copy;
}

const SCALAR = new Set(['type', 'format', 'enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern']);
const REMARKS = new Set([...DROPPED, 'title', 'description', 'deprecated', 'readOnly', 'writeOnly']);

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

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** The formats that are checked. Any other format is only a description. */
const FORMATS: Readonly<Record<string, RegExp | ((text: string) => boolean)>> = {
  date: DATE,
  time: TIME,
  'date-time': (text) => {
    const [date, time, ...more] = text.split(/[Tt ]/);
    return more.length === 0 && DATE.test(date ?? '') && TIME.test(time ?? '');
  },
  email: /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/,
  uuid: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  uri: /^[a-z][a-z0-9+.-]*:[^\s]+$/i,
  url: /^https?:\/\/[^\s]+$/i,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  ipv6: /^[0-9a-f:.]{2,}$/i,
  hostname: /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i,
};
