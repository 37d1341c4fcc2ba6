import { describe, expect, it } from 'vitest';
import { compareOperations } from './compare.js';
import { sortDifferences } from './differences.js';
import { schemaFromText } from './fact-sheet.js';
import type { JsonObject } from './json.js';
import { operationsOf, Resolver } from './openapi.js';

const components = {
  schemas: { Tag: { type: 'string', enum: ['hot', 'cold'] }, Lead: { type: 'object', properties: { id: { type: 'string' } } } },
};

/** The findings between two operations, as `at: found -> expected`. */
function findings(ours: JsonObject, vendor: JsonObject, path = '/leads/{id}', vendorPath = path): string[] {
  const resolver = new Resolver();
  const read = (operation: JsonObject, at: string) =>
    operationsOf({ file: '/none.yaml', root: { components, paths: { [at]: { post: { responses: {}, ...operation } } } } }, resolver);
  return compareOperations('ghl', read(ours, path), resolver, { operations: read(vendor, vendorPath), resolver })
    .filter((difference) => !difference.info)
    .map(({ at, found, expected }) => `${at}: ${found} -> ${expected}`);
}

/** The findings between two schemas of a response. */
function schemas(ours: JsonObject, vendor: JsonObject): string[] {
  const operation = (schema: JsonObject) => ({ responses: { 200: { content: { 'application/json': { schema } } } } });
  return findings(operation(ours), operation(vendor));
}

function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...more };
}

const text = { type: 'string' };
const parameter = (name: string, more: JsonObject = {}) => ({ name, in: 'query', schema: text, ...more });

describe('fact sheets', () => {
  it('read types as far as their text tells', () => {
    expect(schemaFromText("('a | b' | 'c')[] | null")).toEqual({
      anyOf: [
        {
          type: 'array',
          items: {
            anyOf: [
              { type: 'string', enum: ['a | b'] },
              { type: 'string', enum: ['c'] },
            ],
          },
        },
        { type: 'null' },
      ],
    });
    expect(schemaFromText('{ [key: string]: string; }')).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
    for (const open of ['Item', 'unknown', "'a' | 'b…"]) expect(schemaFromText(open)).toEqual({});
  });
});

describe('deliberate differences', () => {
  const difference = {
    service: 'ghl' as const,
    operation: 'GET /leads/{id}',
    at: 'response 200 tags[].name',
    found: '',
    expected: '',
    info: false,
  };
  const entry = { service: 'ghl', operation: '* /leads/*', at: 'response * tags[]*', reason: 'because' };

  it('match with wildcards, and are stale where they match nothing', () => {
    expect(sortDifferences([difference], [entry])).toMatchObject({ unlisted: [], listed: [difference], stale: [] });
    const other = { ...entry, at: 'response * tags[]' };
    expect(sortDifferences([difference], [other])).toMatchObject({ unlisted: [difference], listed: [], stale: [other] });
  });
});

describe('operations', () => {
  it('must exist with method and path, the slash at the end included', () => {
    expect(findings({}, {}, '/leads/', '/leads')).toEqual(['operation: present -> the path /leads']);
    expect(findings({}, {}, '/leads/{id}', '/leads/{leadId}')).toEqual([]);
  });

  it('reports references that lead nowhere', () => {
    const body = { requestBody: { $ref: '#/components/requestBodies/None' } };
    const theirs = { requestBody: { content: { 'application/json': { schema: text } } } };
    expect(findings(body, theirs)).toEqual(['operation: $ref #/components/requestBodies/None leads nowhere -> a definition']);
  });
});

describe('parameters', () => {
  it('must have the same required ones and none that the vendor lacks', () => {
    const ours = { parameters: [parameter('a'), parameter('own')] };
    const theirs = { parameters: [parameter('a', { required: true }), parameter('b', { required: true }), parameter('c')] };
    expect(findings(ours, theirs)).toEqual([
      'parameter query a required: false -> true',
      'parameter query b: absent -> required',
      'parameter query own: optional -> absent',
    ]);
  });

  it('ignores Authorization, accepts a constant for a single value and path parameters that the vendor never declares', () => {
    const version = (schema: JsonObject) => ({ name: 'Version', in: 'header', required: true, schema });
    const ours = { parameters: [version({ const: '2021-07-28' }), { name: 'id', in: 'path', required: true, schema: text }] };
    const authorization = { name: 'Authorization', in: 'header', required: true, schema: text };
    expect(findings(ours, { parameters: [authorization, version({ type: 'string', enum: ['2021-07-28'] })] })).toEqual([]);
    expect(findings(ours, { parameters: [version({ type: 'string', enum: ['2021-04-15'] })] })).toHaveLength(1);
  });

  it('compares how lists are written', () => {
    const list = { schema: { type: 'array', items: text } };
    const theirs = { parameters: [parameter('ids', { ...list, explode: false })] };
    expect(findings({ parameters: [parameter('ids', list)] }, theirs)).toEqual(['parameter query ids style: form, exploded -> form']);
  });
});

describe('responses', () => {
  it('must have the same success codes and the vendor’s error codes, as such or in a range', () => {
    const ours = { responses: { 200: {}, '5XX': {} } };
    expect(findings(ours, { responses: { 201: {}, 401: {}, 500: {} } })).toEqual([
      'response 200: present -> absent (has 201)',
      'response 201: absent -> present',
      'response 401: absent -> present',
    ]);
  });
});

describe('schemas', () => {
  it('accepts anything where the vendor says nothing', () => {
    const ours = object({ tag: { $ref: '#/components/schemas/Tag' } });
    for (const vendor of [{}, { type: 'object' }, object({}), { type: 'any' }]) expect(schemas(ours, vendor)).toEqual([]);
  });

  it('does not accept a free-form object where the vendor lists properties', () => {
    expect(schemas(object({ lead: { type: 'object' } }), object({ lead: object({ id: text }) }))).toEqual([
      'response 200 lead: an object without properties -> object {id}',
    ]);
  });

  it('reads both ways to allow null alike', () => {
    const vendor = object({ a: { type: 'string', nullable: true }, b: { allOf: [{ $ref: '#/components/schemas/Lead' }], nullable: true } });
    const ours = object({
      a: { type: ['string', 'null'] },
      b: { anyOf: [{ $ref: '#/components/schemas/Lead' }, { type: 'null' }] },
    });
    expect(schemas(ours, vendor)).toEqual([]);
    expect(schemas(object({ a: text }), object({ a: { type: 'string', nullable: true } }))).toEqual([
      'response 200 a: string -> null | string',
    ]);
  });

  it('merges allOf and joins oneOf, and finds names and types at any level', () => {
    const vendor = { allOf: [{ $ref: '#/components/schemas/Lead' }, { oneOf: [object({ a: text }), object({ b: { type: 'number' } })] }] };
    expect(schemas(object({ id: text, a: text, b: { type: 'integer' } }), vendor)).toEqual(['response 200 b: integer -> number']);
    const list = (properties: JsonObject) => object({ leads: { type: 'array', items: object(properties) } });
    expect(schemas(list({ id: text, extra: text }), list({ id: text, name: text }))).toEqual([
      'response 200 leads[].name: absent -> string',
      'response 200 leads[].extra: string -> absent',
    ]);
  });

  it('compares alternatives one by one where a constant tells them apart', () => {
    const call = (kind: string, properties: JsonObject) => object({ kind: { const: kind }, ...properties });
    const vendor = { oneOf: [call('web', { token: text }), call('phone', { from: text }), { type: 'null' }] };
    const ours = { anyOf: [call('phone', { from: text, token: text }), call('web', {}), { type: 'null' }] };
    expect(schemas(ours, vendor)).toEqual(['response 200 (web).token: absent -> string', 'response 200 (phone).token: string -> absent']);
  });

  it('drops alternatives that a constant beside them rules out', () => {
    const base = { oneOf: [object({ kind: { const: 'a' }, a: text }), object({ kind: { const: 'b' }, b: text })] };
    const vendor = { allOf: [base, object({ kind: { type: 'string', enum: ['b'] } })] };
    expect(schemas(object({ kind: { const: 'b' }, b: text }), vendor)).toEqual([]);
  });

  it('knows that `not` with a required name takes a property away', () => {
    const without = { not: { anyOf: [{ required: ['id'] }, { required: ['note'] }] } };
    const vendor = { allOf: [object({ id: text, note: text, name: text }), without] };
    expect(schemas(object({ name: text }), vendor)).toEqual([]);
    expect(schemas(object({ name: text, id: text }), vendor)).toEqual(['response 200 id: string -> absent']);
  });

  it('compares enum values where the vendor has any', () => {
    const tag = { $ref: '#/components/schemas/Tag' };
    expect(schemas(object({ tag }), object({ tag: text }))).toEqual([]);
    expect(schemas(object({ tag: text }), object({ tag }))).toEqual(['response 200 tag: any value -> one of "hot", "cold"']);
    expect(schemas(object({ tag: { enum: ['hot', 'warm'] } }), object({ tag }))).toEqual(['response 200 tag: also "warm" -> also "cold"']);
  });

  it('ends on schemas that contain themselves', () => {
    const tree: Record<string, unknown> = object({});
    tree['properties'] = { child: tree };
    expect(schemas(tree, tree)).toEqual([]);
  });

  it('compares required properties of a request', () => {
    const body = (required: string[]) => ({
      requestBody: { content: { 'application/json': { schema: object({ id: text, name: text }, { required }) } } },
    });
    expect(findings(body(['name']), body(['id']))).toEqual([
      'request body name required: true -> false',
      'request body id required: false -> true',
    ]);
  });
});
