import { describe, expect, it } from 'vitest';
import { codes, load, model, one, only, openapi } from '../../service.js';

const string = { type: 'string' };
const load1 = (parameters: unknown, more: Record<string, unknown> = {}, repair = false) =>
  load({ 'api.json': one({ parameters, ...more }) }, { repair });
const params = async (parameters: unknown, more: Record<string, unknown> = {}) =>
  only(await model({ 'api.json': one({ parameters, ...more }) })).params;
const query = (name: string, rest: Record<string, unknown> = {}) => ({ name, in: 'query', schema: string, ...rest });
const header = (name: string, rest: Record<string, unknown> = {}) => ({ name, in: 'header', schema: string, ...rest });

describe('parameters', () => {
  it.each([
    ['a query parameter', query('page_size'), { key: 'page_size', wire: 'page_size', in: 'query', required: false }],
    [
      'a required one',
      query('q', { required: true, description: 'Words.', deprecated: true }),
      { required: true, description: 'Words.', deprecated: true },
    ],
    ['an odd name', query('{field_name}'), { key: 'fieldName', wire: '{field_name}' }],
    ['a name in brackets', query('filter[name]'), { key: 'filterName', wire: 'filter[name]' }],
    ['a header', header('on-behalf-of'), { key: 'onBehalfOf', wire: 'on-behalf-of', in: 'header' }],
    ['a header with a capital', header('Channel'), { key: 'channel', wire: 'Channel' }],
    ['a cookie', { name: 'session', in: 'cookie', schema: string }, { key: 'session', in: 'cookie' }],
    ['a style', query('ids', { style: 'pipeDelimited', explode: false }), { style: 'pipeDelimited', explode: false }],
    [
      'the default style',
      query('ids', { style: 'form', explode: true, allowReserved: true }),
      { style: undefined, explode: true, allowReserved: true },
    ],
    [
      'JSON in a parameter',
      { name: 'where', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
      { style: 'json', schema: { type: 'object' } },
    ],
    ['an example of its own', query('q', { example: 'x' }), { schema: { type: 'string', example: 'x' } }],
    ['a name of the prototype', query('__proto__'), { key: 'queryProto', wire: '__proto__' }],
    ['a name that objects have', query('constructor'), { key: 'constructor', wire: 'constructor' }],
  ])('%s', async (_, parameter, want) => {
    expect(await params([parameter])).toMatchObject([want]);
  });

  it('of the path come first, in the order of the path, and those of the operation win', async () => {
    const place = { in: 'path', required: true, schema: string };
    const service = await model({
      'api.json': openapi({
        '/a/{x}/b/{y}/': {
          parameters: [{ name: 'y', ...place }, query('q', { description: 'shared' })],
          get: {
            operationId: 'get',
            tags: ['a'],
            parameters: [query('q', { description: 'own' }), { name: 'x', ...place }],
            responses: { 204: {} },
          },
        },
      }),
    });
    expect(only(service).path).toBe('/a/{x}/b/{y}/');
    expect(only(service).params.map(({ key, description }) => [key, description])).toEqual([
      ['x', undefined],
      ['y', undefined],
      ['q', 'own'],
    ]);
  });

  it('that the client sets itself are left out', async () => {
    expect(await params([header('Authorization', { required: true }), header('Accept'), header('content-type'), query('q')])).toMatchObject(
      [{ key: 'q' }],
    );
  });

  it.each([
    ['an enum of one', { schema: { type: 'string', enum: ['2021-07-28'] } }, { Version: '2021-07-28' }],
    ['a const', { schema: { const: 3 } }, { Version: '3' }],
    ['an enum of two', { schema: { type: 'string', enum: ['a', 'b'] } }, {}],
    ['a value with a line break', { schema: { type: 'string', enum: ['a\r\nX-Evil: 1'] } }, {}],
  ])('that can have one value are constant headers: %s', async (_, rest, want) => {
    expect(
      only(await model({ 'api.json': one({ parameters: [header('Version', { required: true, ...rest })] }) })).constantHeaders,
    ).toEqual(want);
  });

  it("that are optional stay the caller's to give, even where one value is possible", async () => {
    const operation = only(
      await model({ 'api.json': one({ parameters: [header('Content-Encoding', { schema: { type: 'string', enum: ['gzip'] } })] }) }),
    );
    expect(operation.constantHeaders).toEqual({});
    expect(operation.params.map(({ key }) => key)).toEqual(['contentEncoding']);
  });

  it.each(['Idempotency-Key', 'X-Idempotency-Key', 'idempotency_key'])('called %s are filled in once per call', async (name) => {
    const operation = only(await model({ 'api.json': one({ parameters: [header(name, { required: true })] }) }));
    expect([operation.idempotencyHeader, operation.params]).toEqual([name, []]);
  });

  it('that clash get their place as a prefix, with one warning each', async () => {
    const loaded = await load1([query('id'), header('id'), query('body'), { name: 'id', in: 'cookie', schema: string }]);
    expect(loaded.model && only(loaded.model).params.map(({ key }) => key)).toEqual(['id', 'headerId', 'queryBody', 'cookieId']);
    expect(codes(loaded)).toEqual(['warning parameter-renamed', 'warning parameter-renamed', 'warning parameter-renamed']);
  });

  it('become one object with the body', async () => {
    const service = await model({
      'api.json': one(
        {
          parameters: [
            query('q', { required: true, description: 'Words.' }),
            query('item', { schema: { $ref: '#/components/schemas/Item' }, description: 'Which.' }),
          ],
          requestBody: {
            required: true,
            description: 'The item.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
          },
        },
        { components: { schemas: { Item: { type: 'object', properties: { a: string }, description: 'An item.' } } } },
      ),
    });
    expect(service.schemas['ItemsCreateParams']).toEqual({
      type: 'object',
      properties: {
        q: { type: 'string', description: 'Words.' },
        item: { $ref: '#/components/schemas/Item', description: 'Which.' },
        body: { $ref: '#/components/schemas/Item', description: 'The item.' },
      },
      required: ['q', 'body'],
    });
  });

  it('that are none make no object', async () => {
    expect((await model({ 'api.json': one({}) })).schemas).toEqual({});
  });
});

describe('faults of parameters', () => {
  const at = (path: string, parameters: unknown) => ({
    'api.json': openapi({ [path]: { get: { operationId: 'get', tags: ['a'], parameters, responses: { 204: {} } } } }),
  });
  const inPath = (name: string, rest: Record<string, unknown> = {}) => ({ name, in: 'path', required: true, schema: string, ...rest });

  it.each([
    [
      'a place that does not exist',
      at('/a', [{ name: 'q', in: 'qery', schema: string }]),
      ['invalid-parameter-place'],
      ['query q'],
      '"query"',
    ],
    ['a place of Swagger 2.0', at('/a', [{ name: 'q', in: 'formData', schema: string }]), ['invalid-parameter-place'], [], ''],
    ['no place', at('/a/{q}', [{ name: 'q', required: true, schema: string }]), ['invalid-parameter-place'], ['path q'], ''],
    ['a path parameter that is not declared', at('/a/{id}', []), ['undeclared-path-parameter'], ['path id'], ''],
    ['a path parameter that is not in the path', at('/a', [inPath('id')]), ['path-parameter-not-in-path'], [], ''],
    [
      'a misspelt path parameter',
      at('/a/{contactId}', [inPath('contactID')]),
      ['undeclared-path-parameter', 'path-parameter-not-in-path'],
      ['path contactId'],
      '"contactID"',
    ],
    [
      'a path parameter that is not required',
      at('/a/{id}', [inPath('id', { required: false })]),
      ['path-parameter-not-required'],
      ['path id'],
      '',
    ],
    ['a parameter declared twice', at('/a', [query('q'), query('q')]), ['duplicate-parameter'], ['query q'], ''],
    ['a header declared twice', at('/a', [header('X-A'), header('x-a')]), ['duplicate-parameter'], ['header xA'], ''],
    [
      'a parameter without a schema',
      at('/a', [{ name: 'q', in: 'query', type: 'integer' }]),
      ['parameter-without-schema'],
      ['query q'],
      '',
    ],
    ['a parameter without a name', at('/a', [{ in: 'query', schema: string }]), ['invalid-parameter'], [], ''],
    ['a style that does not exist', at('/a', [query('q', { style: 'deepObjct' })]), ['unsupported-style'], ['query q'], '"deepObject"'],
    ['a header that is none', at('/a', [header('X A: b\r\n')]), ['invalid-header-name'], [], ''],
    ['parameters that are no list', at('/a', { q: query('q') }), ['invalid-parameters'], [], ''],
  ])('%s', async (_, files, want, keys, hint) => {
    const strict = await load(files);
    expect(codes(strict)).toEqual(want.map((code) => `error ${code}`));
    expect(strict.diagnostics[0]?.hint).toContain(hint);
    const repaired = await load(files, { repair: true });
    expect(codes(repaired)).toEqual(want.map((code) => `repair ${code}`));
    expect(repaired.model && only(repaired.model).params.map((param) => `${param.in} ${param.key}`)).toEqual(keys);
  });

  it('are reported together', async () => {
    const files = at('/a/{id}', [
      query('q'),
      query('q'),
      { name: 'r', in: 'qery', schema: { type: 'any' } },
      query('s', { schema: { enum: [1, 1] } }),
    ]);
    expect(codes(await load(files)).sort()).toEqual([
      'error duplicate-enum-value',
      'error duplicate-parameter',
      'error invalid-parameter-place',
      'error invalid-type',
      'error undeclared-path-parameter',
    ]);
  });
});
