import { describe, expect, it } from 'vitest';
import { codes, load, openapi } from '../../service.js';

const op = (operationId: string, tag: string) => ({ operationId, tags: [tag], responses: { 204: { description: '' } } });

const told = async (paths: unknown, options = {}) =>
  (await load({ 'api.json': openapi(paths) }, options)).diagnostics.map(({ severity, code, message, hint }) => [
    `${severity} ${code}`,
    message,
    hint,
  ]);

describe('a name that is reserved', () => {
  it.each([
    ['ready', 'every client has a member `ready`'],
    ['close', 'every client has a member `close`'],
    ['with-options', 'every client has a member `withOptions`', 'withOptions'],
    ['con', 'Windows refuses a file named con'],
    ['constructor', '`constructor` has a meaning on every object'],
  ])('of a namespace is told once, with the reason: %s', async (tag, why, name = tag) => {
    const found = await told({ '/a': { get: op('listItems', tag) }, '/b': { get: op('listOthers', tag) } });
    expect(found).toEqual([
      [
        'warning namespace-renamed',
        `The namespace "${name}" is called ${name}Api, because ${why}.`,
        'To choose a name, set it in `names`: "GET /a": other.listItems.',
      ],
    ]);
  });

  it('of a method is told for each', async () => {
    const found = await told({ '/a': { get: op('then', 'items') }, '/b': { get: op('toString', 'items') } });
    expect(found.map(([, message]) => message)).toEqual([
      'The method "then" of items is called then_, because `then` has a meaning on every object.',
      'The method "toString" of items is called toString_, because `toString` has a meaning on every object.',
    ]);
    expect(found[0]).toEqual([
      'warning operation-renamed',
      expect.anything(),
      'To choose a name, set it in `names`: "GET /a": items.other.',
    ]);
  });

  it('of a constant is told', async () => {
    expect(await told({ '/a': { get: op('good', 'last') } })).toEqual([
      [
        'warning constant-renamed',
        'The constant of last.good is called lastGoodOperation, because generated modules use the name lastGood.',
        'To choose a name, set it in `names`: "GET /a": last.other.',
      ],
    ]);
  });

  it('of one document among several is told', async () => {
    const files = {
      'shop-ready.json': openapi({ '/a': { get: op('a', 'x') } }),
      'shop-items.json': openapi({ '/b': { get: op('b', 'y') } }),
    };
    expect(codes(await load(files))).toEqual(['warning namespace-renamed']);
  });

  it('is told also if the lock keeps the name from the last generation', async () => {
    const lock = { 'GET /a': 'readyApi.list' };
    expect((await told({ '/a': { get: op('listItems', 'ready') } }, { lock })).map(([code]) => code)).toEqual([
      'warning namespace-renamed',
    ]);
  });
});

describe('nothing is told', () => {
  it.each([
    ['about a name that the YAML chooses', { '/a': { get: op('then', 'ready') } }, { names: { 'GET /a': 'state.get' } }],
    ['about a locked name elsewhere', { '/a': { get: op('list', 'ready') } }, { lock: { 'GET /a': 'state.list' } }],
    ['about a document that has the name itself', { '/a': { get: op('listItems', 'Ready API') } }, {}],
    ['about other names', { '/a': { get: op('readyItems', 'items') } }, {}],
  ])('%s', async (_, paths, options) => {
    expect(await told(paths, options)).toEqual([]);
  });
});
