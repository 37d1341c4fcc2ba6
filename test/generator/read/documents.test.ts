import { describe, expect, it } from 'vitest';
import { findings, load, model, one, only, openapi } from '../service.js';

const yaml = `openapi: 3.1.0
info: {title: Shop, version: 1}
paths:
  /items:
    get:
      operationId: listItems
      tags: [items]
      responses:
        200: {description: fine}
`;

describe('documents', () => {
  it.each([
    ['a YAML document', { 'api.yaml': yaml }],
    ['a YAML document of 3.0', { 'api.yml': yaml.replace('3.1.0', '3.0.3') }],
    ['a YAML document whose version is a number', { 'api.yaml': yaml.replace('3.1.0', '3.1') }],
    ['a document with a byte order mark and Windows line ends', { 'api.yaml': `\ufeff${yaml.replaceAll('\n', '\r\n')}` }],
    [
      'a JSON document',
      { 'api.json': openapi({ '/items': { get: { operationId: 'listItems', tags: ['items'], responses: { 200: {} } } } }) },
    ],
  ])('reads %s', async (_, files) => {
    expect(only(await model(files))).toMatchObject({ id: 'items.list', method: 'GET', path: '/items' });
  });

  it('says where an operation stands', async () => {
    expect(only(await model({ 'specs/api.yaml': yaml })).location).toEqual({ file: 'specs/api.yaml', line: 5, column: 5 });
  });

  it.each([
    ['a missing file', {}, ['gone.yaml'], ['error missing-file gone.yaml']],
    ['a folder', { 'sub/x.yaml': yaml }, ['sub'], ['error unreadable-file sub']],
    ['no file at all', {}, [], ['error no-documents breakers.yaml']],
    ['Swagger 2.0', { 'a.json': '{\n  "swagger": "2.0",\n  "paths": {}\n}' }, undefined, ['error swagger-2 a.json:2:14']],
    ['another kind of document', { 'a.yaml': 'services:\n  web: {}\n' }, undefined, ['error not-openapi a.yaml:1:1']],
    ['an empty document', { 'a.yaml': '' }, undefined, ['error not-openapi a.yaml:1:1']],
    ['a list', { 'a.json': '[]' }, undefined, ['error not-openapi a.json:1:1']],
    ['a version that does not exist yet', { 'a.yaml': 'openapi: 4.0.0\n' }, undefined, ['error unsupported-version a.yaml:1:10']],
    ['a YAML syntax error', { 'a.yaml': 'openapi: 3.1.0\ninfo: {title: x\npaths: {}\n' }, undefined, ['error yaml-syntax a.yaml:2:7']],
    ['a JSON syntax error', { 'a.json': '{\n  "openapi": "3.1.0"\n  "info": {}\n}' }, undefined, ['error json-syntax a.json:3:3']],
    ['JSON that ends early', { 'a.json': '{\n  "openapi": ' }, undefined, ['error json-syntax a.json:2:12']],
    ['a key that stands twice in YAML', { 'a.yaml': `${yaml}info: {}\n` }, undefined, ['error duplicate-key a.yaml:10:1']],
    [
      'a key that stands twice in JSON',
      { 'a.json': '{"openapi": "3.1.0",\n "info": {},\n "info": {},\n "paths": {"/a": {"get": {"responses": {"200": {}}}}}}' },
      undefined,
      ['error duplicate-key a.json:3:2'],
    ],
    ['a document without operations', { 'a.yaml': 'openapi: 3.1.0\npaths: {}\n' }, undefined, ['error no-operations a.yaml:1:1']],
    [
      'nesting without end',
      { 'a.json': `{"openapi": "3.1.0", "x": ${'['.repeat(3_000)}${']'.repeat(3_000)}}` },
      undefined,
      ['error too-deep a.json:1:1'],
    ],
    [
      'a YAML alias bomb',
      {
        'a.yaml': `openapi: 3.1.0\na: &a [x, x]\n${'bcdefghijkl'
          .split('')
          .map((k, i) => `${k}: &${k} [${`*${'abcdefghijk'[i]}, `.repeat(9)}]\n`)
          .join('')}`,
      },
      undefined,
      ['error yaml-syntax a.yaml:1:1'],
    ],
  ])('reports %s', async (_, files, names, want) => {
    const loaded = await load(files, names === undefined ? {} : { files: names });
    expect(findings(loaded)).toEqual(want);
    expect(loaded.model).toBeUndefined();
  });

  it('says in one sentence what Swagger 2.0 is', async () => {
    const { diagnostics } = await load({ 'a.json': '{"swagger": "2.0"}' });
    expect(diagnostics[0]?.message).toBe('Expected OpenAPI 3.0.x or 3.1.x, found Swagger 2.0.');
  });

  it('reads the last of repeated keys with repair: true', async () => {
    const loaded = await load({ 'a.yaml': `${yaml}info: {title: Later, version: 2}\n` }, { repair: true });
    expect(findings(loaded)).toEqual(['repair duplicate-key a.yaml:10:1']);
    expect(loaded.model?.title).toBe('Later');
  });

  it('reports the faults of several documents together', async () => {
    const loaded = await load({
      'a.json': '{',
      'b.yaml': 'swagger: "2.0"',
      'c.json': one({ parameters: [{ name: 'q', in: 'qery', schema: {} }] }),
    });
    expect(findings(loaded)).toEqual([
      'error json-syntax a.json:1:1',
      'error swagger-2 b.yaml:1:10',
      'error invalid-parameter-place c.json:27:19',
    ]);
  });

  it('puts a frame and a hint into what it reports', async () => {
    const { diagnostics } = await load({
      'a.yaml': yaml.replace('      responses', '      parameters: [{name: q, in: qery, schema: {}}]\n      responses'),
    });
    expect(diagnostics[0]).toMatchObject({
      message: 'Expected `in` of the parameter "q" to be one of path, query, header, cookie, found "qery"',
      hint: 'Did you mean "query"? With `repair: true` for this service it is read as "query".',
    });
    expect(diagnostics[0]?.frame?.split('\n')).toEqual([
      '   6 |       operationId: listItems',
      '   7 |       tags: [items]',
      '>  8 |       parameters: [{name: q, in: qery, schema: {}}]',
      '     |                                  ^^^^',
      '   9 |       responses:',
      '  10 |         200: {description: fine}',
    ]);
  });
});
