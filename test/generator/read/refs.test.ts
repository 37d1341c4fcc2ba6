import { describe, expect, it } from 'vitest';
import { codes, findings, load, model, one, only, openapi } from '../service.js';

const answer = (ref: string) => ({ responses: { 200: { description: '', content: { 'application/json': { schema: { $ref: ref } } } } } });
const schemas = (found: Record<string, unknown>) => ({ components: { schemas: found } });
const item = { type: 'object', properties: { id: { type: 'string' } } };

describe('references', () => {
  it('follows those to schemas, parameters, responses, request bodies, headers and path items', async () => {
    const service = await model({
      'api.json': openapi(
        { '/items/{id}': { $ref: '#/components/pathItems/Item' } },
        {
          components: {
            schemas: { Item: item },
            parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
            requestBodies: { Item: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } } } },
            headers: { Page: { schema: { type: 'integer' } } },
            responses: {
              Item: {
                headers: { 'X-Page': { $ref: '#/components/headers/Page' } },
                content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
              },
            },
            pathItems: {
              Item: {
                put: {
                  operationId: 'putItem',
                  tags: ['items'],
                  parameters: [{ $ref: '#/components/parameters/Id' }],
                  requestBody: { $ref: '#/components/requestBodies/Item' },
                  responses: { 200: { $ref: '#/components/responses/Item' } },
                },
              },
            },
          },
        },
      ),
    });
    expect(only(service)).toMatchObject({
      id: 'items.put',
      params: [{ key: 'id' }],
      body: { type: { kind: 'schema', name: 'Item' } },
      responses: [{ headers: ['x-page'], type: { kind: 'schema', name: 'Item' } }],
    });
  });

  it.each([
    ['../common/shared.json#/components/schemas/Item', 'Item'],
    ['../common/shared.json#/components/schemas/Deep/properties/inner', 'DeepInner'],
    ['../common/whole.yaml', 'Whole'],
    ['#/components/schemas/Odd~1Name%20x', 'OddNameX'],
  ])('resolves %s', async (ref, want) => {
    const service = await model(
      {
        'apps/api.json': one(answer(ref), schemas({ 'Odd/Name x': item })),
        'common/shared.json': schemas({ Item: item, Deep: { type: 'object', properties: { inner: item } } }),
        'common/whole.yaml': 'type: object\nproperties: {id: {type: string}}\n',
      },
      { files: ['apps/api.json'] },
    );
    expect(only(service).resultType).toEqual({ kind: 'schema', name: want });
    expect(service.schemas[want]).toMatchObject({ properties: { id: { type: 'string' } } });
  });

  it.each([
    ['a name that is not there', '#/components/schemas/Itm', 'Did you mean "#/components/schemas/Item"?'],
    ['a document that is not there', './gone.json#/x', undefined],
    ['a remote document', 'https://example.com/x.json#/Item', 'Save the document beside this one'],
    ['an anchor', '#item', 'Write a JSON pointer'],
    ['a file that is no document', '../../../../etc/passwd', undefined],
    ['a name that objects have anyway', '#/components/schemas/constructor', undefined],
    ['a prototype', '#/components/schemas/__proto__', undefined],
  ])('reports %s', async (_, ref, hint) => {
    const files = { 'api.json': one(answer(ref), schemas({ Item: item })) };
    const strict = await load(files);
    expect(codes(strict)).toEqual(['error dangling-ref']);
    expect(strict.diagnostics[0]?.hint).toContain('`repair: true`');
    if (hint !== undefined) expect(strict.diagnostics[0]?.hint).toContain(hint);
    const repaired = await load(files, { repair: true });
    expect(codes(repaired)).toEqual(['repair dangling-ref']);
    expect(repaired.model && only(repaired.model).resultType).toMatchObject({ text: 'unknown' });
  });

  it('finds a document that lies elsewhere than the reference says, once per document', async () => {
    const ref = '../common/shared.json#/components/schemas/';
    const files = {
      'apps/api.json': one({ responses: { ...answer(`${ref}Item`).responses, 400: answer(`${ref}Fault`).responses[200] } }),
      'apps/common/shared.json': schemas({ Item: item, Fault: item }),
    };
    const strict = await load(files, { files: ['apps/api.json'] });
    expect(codes(strict)).toEqual(['error dangling-ref']);
    expect(strict.diagnostics[0]?.hint).toContain('Did you mean "common/shared.json#/components/schemas/Item"?');
    const repaired = await load(files, { files: ['apps/api.json'], repair: true });
    expect(codes(repaired)).toEqual(['repair dangling-ref']);
    expect(Object.keys(repaired.model?.schemas ?? {})).toEqual(['Fault', 'Item']);
  });

  it.each([
    ['itself', { A: { $ref: '#/components/schemas/A' } }],
    ['itself by way of others', { A: { $ref: '#/components/schemas/B' }, B: { allOf: [{ $ref: '#/components/schemas/A' }] } }],
  ])('reports a schema that leads only to %s', async (_, found) => {
    const files = { 'api.json': one(answer('#/components/schemas/A'), schemas(found)) };
    expect(codes(await load(files))).toEqual(['error ref-cycle']);
    const repaired = await load(files, { repair: true });
    expect(codes(repaired)).toEqual(['repair ref-cycle']);
    expect(repaired.model?.schemas['A']).toEqual({});
  });

  it('reports circles of other references', async () => {
    const loop = { A: { $ref: '#/components/parameters/B' }, B: { $ref: '#/components/parameters/A' } };
    const files = { 'api.json': one({ parameters: [{ $ref: '#/components/parameters/A' }] }, { components: { parameters: loop } }) };
    expect(codes(await load(files))).toEqual(['error ref-cycle']);
    expect((await load(files, { repair: true })).model).toBeDefined();
  });

  it('leaves recursion through properties and items alone', async () => {
    const node = {
      type: 'object',
      properties: { next: { $ref: '#/components/schemas/Node' }, all: { type: 'array', items: { $ref: '#/components/schemas/Node' } } },
    };
    const loaded = await load({ 'api.json': one(answer('#/components/schemas/Node'), schemas({ Node: node })) });
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.model?.schemas['Node']).toEqual(node);
  });

  it('reports a dangling reference once, wherever else it is used', async () => {
    const loaded = await load({
      'api.json': one(answer('#/components/schemas/Gone'), schemas({ A: { $ref: '#/components/schemas/Gone' } })),
    });
    expect(findings(loaded)).toHaveLength(1);
  });
});
