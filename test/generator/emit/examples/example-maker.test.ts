import { describe, expect, test } from 'vitest';
import { ExampleMaker } from '../../../../generator/emit/examples/example-maker.js';
import { seeded } from '../../../../generator/emit/examples/example-text.js';
import { SchemaValidator } from '../../../../generator/emit/schemas/validator.js';
import { EXAMPLE_BYTES } from '../../../../generator/model/kinds.js';
import type { JsonSchema } from '../../../../generator/model/types.js';
import { acme, ref } from '../fixture.js';

function make(schema: JsonSchema, schemas: Record<string, JsonSchema> = {}, minimal = false): unknown {
  const { value, errors } = new ExampleMaker(schemas, new SchemaValidator(schemas)).make(schema, 'test', { minimal });
  expect(errors).toEqual([]);
  return value;
}

describe('examples satisfy their schemas', () => {
  test.each(Object.keys(acme.schemas))('%s of the fixture', (name) => {
    make(ref(name), acme.schemas);
    make(ref(name), acme.schemas, true);
  });

  const kinds: Record<string, JsonSchema> = {
    ...Object.fromEntries(
      ['date', 'time', 'date-time', 'email', 'uuid', 'uri', 'url', 'ipv4', 'ipv6', 'hostname', 'unheard-of'].map((format) => [
        `format ${format}`,
        { type: 'string', format },
      ]),
    ),
    ...Object.fromEntries(
      [
        '^[a-z]+$',
        '^\\d{3}-\\d{4}$',
        '^(foo|bar)-[A-F0-9]{8}$',
        '^\\+?[1-9]\\d{1,14}$',
        '^#[0-9a-fA-F]{6}$',
        '[a-z]{2}_[A-Z]{2}',
        '^(?:a|b)(?=c)c.?$',
        '^\\w+@\\w+\\.com$',
        '^[^a-z]{5,}$',
        '^\\p{Lu}\\p{Ll}+$',
        '^https://',
        '^.{40}$',
      ].map((pattern) => [`pattern ${pattern}`, { type: 'string', pattern }]),
    ),
    'an invalid pattern': { type: 'string', pattern: '(' },
    lengths: { type: 'string', minLength: 40, maxLength: 42 },
    'one letter': { type: 'string', maxLength: 1 },
    'no letter': { type: 'string', maxLength: 0 },
    range: { type: 'number', minimum: 1.5, maximum: 2 },
    'exclusive range': { type: 'integer', exclusiveMinimum: 4, exclusiveMaximum: 6 },
    'negative numbers': { type: 'integer', maximum: -5 },
    multiples: { type: 'integer', multipleOf: 7, minimum: 8 },
    'unique items': { type: 'array', items: { type: 'string', enum: ['a'] }, uniqueItems: true, minItems: 1 },
    'several unique items': { type: 'array', items: { type: 'integer', minimum: 1 }, uniqueItems: true, minItems: 4 },
    'a tuple': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'boolean' }], minItems: 2 },
    'no items': { type: 'array', maxItems: 0, items: { type: 'string' } },
    'a map with members': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
    'required and not declared': { type: 'object', required: ['x'], properties: {} },
    'null only': { type: 'null' },
    'const object': { const: { a: [1, null] } },
    'enum of null and text': { type: ['string', 'null'], enum: [null, 'x'] },
    'one of several types': { type: ['null', 'integer'] },
    'any of': { anyOf: [{ type: 'null' }, { type: 'string', format: 'uuid' }] },
    'one of, told apart by a constant': {
      oneOf: [
        { type: 'object', properties: { k: { const: 'a' } }, required: ['k'] },
        { type: 'object', properties: { k: { const: 'b' }, n: { type: 'integer' } }, required: ['k', 'n'] },
      ],
    },
    'one of, the second only': { type: 'object', properties: { a: { type: 'integer' } }, oneOf: [false, { required: ['a'] }] },
    'all of': {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' }, n: { type: 'integer', minimum: 1 } }, required: ['a'] },
        { properties: { n: { maximum: 3 } }, required: ['n'] },
      ],
    },
    'a default that fits': { type: 'integer', default: 12, maximum: 20 },
    'an example that does not': { type: 'integer', example: 'twelve' },
    nothing: {},
    'a name like a prototype': {
      type: 'object',
      properties: JSON.parse('{"__proto__":{"type":"string"}}') as object,
      required: ['__proto__'],
    },
  };
  test.each(Object.entries(kinds))('%s', (_, schema) => {
    make(schema);
    make(schema, {}, true);
  });
});

describe('examples', () => {
  test('the same seed gives the same data', () => {
    const maker = (): unknown => new ExampleMaker(acme.schemas, new SchemaValidator(acme.schemas)).make(ref('ContactPage'), 'x').value;
    expect(JSON.stringify(maker())).toBe(JSON.stringify(maker()));
    const [a, b] = [seeded('a'), seeded('b')];
    expect([a(1000), a(1000), a(1000)]).not.toEqual([b(1000), b(1000), b(1000)]);
  });

  test("the document's own example comes first, then its default", () => {
    expect(make({ type: 'string', example: 'mine', default: 'other' })).toBe('mine');
    expect(make({ type: 'string', examples: [3, 'mine'] })).toBe('mine');
    expect(make({ type: 'string', default: 'other', pattern: '^o' })).toBe('other');
  });

  test('recursion ends', () => {
    const schemas: Record<string, JsonSchema> = {
      Node: {
        type: 'object',
        properties: { next: ref('Node'), all: { type: 'array', items: ref('Node') }, id: { type: 'string' } },
        required: ['all'],
      },
      Forced: { type: 'object', properties: { next: { anyOf: [ref('Forced'), { type: 'null' }] } }, required: ['next'] },
    };
    expect(make(ref('Node'), schemas)).toMatchObject({ all: [] });
    expect(make(ref('Forced'), schemas)).toEqual({ next: null });
  });

  test('what cannot be satisfied says why', () => {
    const { errors } = new ExampleMaker({}, new SchemaValidator({})).make({ type: 'integer', minimum: 3, maximum: 2 }, 'x');
    expect(errors).toEqual([expect.stringMatching(/^the value must be [<>]= \d/)]);
    const endless: Record<string, JsonSchema> = { A: { type: 'object', properties: { a: ref('A') }, required: ['a'] } };
    expect(new ExampleMaker(endless, new SchemaValidator(endless)).make(ref('A'), 'x').errors).not.toEqual([]);
  });

  test('files of a request are bytes', () => {
    const made = make({ type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] }) as {
      file: unknown;
    };
    expect(made.file).toEqual(EXAMPLE_BYTES);
  });
});
