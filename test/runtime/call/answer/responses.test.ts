import { type ClientOptions, HttpError, type Operation, type ResponseDescriptor, ResponseParseError } from 'fuseline';
import { mockTransport } from 'fuseline/testing';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, operation, testClient } from '../../../support/client.js';
import { type Answer, badGateway, drip, empty, json, Loopback, resetBody, text } from '../../../support/loopback.js';

let server: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

/** The mock repeats what the loopback server answers, through an MSW handler. */
const relay = (): ClientOptions => ({
  dispatcher: mockTransport(
    http.all('*', async ({ request }) => {
      const answer = await fetch(request, { redirect: 'manual' });
      const body = request.method === 'HEAD' ? null : await answer.arrayBuffer();
      return new HttpResponse(body === null || body.byteLength === 0 ? null : body, { status: answer.status, headers: answer.headers });
    }),
  ),
});

describe.each([
  ['undici', (): ClientOptions => ({})],
  ['fetch', (): ClientOptions => ({ transport: 'fetch' })],
  ['mock', relay],
])('%s', (transport, options) => {
  const call = (answer: Answer, given: Partial<Operation> = {}, more: ClientOptions = {}): Promise<unknown> => {
    server.answer(answer);
    return testClient({ baseUrl: server.origin, token: 't', retry: false, ...options(), ...more }).call(operation(given), {});
  };
  const responses = (...list: readonly ResponseDescriptor[]): Partial<Operation> => ({ responses: list });
  const ok = { status: 200, kind: 'json', success: true } as const;

  describe('a success', () => {
    test.each([
      ['JSON', json({ a: 1 }), {}, { a: 1 }],
      ['JSON of a vendor type', text('{"a":1}', 'application/vnd.api+json'), {}, { a: 1 }],
      ['JSON that says plain text', text('{"a":1}', 'text/plain'), {}, { a: 1 }],
      ['JSON that says nothing', text('{"a":1}', undefined), {}, { a: 1 }],
      ['JSON with a byte order mark', text('\ufeff{"a":1}', 'application/json'), {}, { a: 1 }],
      ['JSON byte by byte, with characters of several bytes', drip('{"a":"größe 😀"}'), {}, { a: 'größe 😀' }],
      ['a primitive', text('null', 'application/json'), {}, null],
      ['204 where JSON is declared', empty(204), {}, undefined],
      ['204 alone', empty(204), responses({ status: 204, kind: 'none', success: true }), undefined],
      ['202 without a body', empty(202), responses({ status: 202, kind: 'none', success: true }), undefined],
      ['a body where none is declared', json({ a: 1 }), responses({ status: 200, kind: 'none', success: true }), undefined],
      ['an undeclared 2xx, read as the declared one', json({ a: 1 }, 206), {}, { a: 1 }],
      [
        'an undeclared 201 beside a declared 202 without a body',
        json({ a: 1 }, 201),
        responses({ status: 202, kind: 'none', success: true }),
        undefined,
      ],
      ['a range', json({ a: 1 }, 203), responses({ status: '2XX', kind: 'json', success: true }), { a: 1 }],
      ['default', json({ a: 1 }, 200), responses({ status: 'default', kind: 'json', success: true }), { a: 1 }],
      [
        'a declared 303',
        json({ a: 1 }, 303, { location: '/elsewhere' }),
        responses({ status: 303, kind: 'json', success: true }),
        { a: 1 },
      ],
      ['text', text('größe', 'text/csv'), responses({ status: 200, kind: 'text', success: true }), 'größe'],
      ['no schema: JSON where it says so', json({ a: 1 }), responses({ status: 200, kind: 'any', success: true }), { a: 1 }],
      ['no schema: text', text('a: 1', 'text/yaml'), responses({ status: 200, kind: 'any', success: true }), 'a: 1'],
      ['no schema: nothing', empty(200), responses({ status: 200, kind: 'any', success: true }), undefined],
      ['no responses declared', json({ a: 1 }), responses(), { a: 1 }],
      ['HEAD', empty(200, { 'content-type': 'application/json', 'content-length': '10' }), { method: 'HEAD', responses: [ok] }, undefined],
    ] as readonly (readonly [string, Answer, Partial<Operation>, unknown])[])('%s', async (_, answer, given, expected) => {
      expect(await call(answer, given)).toEqual(expected);
    });

    test('binary: a Uint8Array of just these bytes', async () => {
      const bytes = (await call(
        text(new Uint8Array([0, 255, 1]), 'audio/mpeg'),
        responses({ status: 200, kind: 'binary', success: true }),
      )) as Uint8Array;
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      expect([...bytes]).toEqual([0, 255, 1]);
      expect(bytes.buffer.byteLength).toBe(3);
      expect(await call(empty(200), responses({ status: 200, kind: 'binary', success: true }))).toEqual(new Uint8Array(0));
    });
  });

  describe('an empty body where JSON is declared', () => {
    test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s is done, and its result is undefined', async (method) => {
      server.answer(empty(201, { 'x-request-id': 'r-1' }));
      const acme = testClient({ baseUrl: server.origin, token: 't', ...options() });
      const write = operation({ method, responses: [{ status: 201, kind: 'json', success: true }] });
      expect(await acme.call(write, {}).withResponse()).toMatchObject({ data: undefined, status: 201, requestId: 'r-1', attempts: 1 });
      const { successfulRequests } = acme.breaker('things.get').snapshot().stats;
      expect([server.requests.length, successfulRequests]).toEqual([1, 1]);
    });
  });

  describe('what is no answer', () => {
    test.each([
      ['200 with HTML', text('<html>secret</html>', 'text/html; charset=utf-8'), 'content_type', 200, 'text/html', 19],
      ['200 with XML', text('<a/>', 'application/xml'), 'content_type', 200, 'application/xml', 4],
      ['truncated JSON', text('{"secret":', 'application/json'), 'invalid_json', 200, 'application/json', 10],
      ['two documents', text('{}{}', 'application/json'), 'invalid_json', 200, 'application/json', 4],
      ['an empty body', text('', 'application/json'), 'empty_body', 200, 'application/json', 0],
      ['an undeclared 202 without a body', empty(202), 'empty_body', 202, undefined, 0],
    ] as const)('%s', async (_, answer, problem, status, contentType, bytes) => {
      const error = await errorOf(call(answer));
      expect(error).toBeInstanceOf(ResponseParseError);
      expect(error).toMatchObject({ kind: 'response', code: 'EBADRESPONSE', problem, status, contentType, bytes });
      expect((error as Error).message).toContain(String(status));
      expect((error as Error).message).not.toContain('secret');
    });

    test('a page and half a document count against the circuit, an empty body does not', async () => {
      for (const [answer, failures] of [
        [text('<html>', 'text/html'), 1],
        [text('{', 'application/json'), 1],
        [text('', 'application/json'), 0],
      ] as const) {
        server.answer(answer);
        const acme = testClient({ baseUrl: server.origin, token: 't', retry: false, ...options() });
        await errorOf(acme.call(getThing, { id: 1 }));
        expect(acme.breaker('things.get').failureCount).toBe(failures);
      }
    });

    test('a body over the size limit is cut off', async () => {
      const endless: Answer = (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('x'.repeat(2_000));
        if (transport === 'mock') response.end();
      };
      const error = await errorOf(call(endless, {}, { maxResponseBytes: 1_000 }));
      expect(error).toMatchObject({ kind: 'response', problem: 'too_large', status: 200, contentType: 'application/json' });
      expect((error as Error).message).toMatch(
        /a body over the size limit of 1000 bytes after decompression, which the option `maxResponseBytes` sets \(application\/json, \d+ bytes received\)$/,
      );
      if (transport !== 'mock') expect(await (await server.request(1)).end).toBe('closed by the client');
    });

    test('a body over the size limit is still a failure where the status is one', async () => {
      server.answer(json({ long: 'x'.repeat(5_000) }, 500));
      const acme = testClient({ baseUrl: server.origin, token: 't', retry: false, maxResponseBytes: 1_000, ...options() });
      const cause = { kind: 'response', problem: 'too_large', status: 500 };
      expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 500, body: undefined, cause });
      expect(acme.breaker('things.get').failureCount).toBe(1);
    });

    test('a status that is tried again is, however large its body', async () => {
      server.answer(json({ long: 'x'.repeat(5_000) }, 503), json({ a: 1 }));
      const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, maxResponseBytes: 1_000, ...options() });
      expect(await acme.call(getThing, { id: 1 })).toEqual({ a: 1 });
    });

    test('a status that is no failure is told with its body over the limit', async () => {
      server.answer(json({ long: 'x'.repeat(5_000) }, 404));
      const acme = testClient({ baseUrl: server.origin, token: 't', maxResponseBytes: 1_000, ...options() });
      expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 404 });
      expect(acme.breaker('things.get').failureCount).toBe(0);
    });

    test('a connection that breaks in the body', async () => {
      const error = await errorOf(call(resetBody));
      expect(error).toMatchObject({ kind: 'network', maybeSent: true });
    });
  });

  describe('an error', () => {
    test.each([
      ['JSON', json({ message: 'none' }, 404), 404, { message: 'none' }, 'application/json'],
      ['JSON that does not say so', text('{"message":"none"}', 'text/plain', 400), 400, { message: 'none' }, 'text/plain'],
      ['a 502 page', badGateway, 502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html'],
      ['nothing', empty(500), 500, undefined, undefined],
      ['JSON that is broken', text('{"a":', 'application/json', 422), 422, '{"a":', 'application/json'],
      ['an undeclared redirect', empty(302, { location: 'https://elsewhere.test/' }), 302, undefined, undefined],
      ['304', empty(304), 304, undefined, undefined],
    ] as const)('%s', async (_, answer, status, body, contentType) => {
      const error = (await errorOf(call(answer))) as HttpError;
      expect(error).toBeInstanceOf(HttpError);
      expect({ status: error.status, body: error.body, contentType: error.contentType }).toEqual({ status, body, contentType });
      expect(error).toMatchObject({ kind: 'http', code: 'EHTTP', service: 'acme', operation: 'things.get' });
    });

    test('HEAD', async () => {
      expect(await errorOf(call(empty(404), { method: 'HEAD' }))).toMatchObject({ status: 404 });
    });

    test('has the request id under the vendors` names, and the headers', async () => {
      for (const name of ['x-request-id', 'X-Message-Id', 'request-id', 'traceId']) {
        const error = (await errorOf(call(json({}, 400, { [name]: 'r-1', 'x-more': 'yes' })))) as HttpError;
        expect([error.requestId, error.headers['x-more']]).toEqual(['r-1', 'yes']);
      }
    });

    test('a declared 4xx is never a success, a declared default is none for an error status', async () => {
      expect(await errorOf(call(json({}, 418), responses(ok, { status: 'default', kind: 'json', success: true })))).toMatchObject({
        status: 418,
      });
    });
  });
});

test('an informational answer before the final one changes nothing', async () => {
  server.answer((response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"a":1}');
  });
  expect(await testClient({ baseUrl: server.origin, token: 't' }).call(getThing, { id: 1 })).toEqual({ a: 1 });
});

test('repeated response headers stay apart, names that objects inherit do no harm', async () => {
  server.answer((response) => {
    response.writeHead(
      200,
      [
        ['content-type', 'application/json'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['constructor', 'c'],
      ].flat(),
    );
    response.end('{}');
  });
  const { headers } = await testClient({ baseUrl: server.origin, token: 't' }).call(getThing, { id: 1 }).withResponse();
  expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(headers['constructor']).toBe('c');
});
