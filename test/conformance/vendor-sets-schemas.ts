import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asList, asObject, isObject, type JsonObject } from './json.js';
import type { Located, OpenApiDocument, Resolver } from './openapi.js';

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const SHAPED = ['properties', 'additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', 'const', 'not', 'enum'];

/** Schemas of the vendors' documents as they are but for their faults, which are read as the generator repairs them. */
export class VendorSchemas {
  readonly #ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false, inlineRefs: false, unicodeRegExp: false, formats });
  readonly #compiled = new Map<unknown, ValidateFunction>();
  readonly #ids = new Map<unknown, string>();
  readonly #resolver: Resolver;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** What is wrong with data; nothing where it satisfies the schema. */
  errors(schema: Located, data: unknown): string[] {
    const { value, document } = this.#resolver.follow(schema) ?? schema;
    const validate = this.#compiled.get(value) ?? this.#ajv.compile(this.#standard(value, document) as object);
    this.#compiled.set(value, validate);
    if (validate(data)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }

  /** A schema of OpenAPI 3.0 or 3.1 as one of JSON Schema 2020-12. Those that it refers to are added on the way. */
  #standard(schema: unknown, document: OpenApiDocument): unknown {
    if (!isObject(schema)) return schema;
    const old = String(document.root['openapi']).startsWith('3.0');
    const { nullable, example, examples, default: _, ...rest } = schema;
    const ref = typeof rest['$ref'] === 'string' ? { $ref: this.#reference(rest['$ref'], document) } : undefined;
    const made = ref !== undefined && old ? ref : { ...this.#keywords(rest, example, document), ...ref };
    return nullable === true ? { anyOf: [made, { type: 'null' }] } : made;
  }

  #keywords(schema: JsonObject, example: unknown, document: OpenApiDocument): JsonObject {
    const made: Record<string, unknown> = { ...schema };
    const { type, enum: values, minimum, maximum } = schema;
    const [inner] = asList(values);
    if (asList(values).length === 1 && Array.isArray(inner) && type !== 'array') made['enum'] = inner;
    if (made['enum'] !== undefined) made['enum'] = [...new Set(asList(made['enum']))];
    const scalar = example !== undefined && example !== null && !isObject(example) && !String(example).trimStart().startsWith('{');
    const notObject = type === 'object' && scalar && !SHAPED.some((key) => Object.keys(asObject(schema[key])).length > 0);
    const notNumber = type === 'number' && typeof asList(made['enum'])[0] === 'string';
    if (notObject || notNumber || (typeof type === 'string' && !TYPES.includes(type))) delete made['type'];
    if (schema['exclusiveMinimum'] === true) made['exclusiveMinimum'] = minimum;
    if (schema['exclusiveMaximum'] === true) made['exclusiveMaximum'] = maximum;
    for (const key of ['exclusiveMinimum', 'exclusiveMaximum']) if (typeof made[key] !== 'number') delete made[key];
    if (!Array.isArray(made['required'])) delete made['required'];
    for (const key of ['properties', 'patternProperties']) {
      const members = Object.entries(asObject(schema[key])).map(([name, member]) => [name, this.#standard(member, document)]);
      if (key in schema) made[key] = Object.fromEntries(members);
    }
    for (const key of ['items', 'additionalProperties', 'not']) if (key in schema) made[key] = this.#standard(schema[key], document);
    for (const key of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
      if (Array.isArray(schema[key])) made[key] = schema[key].map((member: unknown) => this.#standard(member, document));
    }
    delete made['discriminator'];
    return made;
  }

  /** A name for the schema that a reference leads to; one that accepts anything where it leads nowhere. */
  #reference(ref: string, document: OpenApiDocument): string {
    const target = this.#resolver.target(ref, document) ?? this.#resolver.target(ref.replace('../', ''), document);
    const known = this.#ids.get(target?.value);
    if (known !== undefined) return known;
    const id = `schema:${this.#ids.size}`;
    this.#ids.set(target?.value, id);
    this.#ajv.addSchema(target === undefined ? {} : (this.#standard(target.value, target.document) as object), id);
    return id;
  }
}

const formats = {
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': (text: string) => !Number.isNaN(Date.parse(text)) && text.includes(':'),
  email: /^\S+@\S+$/,
  uuid: /^[0-9a-f-]{36}$/i,
  uri: (text: string) => URL.canParse(text),
};
