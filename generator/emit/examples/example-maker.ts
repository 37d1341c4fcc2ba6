import { EXAMPLE_BYTES, isBytes } from '../../model/kinds.js';
import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { combined } from '../schemas/merge.js';
import { isObject, refName, type SchemaObject, typesOf } from '../schemas/schema.js';
import type { SchemaValidator } from '../schemas/validator.js';
import { exampleText, type Random, seeded } from './example-text.js';

/** An example and its faults. */
export interface Example {
  readonly value: unknown;
  /** Empty if the value satisfies the schema. */
  readonly errors: readonly string[];
}

export interface ExampleOptions {
  /** True to leave out everything that is not required. Default false. */
  readonly minimal?: boolean;
}

/** Optional properties per example. Further optional properties are left out. */
const BUDGET = 60;
/** Levels of nested objects. Deeper objects get required properties only. */
const DEPTH = 4;
/** Attempts before the best example so far is used. */
const ATTEMPTS = 12;

/** Makes example data for the schemas of one service. The same schema gives the same data on every machine and in every run. */
export class ExampleMaker {
  constructor(
    private readonly schemas: ServiceModel['schemas'],
    private readonly validator: SchemaValidator,
  ) {}

  /** @param seed - names the purpose of the example; different seeds give different ids and words */
  make(schema: JsonSchema, seed: string, options: ExampleOptions = {}): Example {
    let best: Example | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const minimal = options.minimal === true || attempt % 2 === 1;
      const draft = new Draft(this.schemas, this.validator, seeded(`${seed} ${attempt >> 1}`), attempt >> 1, minimal);
      const made = draft.value(schema, nameOf(seed), 0);
      const value = made === NOTHING ? null : made;
      const errors = this.validator.errors(schema, value);
      if (errors.length === 0) return { value, errors };
      if (best === undefined || errors.length < best.errors.length) best = { value, errors };
    }
    return best ?? { value: null, errors: ['no example could be made'] };
  }
}

function nameOf(seed: string): string {
  return /\w+$/.exec(seed)?.[0] ?? seed;
}

/** No value: a recursion that must end here. */
const NOTHING = Symbol('nothing');

/** One attempt at an example. */
class Draft {
  readonly #open: string[] = [];
  #left = BUDGET;

  constructor(
    private readonly schemas: ServiceModel['schemas'],
    private readonly validator: SchemaValidator,
    private readonly random: Random,
    private readonly attempt: number,
    private readonly minimal: boolean,
  ) {}

  value(schema: JsonSchema, name: string, depth: number): unknown {
    if (!isObject(schema)) return schema ? 'example' : NOTHING;
    const ref = refName(schema);
    if (ref === undefined) return this.#object(schema, name, depth);
    if (this.#open.includes(ref)) return NOTHING;
    this.#open.push(ref);
    const value = this.value(this.schemas[ref] ?? true, name, depth);
    this.#open.pop();
    return value;
  }

  #object(schema: SchemaObject, name: string, depth: number): unknown {
    if (schema['const'] !== undefined) return schema['const'];
    const options = schema['enum'];
    if (Array.isArray(options) && options.length > 0) return options.find((option) => option !== null) ?? null;
    const given = this.#given(schema);
    if (given !== NOTHING) return given;
    for (const key of ['oneOf', 'anyOf'] as const) {
      const members = schema[key];
      if (Array.isArray(members) && members.length > 0) return this.#alternative(schema, key, members, name, depth);
    }
    if (Array.isArray(schema['allOf'])) return this.value(combined(schema, this.schemas), name, depth);
    return this.#typed(schema, name, depth);
  }

  /** Returns the document's own example if it is a valid scalar. */
  #given(schema: SchemaObject): unknown {
    const { example, examples, default: fallback } = schema;
    const candidates = [example, ...(Array.isArray(examples) ? examples : []), fallback];
    for (const candidate of candidates) {
      if (candidate === undefined || candidate === null || typeof candidate === 'object') continue;
      if (isBytes(schema)) continue;
      if (this.validator.accepts(schema, candidate)) return candidate;
    }
    return NOTHING;
  }

  #alternative(schema: SchemaObject, key: 'oneOf' | 'anyOf', members: readonly unknown[], name: string, depth: number): unknown {
    const { [key]: _, ...base } = schema;
    for (let turn = 0; turn < members.length; turn += 1) {
      const member = members[(this.attempt + turn) % members.length];
      if (typeof member !== 'boolean' && !isObject(member)) continue;
      if (isObject(member) && member['type'] === 'null' && turn + 1 < members.length) continue;
      const alone = Object.keys(base).every((keyword) => REMARKS.has(keyword));
      const value = this.value(alone ? member : combined({ allOf: [base, member] }, this.schemas), name, depth);
      if (value !== NOTHING) return value;
    }
    return NOTHING;
  }

  #typed(schema: SchemaObject, name: string, depth: number): unknown {
    const types = typesOf(schema) ?? [impliedType(schema)];
    const type = types.find((candidate) => candidate !== 'null') ?? 'null';
    const nullable = types.includes('null');
    const value = this.#ofType(type, schema, name, depth);
    return value === NOTHING && nullable ? null : value;
  }

  #ofType(type: string, schema: SchemaObject, name: string, depth: number): unknown {
    switch (type) {
      case 'string':
        return isBytes(schema) ? EXAMPLE_BYTES : exampleText(schema, name, this.random);
      case 'integer':
      case 'number':
        return exampleNumber(schema, type === 'integer', this.random);
      case 'boolean':
        return true;
      case 'null':
        return null;
      case 'array':
        return this.#list(schema, name, depth);
      case 'object':
        return this.#properties(schema, depth);
      default:
        return 'example';
    }
  }

  #list(schema: SchemaObject, name: string, depth: number): unknown {
    const { items, prefixItems, minItems, maxItems } = schema;
    const fixed = Array.isArray(prefixItems) ? prefixItems.filter(isSchemaLike) : [];
    const least = typeof minItems === 'number' ? minItems : 0;
    const most = typeof maxItems === 'number' ? maxItems : Number.POSITIVE_INFINITY;
    const wanted = Math.min(most, Math.max(least, fixed.length, this.minimal || depth > DEPTH ? 0 : 1));
    const list: unknown[] = [];
    for (let at = 0; at < wanted; at += 1) {
      const value = this.value(fixed[at] ?? (isSchemaLike(items) ? items : true), singular(name), depth + 1);
      if (value === NOTHING) return list.length >= least ? list : NOTHING;
      list.push(schema['uniqueItems'] === true && list.includes(value) ? distinct(value, at) : value);
    }
    return list;
  }

  #properties(schema: SchemaObject, depth: number): unknown {
    const properties = isObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(Array.isArray(schema['required']) ? schema['required'].filter((key) => typeof key === 'string') : []);
    // No prototype, because a property may be called `__proto__`.
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, child] of Object.entries(properties)) {
      if (!isSchemaLike(child)) continue;
      const optional = !required.has(key);
      if (optional && (this.minimal || depth >= DEPTH || this.#left <= 0)) continue;
      if (optional) this.#left -= 1;
      const value = this.value(child, key, depth + 1);
      if (value !== NOTHING) result[key] = value;
      else if (!optional) return NOTHING;
    }
    const rest = schema['additionalProperties'];
    for (const key of required) {
      if (Object.hasOwn(result, key) || Object.hasOwn(properties, key)) continue;
      result[key] = this.value(isSchemaLike(rest) ? rest : true, key, depth + 1);
    }
    const least = typeof schema['minProperties'] === 'number' ? schema['minProperties'] : 0;
    const wantsOne = isObject(rest) && !this.minimal && Object.keys(result).length === 0 && depth < DEPTH;
    for (let at = Object.keys(result).length; at < Math.max(least, wantsOne ? 1 : 0); at += 1) {
      const value = this.value(isObject(rest) ? rest : true, 'entry', depth + 1);
      if (value === NOTHING) break;
      result[`entry${at + 1}`] = value;
    }
    return result;
  }
}

/** Keywords that do not restrict a value. */
const REMARKS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'deprecated',
  'readOnly',
  'writeOnly',
  'example',
  'examples',
  'default',
  'discriminator',
  '$comment',
]);

function isSchemaLike(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value);
}

function impliedType(schema: SchemaObject): string {
  if ('properties' in schema || 'additionalProperties' in schema || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  if ('pattern' in schema || 'minLength' in schema || 'format' in schema) return 'string';
  if ('minimum' in schema || 'maximum' in schema || 'multipleOf' in schema) return 'number';
  return 'any';
}

function exampleNumber(schema: SchemaObject, whole: boolean, random: Random): number {
  const limit = (inclusive: unknown, exclusive: unknown, step: number): number | undefined =>
    typeof exclusive === 'number' ? exclusive + step : typeof inclusive === 'number' ? inclusive : undefined;
  const unit = whole ? 1 : 0.5;
  const low = limit(schema['minimum'], schema['exclusiveMinimum'], unit);
  const high = limit(schema['maximum'], schema['exclusiveMaximum'], -unit);
  let value = low ?? Math.min(high ?? 100, 1 + random(99));
  if (low !== undefined && (high === undefined || high > low)) value = low + Math.min(random(20), Math.floor((high ?? low + 20) - low));
  if (whole) value = Math.ceil(value);
  const { multipleOf } = schema;
  if (typeof multipleOf === 'number' && multipleOf > 0) value = Math.ceil(value / multipleOf) * multipleOf;
  return value;
}

function distinct(value: unknown, at: number): unknown {
  if (typeof value === 'number') return value + at;
  return typeof value === 'string' ? `${value}${at + 1}` : value;
}

function singular(name: string): string {
  return name.endsWith('s') ? name.slice(0, -1) : name;
}
