import { describe, expect, it } from 'vitest';
import { codes, findings, load, model, only, openapi, operations } from '../../service.js';

const get = (rest: Record<string, unknown> = {}) => ({ get: { responses: { 204: {} }, ...rest } });

describe('servers', () => {
  it.each([
    ['an absolute URL, without its trailing slash', [{ url: 'https://a.example/v1/' }], 'https://a.example/v1'],
    ['variables by their defaults', [{ url: 'https://{region}.example', variables: { region: { default: 'eu' } } }], 'https://eu.example'],
    ['the root of wherever the document was', [{ url: '/' }], undefined],
    ['none', undefined, undefined],
  ])('%s', async (_, servers, want) => {
    const loaded = await load({ 'api.json': openapi({ '/a': get() }, { servers }) });
    expect([loaded.diagnostics, loaded.model?.baseUrl]).toEqual([[], want]);
  });

  it.each([
    ['a script', [{ url: 'javascript:alert(1)' }], 'error invalid-server'],
    ['a URL that would break out of text', [{ url: 'https://a.example/`x`' }], 'error invalid-server'],
    ['a variable without a default', [{ url: 'https://{x}.example' }], 'error invalid-server'],
    ['no URL', [{}], 'error invalid-server'],
    ['a path without a host', [{ url: '/v1' }], 'warning relative-server'],
  ])('reports %s', async (_, servers, want) => {
    expect(codes(await load({ 'api.json': openapi({ '/a': get() }, { servers }) }))).toEqual([want]);
  });

  it('of operations and paths are told where they differ', async () => {
    const service = await model({
      'api.json': openapi({
        '/a': get(),
        '/b': get({ servers: [{ url: 'https://other.example' }] }),
        '/c': { servers: [{ url: 'https://path.example/' }], ...get() },
        '/d': get({ servers: [{ url: 'https://api.shop.example/' }] }),
      }),
    });
    expect(operations(service).map(({ path, server }) => [path, server])).toEqual([
      ['/a', undefined],
      ['/b', 'https://other.example'],
      ['/c', 'https://path.example'],
      ['/d', undefined],
    ]);
  });

  it('of several documents: the first that most name, and the others', async () => {
    const urls = (...list: string[]) => ({ servers: list.map((url) => ({ url })) });
    const service = await model({
      'a.json': openapi({ '/a': get() }, urls('https://x.example')),
      'b.json': openapi({ '/b': get() }, urls('https://y.example', 'https://eu.example')),
      'c.json': openapi({ '/c': get() }, urls('https://y.example')),
    });
    expect(service).toMatchObject({
      baseUrl: 'https://y.example',
      otherServers: [{ url: 'https://x.example' }, { url: 'https://eu.example' }],
    });
    expect(operations(service).map(({ server }) => server)).toEqual(['https://x.example', undefined, undefined]);
  });
});

describe('security', () => {
  const schemes = {
    token: { type: 'http', scheme: 'Bearer' },
    login: { type: 'http', scheme: 'basic' },
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    oauth: { type: 'oauth2', flows: {} },
    oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://a.example' },
    mutual: { type: 'mutualTLS' },
  };
  const secured = (paths: unknown, security?: unknown) => ({
    'api.json': openapi(paths, { components: { securitySchemes: schemes }, ...(security === undefined ? {} : { security }) }),
  });

  it.each([
    [[{ token: [] }], [{ type: 'bearer', scheme: 'token' }]],
    [
      [{ oauth: ['read'] }, { token: [] }, { oauth: ['write'] }, { oidc: [] }],
      [
        { type: 'bearer', scheme: 'oauth' },
        { type: 'bearer', scheme: 'token' },
        { type: 'bearer', scheme: 'oidc' },
      ],
    ],
    [
      [{ login: [] }, { key: [] }],
      [
        { type: 'basic', scheme: 'login' },
        { type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'key' },
      ],
    ],
    // W3: both are needed.
    [
      [{ key: [], login: [] }, { token: [] }],
      [
        {
          type: 'all',
          of: [
            { type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'key' },
            { type: 'basic', scheme: 'login' },
          ],
        },
        { type: 'bearer', scheme: 'token' },
      ],
    ],
    // One header holds one token.
    [[{ oauth: [], token: [] }], [{ type: 'bearer', scheme: 'oauth' }]],
    [[{ mutual: [], key: [] }], [{ type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'key' }]],
    [[{}], []],
  ])('%j is %j', async (security, want) => {
    expect((await model(secured({ '/a': get() }, security))).security).toEqual(want);
  });

  it('is that of most operations, and told where it differs', async () => {
    const service = await model(
      secured({
        '/a': get({ security: [{ token: [] }] }),
        '/b': get({ security: [{ token: ['read'] }] }),
        '/c': get(),
        '/d': get({ security: [] }),
        '/e': get({ security: [{ key: [] }] }),
        '/f': get({ security: [{}, { token: [] }] }),
        '/g': get({ security: [{}] }),
      }),
    );
    const bearer = { type: 'bearer', scheme: 'token' };
    expect(service.security).toEqual([bearer]);
    expect(operations(service).map(({ security }) => security)).toEqual([
      undefined,
      undefined,
      // Nothing is declared: the service's credentials are sent, but the operation can be called without them.
      [bearer, { type: 'none' }],
      [],
      [{ type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'key' }],
      [bearer, { type: 'none' }],
      [],
    ]);
  });

  it('reports schemes that are not declared, with the nearest name', async () => {
    const loaded = await load(secured({ '/a': get() }, [{ tokn: [] }]));
    expect(codes(loaded)).toEqual(['error unknown-security-scheme']);
    expect(loaded.diagnostics[0]?.hint).toContain('Did you mean "token"?');
  });
});

describe('operations', () => {
  const id = (operationId: string) => get({ operationId, tags: ['x'] }).get;

  it.each([
    ['an operationId that repeats', { '/a': { get: id('same') }, '/b': { get: id('same') } }, 'duplicate-operation-id', 2],
    ['a method that does not exist', { '/a': { gett: id('a'), post: id('b') } }, 'unknown-method', 1],
    ['an operation that is none', { '/a': { get: 'x', post: id('b') } }, 'invalid-operation', 1],
    ['a path item that is none', { '/a': null, '/b': { get: id('b') } }, 'invalid-path-item', 1],
    ['a path without a slash', { a: { get: id('a') } }, 'invalid-path', 1],
  ])('reports %s', async (_, paths, code, count) => {
    const files = { 'api.json': openapi(paths) };
    expect(codes(await load(files))).toEqual([`error ${code}`]);
    const repaired = await load(files, { repair: true });
    expect(codes(repaired)).toEqual([`repair ${code}`]);
    expect(repaired.model && operations(repaired.model)).toHaveLength(count);
  });

  it('reports one operation in two documents, and where the first is', async () => {
    const loaded = await load({ 'a.json': openapi({ '/x': get() }), 'b.json': openapi({ '/x': get() }) });
    expect(codes(loaded)).toEqual(['error duplicate-operation']);
    expect(loaded.diagnostics[0]).toMatchObject({ file: 'b.json', message: expect.stringContaining('first in a.json') });
  });

  it('may have the same operationId in different documents', async () => {
    const files = { 'a.json': openapi({ '/a': get({ operationId: 'list' }) }), 'b.json': openapi({ '/b': get({ operationId: 'list' }) }) };
    expect(operations(await model(files)).map((operation) => operation.id)).toEqual(['a.list', 'b.list']);
  });

  it('point at the second of two operationIds', async () => {
    const text =
      'openapi: 3.1.0\npaths:\n  /a: {get: {operationId: x, responses: {204: {}}}}\n  /b: {get: {operationId: x, responses: {204: {}}}}\n';
    expect(findings(await load({ 'a.yaml': text }))).toEqual(['error duplicate-operation-id a.yaml:4:27']);
  });

  it('keep summaries, descriptions and deprecation, and those of their tags', async () => {
    const service = await model({
      'api.json': openapi(
        { '/a': { summary: 'Path.', get: { tags: ['Big Things'], description: 'D.', deprecated: true, responses: { 204: {} } } } },
        { tags: [{ name: 'Big Things', description: 'Things.' }] },
      ),
    });
    expect(only(service)).toMatchObject({ summary: 'Path.', description: 'D.', deprecated: true });
    expect(service.namespaces[0]).toMatchObject({ name: 'bigThings', className: 'BigThingsApi', description: 'Things.' });
  });
});
