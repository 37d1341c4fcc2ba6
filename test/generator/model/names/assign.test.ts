import { describe, expect, it } from 'vitest';
import { codes, load, model, openapi, operations } from '../../service.js';

const op = (operationId: string | undefined, tag?: string) => ({
  ...(operationId === undefined ? {} : { operationId }),
  ...(tag === undefined ? {} : { tags: [tag] }),
  responses: { 204: { description: '' } },
});
const ids = async (paths: unknown, options = {}) =>
  operations(await model({ 'api.json': openapi(paths) }, options)).map(
    (operation) => `${operation.method} ${operation.path} ${operation.id} ${operation.typeName}`,
  );

describe('names of operations', () => {
  it.each([
    ['the tag and the operationId', { '/a': { get: op('listItems', 'Items') } }, ['GET /a items.list ItemsList']],
    [
      'the first step of the path where there is no tag',
      { '/v2/get-agent': { get: op('getAgent') }, '/list-agents': { get: op('listAgents') } },
      ['GET /v2/get-agent agents.get AgentsGet', 'GET /list-agents agents.list AgentsList'],
    ],
    [
      'method and path where there is no operationId',
      { '/items/{id}': { get: { ...op(undefined, 'items'), parameters: [{ name: 'id', in: 'path', required: true, schema: {} }] } } },
      ['GET /items/{id} items.getById ItemsGetById'],
    ],
    [
      'whole operationIds where short names collide',
      { '/a': { get: op('getItem', 'items') }, '/b': { get: op('getItems', 'items') } },
      ['GET /a items.getItem ItemsGetItem', 'GET /b items.getItems ItemsGetItems'],
    ],
    ['the whole operationId where nothing is left', { '/a': { get: op('items', 'items') } }, ['GET /a items.items ItemsItems']],
    [
      'numbers where whole operationIds collide',
      { '/a': { get: op('get-item', 'x') }, '/b': { get: op('getItem', 'x') } },
      ['GET /a x.getItem XGetItem', 'GET /b x.getItem2 XGetItem2'],
    ],
    [
      'the method where it tells colliding operations apart',
      { '/a': { get: op('item-status', 'x'), put: op('itemStatus', 'x') } },
      ['GET /a x.itemStatus XItemStatus', 'PUT /a x.putItemStatus XPutItemStatus'],
    ],
    ['safe names for what objects have', { '/a': { get: op('constructor', 'call') } }, ['GET /a callApi.constructor_ CallApiConstructor_']],
    [
      'one namespace for tags that differ in case',
      { '/a': { get: op('getA', 'Big Items') }, '/b': { get: op('getB', 'bigitems') } },
      ['GET /a bigItems.getA BigItemsGetA', 'GET /b bigItems.getB BigItemsGetB'],
    ],
    [
      'distinct type names',
      { '/a': { get: op('getNotes', 'items') }, '/b': { get: op('notes', 'itemsGet') } },
      ['GET /a items.getNotes ItemsGetNotes', 'GET /b itemsGet.notes ItemsGetNotes2'],
    ],
  ])('come from %s', async (_, paths, want) => {
    expect(await ids(paths)).toEqual(want);
  });

  it('do not depend on the order of documents in the call', async () => {
    const files = { 'x_b_v1.json': openapi({ '/b': { get: op('getB') } }), 'x_a_v1.json': openapi({ '/a': { get: op('getA') } }) };
    const forward = await model(files);
    const backward = await model(files, { files: Object.keys(files).reverse() });
    expect(forward).toEqual(backward);
    expect(operations(forward).map(({ id }) => id)).toEqual(['a.get', 'b.get']);
  });

  it('follow the YAML over the lock, and the lock over what is derived', async () => {
    const paths = { '/a': { get: op('getA', 'items') }, '/b': { get: op('getB', 'items') }, '/c': { get: op('getC', 'items') } };
    const names = { 'GET /a': 'things.first' };
    const lock = { 'GET /a': 'items.locked', 'GET /b': 'items.getC', 'GET /gone': 'items.gone' };
    expect(await ids(paths, { names, lock })).toEqual(
      ['GET /b items.getC ItemsGetC', 'GET /c items.getGetC ItemsGetGetC', 'GET /a things.first ThingsFirst'].map((row) =>
        row.replace('getGetC ItemsGetGetC', 'getC2 ItemsGetC2'),
      ),
    );
  });

  it.each([
    ['an unknown operation', { 'GET /aa': 'x.y' }, 'Did you mean "GET /a"?'],
    ['no such form', { 'GET /a': 'xy' }, undefined],
    ['a member of the client', { 'GET /a': 'call.x' }, undefined],
    ['a member of objects', { 'GET /a': 'x.__proto__' }, undefined],
    ['one name for two', { 'GET /a': 'x.y', 'GET /b': 'x.y' }, undefined],
  ])('in the YAML are errors for %s', async (_, names, hint) => {
    const loaded = await load(
      { 'api.json': openapi({ '/a': { get: op('a') }, '/b': { get: op('b') } }) },
      { names, placeOfName: () => ({ file: 'breakers.yaml' }) },
    );
    expect(codes(loaded)).toEqual(['error invalid-name']);
    expect(loaded.diagnostics[0]).toMatchObject({ file: 'breakers.yaml', ...(hint === undefined ? {} : { hint }) });
  });
});
