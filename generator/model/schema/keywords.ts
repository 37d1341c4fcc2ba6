import { BYTES_SCHEMA } from '../kinds.js';

/** JSON types. */
export const TYPES: readonly string[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** Words that documents use for a type by mistake, and what they mean. */
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

/** Kept as they are where their value has the type named here. */
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

/** Keywords that say nothing of a value's type beside a reference, or repeat it. */
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

/** Every keyword that is known, whether it is kept or not; a name close to one of these is a slip of the pen. */
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

/** Where a misspelling would change a type. */
export const STRUCTURAL: readonly string[] = [
  ...'type format enum properties required items additionalProperties patternProperties allOf anyOf oneOf nullable'.split(' '),
];
