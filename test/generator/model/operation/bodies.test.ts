import { describe, expect, it } from 'vitest';
import { codes, load, model, one, only, openapi } from '../../service.js';

const item = { type: 'object', properties: { id: { type: 'string' } } };
const components = { components: { schemas: { Item: item, Other: { type: 'object', properties: { n: { type: 'number' } } } } } };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const content = (type: string, schema: unknown = ref('Item')) => ({ content: { [type]: { schema } } });
const build = async (operation: Record<string, unknown>) => {
  const service = await model({ 'api.json': one(operation, components) });
  return { operation: only(service), schemas: service.schemas };
};

describe('request bodies', () => {
  it.each([
    [
      'JSON',
      content('application/json; charset=utf-8'),
      { kind: 'json', contentType: 'application/json', type: { kind: 'schema', name: 'Item' } },
    ],
    ['JSON of some kind', content('application/merge-patch+json'), { kind: 'json', contentType: 'application/merge-patch+json' }],
    ['anything', content('*/*'), { kind: 'json', contentType: 'application/json' }],
    ['a multipart form', content('multipart/form-data'), { kind: 'multipart' }],
    [
      'a multipart form with parts in JSON',
      {
        content: {
          'multipart/form-data': {
            schema: ref('Item'),
            encoding: { id: { contentType: 'application/json' }, file: { contentType: 'image/png' } },
          },
        },
      },
      { kind: 'multipart', jsonParts: ['id'] },
    ],
    ['a urlencoded form', content('application/x-www-form-urlencoded'), { kind: 'urlencoded' }],
    ['text', content('text/csv', { type: 'string' }), { kind: 'text', contentType: 'text/csv', type: { kind: 'builtin', text: 'string' } }],
    [
      'bytes',
      content('audio/wav', {}),
      { kind: 'binary', schema: { type: 'string', format: 'binary' }, type: { kind: 'builtin', text: 'Uint8Array' } },
    ],
    ['a range of texts', content('text/*', {}), { kind: 'text', contentType: 'text/plain' }],
    ['a range of bytes', content('image/*', {}), { kind: 'binary', contentType: 'application/octet-stream' }],
    ['an inline schema', content('application/json', item), { type: { kind: 'schema', name: 'ItemsCreateBody' } }],
    ['no schema', { content: { 'application/json': {} } }, { kind: 'json', type: { kind: 'builtin', text: 'unknown' } }],
    [
      'the best of several',
      { content: { 'application/xml': {}, 'multipart/form-data': {}, 'application/vnd.x+json': {}, 'application/json': {} } },
      { contentType: 'application/json' },
    ],
    ['a form before text', { content: { 'text/plain': {}, 'application/x-www-form-urlencoded': {} } }, { kind: 'urlencoded' }],
  ])('%s', async (_, requestBody, want) => {
    expect((await build({ requestBody })).operation.body).toMatchObject(want);
  });

  it('keep binary parts of forms as they are', async () => {
    const { schemas } = await build({
      requestBody: content('multipart/form-data', { type: 'object', properties: { file: { type: 'string', format: 'binary' } } }),
    });
    expect(schemas['ItemsCreateBody']).toEqual({ type: 'object', properties: { file: { type: 'string', format: 'binary' } } });
    expect(schemas['ItemsCreateParams']).toEqual({
      type: 'object',
      properties: { body: { $ref: '#/components/schemas/ItemsCreateBody' } },
    });
  });

  it('stay with DELETE', async () => {
    const service = await model({
      'api.json': openapi({
        '/a': { delete: { operationId: 'x', requestBody: content('application/json', item), responses: { 204: {} } } },
      }),
    });
    expect(only(service)).toMatchObject({ method: 'DELETE', body: { kind: 'json' } });
  });

  it('without content are a fault', async () => {
    const files = { 'api.json': one({ requestBody: { required: true } }) };
    expect(codes(await load(files))).toEqual(['error body-without-content']);
    expect(codes(await load(files, { repair: true }))).toEqual(['repair body-without-content']);
  });
});

describe('responses', () => {
  it.each([
    ['a reference', { 200: content('application/json') }, { kind: 'json', success: true }, { kind: 'schema', name: 'Item' }],
    ['an inline schema', { 200: content('application/json', item) }, { kind: 'json' }, { kind: 'schema', name: 'ItemsCreateResult' }],
    [
      'a list',
      { 200: content('application/json', { type: 'array', items: ref('Item') }) },
      { kind: 'json' },
      { kind: 'schema', name: 'ItemsCreateResult' },
    ],
    [
      'JSON beside XML',
      { 200: { content: { 'application/xml': {}, 'application/json': { schema: ref('Item') } } } },
      { contentType: 'application/json' },
      { kind: 'schema', name: 'Item' },
    ],
    ['no content at 204', { 204: {} }, { kind: 'none' }, { kind: 'builtin', text: 'undefined' }],
    ['no content at 202', { 202: {} }, { kind: 'none' }, { kind: 'builtin', text: 'undefined' }],
    ['no content at 303', { 303: {}, 400: {} }, { kind: 'none', success: true }, { kind: 'builtin', text: 'undefined' }],
    ['no content at 200', { 200: {} }, { kind: 'any' }, { kind: 'builtin', text: 'unknown' }],
    ['empty content at 200', { 200: { content: {} } }, { kind: 'any' }, { kind: 'builtin', text: 'unknown' }],
    [
      'JSON without a schema',
      { 200: { content: { 'application/json': {} } } },
      { kind: 'any', contentType: 'application/json' },
      { kind: 'builtin', text: 'unknown' },
    ],
    ['text', { 200: content('text/csv', {}) }, { kind: 'text' }, { kind: 'builtin', text: 'string' }],
    ['a recording', { 200: content('audio/x-wav', {}) }, { kind: 'binary' }, { kind: 'builtin', text: 'Uint8Array' }],
    ['a PDF', { 200: content('application/pdf', {}) }, { kind: 'binary' }, { kind: 'builtin', text: 'Uint8Array' }],
    [
      'bytes called JSON',
      { 200: content('application/json', { type: 'string', format: 'binary' }) },
      { kind: 'binary' },
      { kind: 'builtin', text: 'Uint8Array' },
    ],
    ['only a default', { default: content('application/json') }, { status: 'default', success: true }, { kind: 'schema', name: 'Item' }],
    ['a range', { '2xx': content('application/json') }, { status: '2XX', success: true }, { kind: 'schema', name: 'Item' }],
    ['only errors', { 400: {} }, { status: '2XX', success: true, kind: 'any' }, { kind: 'builtin', text: 'unknown' }],
  ])('%s', async (_, responses, first, result) => {
    const { operation } = await build({ responses });
    expect(operation.responses[0]).toMatchObject(first);
    expect(operation.resultType).toEqual(result);
  });

  it('make a union of distinct successes', async () => {
    const { operation, schemas } = await build({
      responses: {
        200: content('application/json'),
        201: content('application/json'),
        202: content('application/json', ref('Other')),
        204: {},
        206: content('application/json', item),
      },
    });
    expect(operation.resultType).toEqual({
      kind: 'union',
      members: [
        { kind: 'schema', name: 'Item' },
        { kind: 'schema', name: 'Other' },
        { kind: 'builtin', text: 'undefined' },
        { kind: 'schema', name: 'ItemsCreateResult' },
      ],
    });
    expect(Object.keys(schemas)).toEqual(['Item', 'ItemsCreateResult', 'Other']);
  });

  it('name inline errors by their status, the same body once', async () => {
    const { operation, schemas } = await build({
      responses: {
        204: {},
        400: content('application/json', item),
        422: content('application/json', item),
        '5XX': content('application/json', { type: 'object', properties: { e: {} } }),
        default: content('application/json'),
      },
    });
    expect(operation.responses.map(({ status, success, type }) => [status, success, type.kind === 'schema' ? type.name : type])).toEqual([
      [204, true, { kind: 'builtin', text: 'undefined' }],
      [400, false, 'ItemsCreateBadRequest'],
      [422, false, 'ItemsCreateBadRequest'],
      ['5XX', false, 'ItemsCreateStatus5xx'],
      ['default', false, 'Item'],
    ]);
    expect(Object.keys(schemas)).toContain('ItemsCreateBadRequest');
  });

  it('that operations share have one type', async () => {
    const shared = { responses: { NotFound: content('application/json', item) } };
    const get = { responses: { 204: {}, 404: { $ref: '#/components/responses/NotFound' } } };
    const service = await model({
      'api.json': openapi(
        { '/a': { get: { operationId: 'a', ...get } }, '/b': { get: { operationId: 'b', ...get } } },
        { components: shared },
      ),
    });
    expect(Object.keys(service.schemas)).toEqual(['NotFoundResponse']);
  });

  it('that are missing or no statuses are faults', async () => {
    for (const [responses, code] of [
      [undefined, 'missing-responses'],
      [{}, 'missing-responses'],
      [{ ok: {}, 200: {} }, 'invalid-status'],
    ] as const) {
      const files = { 'api.json': one({ responses }) };
      expect(codes(await load(files))).toEqual([`error ${code}`]);
      const repaired = await load(files, { repair: true });
      expect(codes(repaired)).toEqual([`repair ${code}`]);
      expect(repaired.model && only(repaired.model).resultType).toEqual({ kind: 'builtin', text: 'unknown' });
    }
  });
});
