import { runInNewContext } from 'node:vm';
import type { Operation } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, operation, TRANSPORTS, testClient } from '../../../support/client.js';
import { json, Loopback, type Seen } from '../../../support/loopback.js';

const post = (
  kind: 'json' | 'multipart' | 'urlencoded' | 'text' | 'binary',
  contentType: string,
  given: Partial<Operation> = {},
): Operation => operation({ id: 'things.send', method: 'POST', body: { kind, contentType, required: true }, ...given });

const multipart = post('multipart', 'multipart/form-data');
const form = post('urlencoded', 'application/x-www-form-urlencoded');
const binary = post('binary', 'application/pdf');

describe.each(TRANSPORTS)('%s', (_, transport) => {
  let server: Loopback;

  beforeEach(async () => {
    server = await Loopback.start();
  });

  afterEach(() => server.stop());

  const send = async (op: Operation, params: unknown): Promise<Seen> => {
    await testClient({ baseUrl: server.origin, token: 't', ...transport }).call(op, params);
    return server.request(server.requests.length);
  };

  test('JSON', async () => {
    const seen = await send(createThing, { body: { name: 'größe', when: new Date(0), no: undefined } });
    expect(seen.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer t', accept: 'application/json' });
    expect(String(seen.body)).toBe('{"name":"größe","when":"1970-01-01T00:00:00.000Z"}');
  });

  test('JSON of a type of its own, of arrays, of primitives', async () => {
    const merge = post('json', 'application/merge-patch+json', { method: 'PATCH' });
    const seen = await send(merge, { body: [1, 'two', null] });
    expect([seen.headers['content-type'], String(seen.body)]).toEqual(['application/merge-patch+json', '[1,"two",null]']);
    expect(String((await send(merge, { body: null })).body)).toBe('null');
  });

  test('none where an optional one is left out, with a length of 0', async () => {
    const seen = await send(createThing, {});
    expect([seen.method, seen.body.length, seen.headers['content-length'], seen.headers['content-type']]).toEqual([
      'POST',
      0,
      '0',
      undefined,
    ]);
  });

  test('DELETE with a body', async () => {
    const seen = await send(operation({ id: 'things.remove', method: 'DELETE', body: { kind: 'json', contentType: 'application/json' } }), {
      body: { ids: [1] },
    });
    expect([seen.method, String(seen.body), seen.headers['content-length']]).toEqual(['DELETE', '{"ids":[1]}', '11']);
  });

  test('urlencoded: arrays repeat, null and undefined are left out, objects are JSON', async () => {
    const seen = await send(form, {
      body: { a: 'x & y', tags: ['1', '2'], none: undefined, nil: null, o: { k: 1 }, n: 0, at: new Date(0) },
    });
    expect(seen.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect([...new URLSearchParams(String(seen.body))]).toEqual([
      ['a', 'x & y'],
      ['tags', '1'],
      ['tags', '2'],
      ['o', '{"k":1}'],
      ['n', '0'],
      ['at', '1970-01-01T00:00:00.000Z'],
    ]);
  });

  test('multipart: fields, files as Blob, File, bytes and with a name of their own', async () => {
    const seen = await send(multipart, {
      body: {
        title: 'größe',
        nil: null,
        tags: ['a', 'b'],
        blob: new Blob(['blob'], { type: 'text/plain' }),
        file: new File(['file'], 'f.txt', { type: 'text/plain' }),
        bytes: new Uint8Array([104, 105]),
        named: { data: new Uint8Array([1, 2, 3]), filename: 'voice.wav', contentType: 'audio/wav' },
        text: { data: 'plain', filename: 'a b.txt' },
        meta: { deep: true },
        files: [new Blob(['1']), new Blob(['2'])],
      },
    });
    expect(seen.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    const parsed = await formOf(seen);
    const file = async (name: string): Promise<unknown> => {
      const entry = parsed.get(name) as File;
      return [entry.name, entry.type, await entry.text()];
    };
    expect(parsed.get('title')).toBe('größe');
    expect(parsed.has('nil')).toBe(false);
    expect(parsed.getAll('tags')).toEqual(['a', 'b']);
    expect(parsed.get('meta')).toBe('{"deep":true}');
    expect(await file('blob')).toEqual(['blob', 'text/plain', 'blob']);
    expect(await file('file')).toEqual(['f.txt', 'text/plain', 'file']);
    expect(((await file('bytes')) as string[])[2]).toBe('hi');
    expect(await file('named')).toEqual(['voice.wav', 'audio/wav', '\u0001\u0002\u0003']);
    expect(((await file('text')) as string[])[0]).toBe('a b.txt');
    expect(parsed.getAll('files')).toHaveLength(2);
  });

  test('multipart: parts that the document wants as one JSON text, even lists', async () => {
    const op = operation({
      id: 'things.send',
      method: 'POST',
      body: { kind: 'multipart', contentType: 'multipart/form-data', jsonParts: ['texts'] },
    });
    const parsed = await formOf(await send(op, { body: { texts: [{ title: 'a' }, { title: 'b' }], urls: ['u', 'v'] } }));
    expect(parsed.getAll('texts')).toEqual(['[{"title":"a"},{"title":"b"}]']);
    expect(parsed.getAll('urls')).toEqual(['u', 'v']);
  });

  test('multipart: names and values that try to break out stay what they are', async () => {
    const evil = 'a"; filename="x\r\nX-Evil: 1';
    const seen = await send(multipart, { body: { [evil]: { data: 'content', filename: evil }, text: '--\r\n\r\n"' } });
    const parsed = await formOf(seen);
    expect([...parsed.keys()]).toHaveLength(2);
    expect(parsed.get('text')).toBe('--\r\n\r\n"');
    expect(String(seen.body)).not.toContain('\r\nX-Evil');
  });

  test('multipart: a FormData goes as it is, and goes again whole when it is repeated', async () => {
    server.answer(json({}, 503), json({}));
    const body = new FormData();
    body.append('file', new Blob(['content']), 'f.txt');
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: { baseDelayMs: 0, maxDelayMs: 0 }, ...transport });
    await acme.call(multipart, { body }, { idempotent: true });
    expect(server.requests).toHaveLength(2);
    for (const seen of server.requests) expect(String(seen.body)).toContain('content');
  });

  test('text', async () => {
    const seen = await send(post('text', 'text/csv'), { body: 'a,b\n1,2' });
    expect([seen.headers['content-type'], String(seen.body)]).toEqual(['text/csv', 'a,b\n1,2']);
  });

  test.each([
    ['bytes', new Uint8Array([1, 2, 3]), 'application/pdf'],
    ['a Blob without a type', new Blob([new Uint8Array([1, 2, 3])]), 'application/pdf'],
    ['a Blob with a type', new Blob([new Uint8Array([1, 2, 3])], { type: 'image/png' }), 'image/png'],
    ['a named file', { data: new Uint8Array([1, 2, 3]), filename: 'a.pdf' }, 'application/pdf'],
    ['a window on a larger buffer', new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4), 'application/pdf'],
    ['a string', '\u0001\u0002\u0003', 'application/pdf'],
  ])('binary from %s', async (_name, body, type) => {
    const seen = await send(binary, { body });
    expect([[...seen.body], seen.headers['content-type']]).toEqual([[1, 2, 3], type]);
  });

  const other = (code: string): unknown => runInNewContext(code);

  test.each<[string, unknown]>([
    ['an ArrayBuffer', new Uint8Array([104, 105]).buffer],
    ['a view of 16 bits', new Uint16Array(new Uint8Array([104, 105]).buffer)],
    ['a part of a buffer', new DataView(new Uint8Array([0, 104, 105, 0]).buffer, 1, 2)],
    ['bytes of another realm', other('new Uint8Array([104, 105])')],
    ['a buffer of another realm', other('new Uint8Array([104, 105]).buffer')],
  ])('bytes from %s: the same in every kind of body', async (_name, bytes) => {
    expect(String((await send(binary, { body: bytes })).body)).toBe('hi');
    expect(String((await send(post('text', 'text/plain'), { body: bytes })).body)).toBe('hi');
    const parts = String((await send(multipart, { body: { f: bytes, g: { data: bytes, filename: 'g' } } })).body);
    expect(parts.match(/\r\n\r\nhi\r\n/g)).toHaveLength(2);
  });

  test('R1 bytes are those of the call, also at the second attempt', async () => {
    const bytes = new Uint8Array([104, 105]);
    server.answer((response, seen) => {
      bytes.fill(33);
      json({}, 503)(response, seen);
    }, json({}));
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, ...transport });
    await acme.call(binary, { body: bytes }, { idempotent: true });
    expect(server.requests.map(({ body }) => String(body))).toEqual(['hi', 'hi']);
  });

  test('urlencoded from URLSearchParams, as it is', async () => {
    expect(String((await send(form, { body: new URLSearchParams('b=2&a=1&a=3') })).body)).toBe('b=2&a=1&a=3');
  });

  test('a date of another realm, in forms and in the query', async () => {
    const at = other('new Date(0)');
    expect(String((await send(form, { body: { at } })).body)).toBe('at=1970-01-01T00%3A00%3A00.000Z');
    const seen = await send(operation({ params: [{ key: 'at', in: 'query' }] }), { at });
    expect(seen.url).toBe('/things?at=1970-01-01T00%3A00%3A00.000Z');
  });

  test('a set in the query and in a header is a list', async () => {
    const params = [
      { key: 'q', in: 'query' },
      { key: 'h', in: 'header' },
    ] as const;
    const seen = await send(operation({ params }), { q: new Set([1, 2]), h: new Set(['a', 'b']) });
    expect([seen.url, seen.headers['h']]).toEqual(['/things?q=1&q=2', 'a,b']);
  });

  test('no body, no content type: GET', async () => {
    const seen = await send(operation({}), {});
    expect([seen.headers['content-type'], seen.headers['content-length']]).toEqual([undefined, undefined]);
  });
});

describe('what cannot be written is a RequestError, and nothing is sent', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  test.each([
    ['a missing body', multipart, undefined, /'body' is missing/],
    ['a circle', createThing, circular, /'body' cannot be written as JSON/],
    ['a bigint', createThing, { n: 1n }, /'body' cannot be written as JSON/],
    ['a function', createThing, () => 1, /'body' is a function, which cannot be sent/],
    ['a Map, whose JSON is {}', createThing, new Map([['a', 1]]), /'body' is a Map, which cannot be sent/],
    ['a promise that nobody awaited', createThing, Promise.resolve({ a: 1 }), /'body' is a Promise, which cannot be sent/],
    ['bytes as JSON', createThing, new Uint8Array(2), /'body' is a Uint8Array, which cannot be sent/],
    ['a form that is a Map', form, new Map([['a', 1]]), /'body' is a list or a map/],
    ['a form that is a FormData', form, new FormData(), /'body' is a list or a map/],
    ['a form with a Set', form, { a: new Set([1]) }, /a field of the 'body' is a Set/],
    ['a multipart that is a Map', multipart, new Map([['a', 1]]), /'body' is a list or a map/],
    ['a multipart with a symbol', multipart, { a: Symbol('x') }, /a field of the 'body' is a symbol/],
    ['a file with other data', multipart, { a: { data: { b: 1 }, filename: 'a' } }, /'data' of a file/],
    ['a text that is an object', post('text', 'text/plain'), { a: 1 }, /'body' is an object, not text/],
    ['a form that is no object', form, 'text', /'body' is not an object/],
    ['a form with a circle', form, { circular }, /cannot be written/],
    ['a form with an invalid date', form, { at: new Date(Number.NaN) }, /cannot be written/],
    ['a binary that is none', binary, { a: 1 }, /neither a string, a Uint8Array nor a Blob/],
    ['a text that has none', post('text', 'text/plain'), Object.create(null), /'body' is an object, not text/],
  ])('%s', async (_, op, body, message) => {
    const error = await errorOf(testClient({ baseUrl: 'http://127.0.0.1:1', token: 't', retry: false }).call(op, { body }));
    expect(error).toMatchObject({ kind: 'request', code: 'EREQUEST', operation: op.id });
    expect((error as Error).message).toMatch(message);
  });
});

/** The form as a server reads it. */
function formOf(seen: Seen): Promise<FormData> {
  return new Response(new Uint8Array(seen.body), { headers: { 'content-type': seen.headers['content-type'] ?? '' } }).formData();
}

test.each<[string, unknown]>([
  ['a Map', new Map([['a', 1]])],
  ['a Promise', Promise.resolve(1)],
  ['a Uint8Array', new Uint8Array(1)],
])('%s as a parameter is a RequestError: it would be left out', async (kind, given) => {
  for (const place of ['query', 'header', 'path'] as const) {
    const op = operation({ path: '/{p}', params: [{ key: 'p', in: place }] });
    const error = await errorOf(testClient({ baseUrl: 'http://127.0.0.1:1', token: 't', retry: false }).call(op, { p: given }));
    expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining(`parameter 'p' is ${kind}`) });
  }
});
