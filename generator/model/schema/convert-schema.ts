import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { Cursor } from '../../read/cursor.js';
import { isObject, own, setOwn } from '../../read/json.js';
import type { Refs } from '../../read/refs.js';
import type { Reporter } from '../../read/reporter.js';
import { BYTES_SCHEMA } from '../kinds.js';
import type { JsonSchema } from '../types.js';
import type { Draft, SchemaBundle } from './bundle.js';
import { convertEnum, convertType, withNull } from './convert-type.js';
import { ANNOTATIONS, BESIDE_REF, KNOWN, PLAIN, STRUCTURAL } from './keywords.js';
import { targetName } from './target-name.js';
import { widen } from './widen.js';

/**
 * Converts schemas of OpenAPI 3.0 and 3.1 documents into plain JSON Schema of the bundle: known keywords only, every reference resolved.
 */
export class SchemaConverter {
  readonly #reporter: Reporter;

  constructor(
    readonly refs: Refs,
    readonly bundle: SchemaBundle,
  ) {
    this.#reporter = refs.documents.reporter;
  }

  convert(at: Cursor): JsonSchema {
    if (typeof at.value === 'boolean') return at.value;
    if (!isObject(at.value)) {
      this.#reporter.fault(at, {
        code: 'invalid-schema',
        message: `Expected a schema (a mapping), found ${at.value === null ? 'nothing' : quote(at.value)}`,
        done: 'read as any value',
      });
      return {};
    }
    const draft = typeof own(at.value, '$ref') === 'string' ? this.#reference(at) : this.#plain(at);
    if (own(at.value, 'nullable') !== true) return draft;
    const { description, example, ...rest } = draft;
    const entry = this.bundle.referenced(draft);
    const nullable =
      entry === undefined ? withNull(draft) : { anyOf: [this.bundle.reference(entry), { type: 'null' }], ...without(rest, '$ref') };
    if (nullable === draft) return draft;
    return { ...(description === undefined ? {} : { description }), ...(example === undefined ? {} : { example }), ...nullable };
  }

  #reference(at: Cursor): Draft {
    const beside: Draft = {};
    for (const key of ANNOTATIONS) if (usable(key, own(at.value, key))) beside[key] = own(at.value, key);
    const target = this.refs.target(at, 'read as any value');
    if (target === undefined) return beside;
    const entry = this.bundle.entry(target, targetName(target), at.document);
    const more = Object.keys(at.value as object).filter((key) => !BESIDE_REF.has(key) && !key.startsWith('x-'));
    // OpenAPI 3.0 ignores siblings of a reference. In 3.1 both apply.
    if (at.document.version === '3.0' || more.length === 0) return this.bundle.reference(entry, beside);
    const rest = without(this.#plain(at), ...ANNOTATIONS, 'type');
    if (rest['additionalProperties'] === true) delete rest['additionalProperties'];
    if (Object.keys(rest).length === 0) return this.bundle.reference(entry, beside);
    const { required, ...others } = rest;
    const parts = Object.keys(others).length === 0 ? [] : [others];
    return { ...beside, allOf: [this.bundle.reference(entry), ...parts], ...(required === undefined ? {} : { required }) };
  }

  #plain(at: Cursor): Draft {
    const draft: Draft = {};
    convertType(at, draft, this.#reporter);
    for (const [key, kind] of PLAIN) {
      const value = own(at.value, key);
      if (value !== undefined && (kind === 'any' || typeof value === kind)) draft[key] = value;
    }
    const examples = own(at.value, 'examples');
    if (Array.isArray(examples)) draft['examples'] = examples;
    convertEnum(at, draft, this.#reporter);
    this.#bounds(at, draft);
    this.#object(at, draft);
    this.#array(at, draft);
    this.#composition(at, draft);
    this.#unknownKeywords(at);
    const values = draft['enum'];
    // An enum that lists null allows null, also if `type` does not.
    if (Array.isArray(values) && values.includes(null) && typeof draft['type'] === 'string')
      return withNull(widen(at, draft, this.#reporter));
    return widen(at, draft, this.#reporter);
  }

  /** OpenAPI 3.0 has booleans beside `minimum` and `maximum`. JSON Schema has numbers. */
  #bounds(at: Cursor, draft: Draft): void {
    for (const [bound, exclusive] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const) {
      const value = own(at.value, exclusive);
      if (typeof value === 'number') draft[exclusive] = value;
      if (value === true && draft[bound] !== undefined) {
        draft[exclusive] = draft[bound];
        delete draft[bound];
      }
    }
  }

  #object(at: Cursor, draft: Draft): void {
    for (const key of ['properties', 'patternProperties'] as const) {
      const map = at.child(key);
      if (map.value === undefined) continue;
      if (!isObject(map.value)) {
        this.#invalid(map, `Expected \`${key}\` to be a mapping, found ${quote(map.value)}`);
        continue;
      }
      const converted = {};
      for (const property of map.entries()) setOwn(converted, property.key, this.convert(property));
      draft[key] = converted;
    }
    const additional = at.child('additionalProperties');
    if (additional.value !== undefined) draft['additionalProperties'] = this.convert(additional);
    const required = at.child('required');
    if (required.value === undefined) return;
    if (Array.isArray(required.value)) {
      const names = [...new Set(required.value.filter((name): name is string => typeof name === 'string'))];
      if (names.length > 0) draft['required'] = names;
    } else {
      this.#invalid(required, `Expected \`required\` to be a list of property names, found ${quote(required.value)}`);
    }
  }

  #array(at: Cursor, draft: Draft): void {
    const prefix = at.child('prefixItems');
    if (Array.isArray(prefix.value)) draft['prefixItems'] = prefix.items().map((item) => this.convert(item));
    const items = at.child('items');
    if (Array.isArray(items.value)) draft['prefixItems'] = items.items().map((item) => this.convert(item));
    else if (items.value !== undefined) draft['items'] = this.convert(items);
    else if (draft['type'] === 'array' && at.document.version === '3.0') {
      this.#reporter.fault(at, {
        code: 'array-without-items',
        message: 'Expected `items` beside `type: array`, found none',
        done: 'read as a list of any values',
      });
    }
    if (draft['type'] === 'array' && draft['items'] === undefined && draft['prefixItems'] === undefined) draft['items'] = {};
  }

  #composition(at: Cursor, draft: Draft): void {
    for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
      const list = at.child(key);
      if (list.value === undefined) continue;
      if (Array.isArray(list.value) && list.value.length > 0) draft[key] = list.items().map((item) => this.convert(item));
      else
        this.#invalid(
          list,
          `Expected \`${key}\` to be a list with a schema in it, found ${Array.isArray(list.value) ? 'an empty list' : quote(list.value)}`,
        );
    }
    const not = at.child('not');
    if (not.value !== undefined) draft['not'] = this.convert(not);
    this.#discriminator(at.child('discriminator'), draft);
    const media = own(at.value, 'contentMediaType');
    // OpenAPI 3.1's form of 3.0's `format: binary`.
    if (typeof media === 'string' && own(at.value, 'contentEncoding') === undefined && draft['type'] === 'string')
      draft['format'] ??= BYTES_SCHEMA.format;
  }

  #discriminator(at: Cursor, draft: Draft): void {
    const propertyName = own(at.value, 'propertyName');
    if (typeof propertyName !== 'string') return;
    const mapping = {};
    for (const item of at.child('mapping').entries()) {
      if (typeof item.value !== 'string') continue;
      // A value without `#`, `/` and `.` is a schema's name.
      const ref = /[#/.]/.test(item.value) ? item.value : `#/components/schemas/${item.value}`;
      const target = this.refs.named(item, ref, 'left out of the mapping');
      if (target === undefined) continue;
      setOwn(mapping, item.key, '');
      this.bundle.mapping(mapping, item.key, this.bundle.entry(target, targetName(target), at.document));
    }
    draft['discriminator'] = { propertyName, ...(Object.keys(mapping).length === 0 ? {} : { mapping }) };
  }

  #unknownKeywords(at: Cursor): void {
    for (const key of Object.keys(at.value as object)) {
      if (KNOWN.has(key) || key.startsWith('x-')) continue;
      const close = nearest(key, STRUCTURAL);
      if (close === undefined) continue;
      this.#reporter.warning(at.child(key), {
        code: 'unknown-keyword',
        message: `The keyword ${quote(key)} is unknown in a schema`,
        hint: `Did you mean "${close}"?`,
        anchor: 'key',
      });
    }
  }

  #invalid(at: Cursor, message: string): void {
    this.#reporter.fault(at, { code: 'invalid-schema', message, done: 'left out' });
  }
}

function usable(key: string, value: unknown): boolean {
  if (value === undefined) return false;
  return key === 'description'
    ? typeof value === 'string'
    : key === 'deprecated'
      ? typeof value === 'boolean'
      : key !== 'examples' || Array.isArray(value);
}

function without(draft: Draft, ...keys: string[]): Draft {
  return Object.fromEntries(Object.entries(draft).filter(([key]) => !keys.includes(key)));
}
