import { describe, expect, it } from 'vitest';
import { codes, load, model, openapi, operations } from '../../service.js';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const doc = (name: string, schemas: Record<string, unknown>, use = 'Item') =>
  openapi(
    {
      [`/${name}`]: {
        get: { operationId: 'get', responses: { 200: { description: '', content: { 'application/json': { schema: ref(use) } } } } },
      },
    },
    { components: { schemas } },
  );
const text = { type: 'object', properties: { id: { type: 'string' } } };
const number = { type: 'object', properties: { id: { type: 'integer' } } };
const results = async (files: Record<string, unknown>) =>
  operations(await model(files)).map(({ resultType }) => (resultType.kind === 'schema' ? resultType.name : resultType.kind));

describe('schemas of several documents', () => {
  it('are one where name and content are the same, descriptions aside', async () => {
    const loaded = await load({
      'a.json': doc('a', { Item: text }),
      'b.json': doc('b', { Item: { ...text, description: 'Another word.' } }),
    });
    expect(loaded.diagnostics).toEqual([]);
    expect(Object.keys(loaded.model?.schemas ?? {})).toEqual(['Item']);
  });

  it('get their documents as prefixes where contents differ, told once', async () => {
    const files = { 'a-shop.json': doc('a', { Item: text }), 'b-mart.json': doc('b', { Item: number }) };
    expect(await results(files)).toEqual(['AShopItem', 'BMartItem']);
    expect(codes(await load(files))).toEqual(['warning schema-renamed']);
  });

  it('keep the name where most documents mean the same', async () => {
    const files = { 'a.json': doc('a', { Item: number }), 'b.json': doc('b', { Item: text }), 'c.json': doc('c', { Item: text }) };
    expect(await results(files)).toEqual(['AItem', 'Item', 'Item']);
  });

  it('differ where what they refer to differs', async () => {
    const outer = { type: 'object', properties: { item: ref('Item') } };
    const files = {
      'a.json': doc('a', { Outer: outer, Item: text }, 'Outer'),
      'b.json': doc('b', { Outer: outer, Item: number }, 'Outer'),
    };
    const service = await model(files);
    expect(Object.keys(service.schemas)).toEqual(['AItem', 'AOuter', 'BItem', 'BOuter']);
    expect(service.schemas['BOuter']).toEqual({ type: 'object', properties: { item: ref('BItem') } });
  });

  it('are one where they refer to themselves alike', async () => {
    const node = { type: 'object', properties: { next: ref('Item') } };
    expect(await results({ 'a.json': doc('a', { Item: node }), 'b.json': doc('b', { Item: node }) })).toEqual(['Item', 'Item']);
  });
});

describe('names of schemas', () => {
  it.each([
    ['Error', 'ShopError'],
    ['Record', 'ShopRecord'],
    ['HttpError', 'ShopHttpError'],
    ['Location', 'Location'],
    ['item', 'Item'],
    ['item-dto', 'ItemDto'],
    ['65+', 'Schema65'],
    ['__proto__', 'Proto'],
    ['constructor', 'Constructor'],
    ['ShopClient', 'ShopClientModel'],
    ['AApi', 'AApiModel'],
    ['AGetParams', 'AGetParamsModel'],
    ['AGetError', 'AGetErrorModel'],
    ['"; process.exit(1); //', 'ProcessExit1'],
    ['日本', '日本'],
  ])('%s is called %s', async (name, want) => {
    const schemas: Record<string, unknown> = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(text)}}`);
    const service = await model({ 'a.json': doc('a', schemas, encodeURIComponent(name)) });
    expect(Object.keys(service.schemas)).toEqual([want]);
    expect(operations(service)[0]?.resultType).toEqual({ kind: 'schema', name: want });
    expect(Object.prototype).not.toHaveProperty('properties');
  });

  it('are told apart by numbers within one document', async () => {
    const service = await model({ 'a.json': doc('a', { Item: text, item: number, 'it-em': number }) });
    expect(Object.keys(service.schemas)).toEqual(['ItEm3', 'Item', 'Item2']);
  });
});
