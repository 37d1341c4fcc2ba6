import { BYTES_SCHEMA } from '../kinds.js';

/** The types of JSON Schema. */
export const TYPES: readonly string[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** Words that documents use as a type by mistake, with the intended type. */
export const TYPE_ALIASES: ReadonlyMap<string, { readonly type: string; readonly format?: string }> = new Map([
  ['int', { type: 'integer' }],
  ['int32', { type: 'integer', format: 'int32' }],
  ['int64', { type: 'integer', format: 'int64' }],
  ['long', { type: 'integer', format: 'int64' }],
  ['float', { type: 'number', format: 'float' }],
  ['double', { type: 'number', format: 'double' }],
  ['decimal', { type: 'number' }],
  ['bool', { type: 'boolean' }],
  ['str', { type: 'string' }],
  ['text', { type: 'string' }],
  ['uuid', { type: 'string', format: 'uuid' }],
  ['date', { type: 'string', format: 'date' }],
  ['datetime', { type: 'string', format: 'date-time' }],
  ['date-time', { type: 'string', format: 'date-time' }],
  ['file', BYTES_SCHEMA],
  ['list', { type: 'array' }],
  ['map', { type: 'object' }],
  ['dict', { type: 'object' }],
]);

/** Keywords that are copied if their value has the type named here. */
export const PLAIN: ReadonlyMap<string, 'string' | 'number' | 'boolean' | 'any'> = new Map<string, 'string' | 'number' | 'boolean' | 'any'>(
  [
    ['title', 'string'],
    ['description', 'string'],
    ['format', 'string'],
    ['pattern', 'string'],
    ['deprecated', 'boolean'],
    ['uniqueItems', 'boolean'],
    ['multipleOf', 'number'],
    ['minimum', 'number'],
    ['maximum', 'number'],
    ['minLength', 'number'],
    ['maxLength', 'number'],
    ['minItems', 'number'],
    ['maxItems', 'number'],
    ['minProperties', 'number'],
    ['maxProperties', 'number'],
    ['default', 'any'],
    ['example', 'any'],
    ['const', 'any'],
  ],
);

/** Annotations that may stand beside a reference. */
export const ANNOTATIONS: readonly string[] = ['description', 'deprecated', 'default', 'example', 'examples'];

/** Keywords that, beside a reference, do not change the type or only repeat it. */
export const BESIDE_REF: ReadonlySet<string> = new Set([
  '$ref',
  'type',
  'title',
  'summary',
  'format',
  'nullable',
  'readOnly',
  'writeOnly',
  ...ANNOTATIONS,
]);

/** Every known keyword, converted or not. A name close to one of these is a misspelling. */
export const KNOWN: ReadonlySet<string> = new Set([
  ...PLAIN.keys(),
  ...BESIDE_REF,
  ...'enum properties required items prefixItems additionalProperties patternProperties allOf anyOf oneOf not discriminator'.split(' '),
  ...'exclusiveMinimum exclusiveMaximum xml externalDocs contentMediaType contentEncoding contentSchema $id $schema $anchor $comment'.split(
    ' ',
  ),
  ...'$defs definitions $dynamicRef $dynamicAnchor $vocabulary if then else contains minContains maxContains propertyNames'.split(' '),
  ...'dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties additionalItems dependencies id optional'.split(' '),
]);

/** Keywords whose misspelling would change a type. */
export const STRUCTURAL: readonly string[] = [
  ...'type format enum properties required items additionalProperties patternProperties allOf anyOf oneOf nullable'.split(' '),
];
