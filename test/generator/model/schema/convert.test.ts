import { describe, expect, it } from 'vitest';
import { codes, load, one } from '../../service.js';

const withSchema = (schema: unknown, openapi = '3.1.0') =>
  one({}, { openapi, components: { schemas: { Subject: schema, Other: { type: 'object', properties: { a: { type: 'string' } } } } } });
const convert = async (schema: unknown, version?: string, repair = false) => {
  const loaded = await load({ 'api.json': withSchema(schema, version) }, { repair });
  return { schema: loaded.model?.schemas['Subject'], codes: codes(loaded), loaded };
};
const other = { $ref: '#/components/schemas/Other' };

describe('schemas', () => {
  it.each([
    ['a nullable type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['a nullable enum', { type: 'string', enum: ['a'], nullable: true }, { type: ['string', 'null'], enum: ['a', null] }],
    ['a nullable reference', { ...other, nullable: true, description: 'd' }, { description: 'd', anyOf: [other, { type: 'null' }] }],
    ['a nullable composition', { allOf: [other], nullable: true }, { anyOf: [{ allOf: [other] }, { type: 'null' }] }],
    ['a nullable anything', { nullable: true }, {}],
    ['null inside an enum', { type: 'string', enum: ['a', null] }, { type: ['string', 'null'], enum: ['a', null] }],
    [
      'exclusive bounds of 3.0',
      { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      { type: 'integer', exclusiveMinimum: 1, maximum: 9 },
    ],
    ['an example', { type: 'string', example: 'x' }, { type: 'string', example: 'x' }],
    [
      'what only describes documents',
      { type: 'string', readOnly: true, xml: { name: 'x' }, 'x-internal': 1, externalDocs: {} },
      { type: 'string' },
    ],
    ['a reference with a description', { ...other, description: 'd' }, { ...other, description: 'd' }],
    ['a reference that repeats the type', { ...other, type: 'object' }, other],
    ['properties without a type', { properties: { a: { type: 'string' } } }, { type: 'object', properties: { a: { type: 'string' } } }],
    ['an object of anything', { type: 'object' }, { type: 'object', additionalProperties: true }],
    ['a closed object', { type: 'object', additionalProperties: false }, { type: 'object', additionalProperties: false }],
    ['a map', { type: 'object', additionalProperties: other }, { type: 'object', additionalProperties: other }],
    ['a boolean', true, true],
    [
      'an object written as text in the example',
      { type: 'object', example: '{ a: 1 }' },
      { type: 'object', example: '{ a: 1 }', additionalProperties: true },
    ],
  ])('%s', async (_, schema, want) => {
    for (const version of ['3.0.3', '3.1.0']) expect(await convert(schema, version)).toMatchObject({ schema: want, codes: [] });
  });

  it.each([
    [
      'siblings of a reference',
      { ...other, properties: { b: { type: 'string' } }, required: ['a'] },
      { allOf: [other, { properties: { b: { type: 'string' } } }], required: ['a'] },
    ],
    ['a reference that requires more', { ...other, type: 'object', required: ['a'] }, { allOf: [other], required: ['a'] }],
    ['a list of types', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    ['an array without items', { type: 'array' }, { type: 'array', items: {} }],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
    ],
    ['binary content', { type: 'string', contentMediaType: 'application/octet-stream' }, { type: 'string', format: 'binary' }],
    [
      'definitions inside',
      { type: 'object', properties: { x: { $ref: '#/components/schemas/Subject/$defs/Inner' } }, $defs: { Inner: { type: 'string' } } },
      { type: 'object', properties: { x: { $ref: '#/components/schemas/SubjectInner' } } },
    ],
  ])('%s in 3.1', async (_, schema, want) => {
    expect(await convert(schema)).toMatchObject({ schema: want, codes: [] });
  });

  it('ignores siblings of a reference in 3.0, as that version says', async () => {
    expect(await convert({ ...other, required: ['a'], properties: {} }, '3.0.0')).toMatchObject({ schema: other, codes: [] });
  });

  it.each([
    ['a type that does not exist', { type: 'any' }, 'invalid-type', {}],
    ['a type that means another', { type: 'int' }, 'invalid-type', { type: 'integer' }],
    ['a file', { type: 'file' }, 'invalid-type', { type: 'string', format: 'binary' }],
    ['an array without items', { type: 'array' }, 'array-without-items', { type: 'array', items: {} }],
    ['an enum with repetitions', { enum: ['a', 'b', 'a'] }, 'duplicate-enum-value', { enum: ['a', 'b'] }],
    ['an empty enum', { type: 'string', enum: [] }, 'invalid-enum', { type: 'string' }],
    ['an enum that is no list', { type: 'string', enum: 'a' }, 'invalid-enum', { type: 'string' }],
    ['a schema that is a word', 'string', 'invalid-schema', {}],
    ['a schema that is nothing', null, 'invalid-schema', {}],
    ['properties that are a list', { type: 'object', properties: ['a'] }, 'invalid-schema', { type: 'object', additionalProperties: true }],
    ['a property that is required by itself', { type: 'string', required: true }, 'invalid-schema', { type: 'string' }],
    ['an enum within an enum', { type: 'string', enum: [['a', 'b']] }, 'invalid-enum', { type: 'string', enum: ['a', 'b'] }],
    ['an empty composition', { oneOf: [] }, 'invalid-schema', {}],
  ])('reports %s, and repairs it', async (_, schema, code, want) => {
    expect((await convert(schema, '3.0.0')).codes).toEqual([`error ${code}`]);
    const repaired = await convert(schema, '3.0.0', true);
    expect(repaired.codes).toEqual([`repair ${code}`]);
    expect(repaired.schema).toEqual(want);
  });

  it.each([
    [
      'an object with no properties at all',
      { type: 'object', properties: {} },
      'empty-object',
      { type: 'object', additionalProperties: true },
    ],
    ['an "object" whose example is a text', { type: 'object', example: 'sms' }, 'widened-type', { example: 'sms' }],
    ['an "object" whose example is a list', { type: 'object', example: ['a'] }, 'widened-type', { example: ['a'] }],
    ['an "object" whose examples are numbers', { type: 'object', examples: [1] }, 'widened-type', { examples: [1] }],
    ['an "object" with an enum of texts', { type: 'object', enum: ['a', 'b'] }, 'widened-type', { enum: ['a', 'b'] }],
    ['a number with an enum of texts', { type: ['number', 'null'], enum: ['a', null] }, 'widened-type', { enum: ['a', null] }],
  ])('widens %s in either mode', async (_, schema, code, want) => {
    expect(await convert(schema)).toMatchObject({ schema: want, codes: [`warning ${code}`] });
    expect((await convert(schema, '3.1.0', true)).codes).toEqual([`repair ${code}`]);
  });

  it('opens no type by a member of `allOf` that is an object of any kind', async () => {
    const allOf = [{ $ref: '#/components/schemas/Other' }, { type: 'object', required: ['a'] }];
    expect((await convert({ allOf })).schema).toEqual({ allOf });
  });

  it('reads `properties` as those of an object, and `items` as those of a list', async () => {
    expect((await convert({ properties: { a: {} } })).schema).toEqual({ type: 'object', properties: { a: {} } });
    expect((await convert({ items: {} })).schema).toEqual({ type: 'array', items: {} });
  });

  it.each([
    { type: 'string', enum: ['a', 1] },
    { type: 'integer', enum: [1, 2] },
    { type: ['string', 'number'], enum: [1] },
    { type: 'array', items: { type: 'string' }, enum: [['a']] },
    { enum: [['a']] },
  ])('keeps %j', async (schema) => {
    expect(await convert(schema)).toMatchObject({ codes: [], schema });
  });

  it('names the nearest type and the nearest keyword', async () => {
    const { loaded } = await convert({ type: 'strng', propertes: {} });
    expect(loaded.diagnostics.map(({ severity, hint }) => [severity, hint])).toEqual([
      ['error', 'Did you mean "string"? With `repair: true` for this service it is read as any value.'],
      ['warning', 'Did you mean "properties"?'],
    ]);
  });

  it('keeps discriminators, with references in their mappings', async () => {
    const found = await convert({
      oneOf: [other],
      discriminator: { propertyName: 'kind', mapping: { x: 'Other', y: '#/components/schemas/Other' } },
    });
    expect(found.schema).toEqual({ oneOf: [other], discriminator: { propertyName: 'kind', mapping: { x: other.$ref, y: other.$ref } } });
  });

  it('leaves data alone that only looks like a schema', async () => {
    const data = { $ref: '#/nowhere', type: 'any' };
    expect(await convert({ type: 'object', properties: { a: { type: 'string' } }, example: data, default: data })).toMatchObject({
      codes: [],
      schema: { example: data, default: data },
    });
  });
});
