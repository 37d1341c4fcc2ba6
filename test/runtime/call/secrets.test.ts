import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { BreakerRegistry, type ClientOptions, lastGood, type Operation, type SecurityDescriptor, type ServiceClient } from 'fuseline';
import { FakeClock, mockTransport } from 'fuseline/testing';
import { HttpResponse, http } from 'msw';
import { describe, expect, test } from 'vitest';
import { AT_ONCE, operation, testClient } from '../../support/client.js';
import { everything } from '../../support/everything.js';
import { answers, breaks, InMemory, type Reaction, socketError, waits } from '../../support/in-memory.js';

/** Every place that a secret can come from holds one that nothing else contains. */
const SECRETS = {
  token: 'S3CRET-token',
  password: 'S3CRET-password',
  clientHeader: 'S3CRET-client-header',
  callHeader: 'S3CRET-call-header',
  path: 'S3CRET-path',
  query: 'S3CRET-query',
  cookie: 'S3CRET-cookie',
  requestBody: 'S3CRET-request-body',
  responseBody: 'S3CRET-response-body',
  responseHeader: 'S3CRET-response-header',
  statusText: 'S3CRET-status-text',
};

const params = { id: SECRETS.path, q: SECRETS.query, session: SECRETS.cookie, body: { text: SECRETS.requestBody } };
const call = { headers: { 'X-Call': SECRETS.callHeader } };
const headers = {
  'content-type': 'application/json',
  'set-cookie': SECRETS.responseHeader,
  'x-echo': SECRETS.responseHeader,
  'x-request-id': 'r-1',
};
const body = { message: SECRETS.responseBody };

/** Everything that a log could make of a value. */
function written(...values: readonly unknown[]): string {
  return values
    .flatMap((value) => [
      inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
      String(value),
      safeJson(value),
      value instanceof Error ? `${value.stack}\n${safeJson({ ...value })}` : '',
    ])
    .join('\n');
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // Sockets in causes are circular; that they cannot be written is fine.
    return String(error);
  }
}

/** Fails with the names of the secrets found. */
function expectNone(text: string): void {
  expect(
    Object.entries(SECRETS).flatMap(([name, secret]) => (text.includes(secret) || text.includes(encodeURIComponent(secret)) ? [name] : [])),
  ).toEqual([]);
  expect(text).not.toContain(Buffer.from(`ann:${SECRETS.password}`).toString('base64'));
}

const SECURITY: readonly (readonly [string, readonly SecurityDescriptor[]])[] = [
  ['bearer', [{ type: 'bearer' }]],
  ['basic', [{ type: 'basic' }]],
  ['apiKey in a header', [{ type: 'apiKey', in: 'header', name: 'x-key' }]],
  ['apiKey in the query', [{ type: 'apiKey', in: 'query', name: 'key' }]],
  ['apiKey in a cookie', [{ type: 'apiKey', in: 'cookie', name: 'key' }]],
];

const OUTCOMES: readonly (readonly [string, readonly Reaction[]])[] = [
  ['a success', [answers(200, { fine: true }, headers)]],
  ['404', [answers(404, body, headers)]],
  ['422 in text', [answers(422, SECRETS.responseBody, { ...headers, 'content-type': 'text/plain' })]],
  ['503, again and again', [answers(503, body, headers)]],
  ['429', [answers(429, body, { ...headers, 'retry-after': '0' })]],
  ['a page', [answers(200, `<html>${SECRETS.responseBody}`, { ...headers, 'content-type': 'text/html' })]],
  ['half a document', [answers(200, `{"a":"${SECRETS.responseBody}`, headers)]],
  ['a reset', [breaks(socketError('ECONNRESET', 'read'))]],
  [
    'a parser error that holds the answer',
    [breaks(Object.assign(new Error('bad chunk'), { code: 'HPE_INVALID_CHUNK_SIZE', data: SECRETS.responseBody }))],
  ],
  [
    'the same inside of what fetch throws',
    [breaks(new TypeError('terminated', { cause: Object.assign(new Error('x'), { code: 'HPE_X', data: SECRETS.responseBody }) }))],
  ],
  ['a timeout', [waits]],
];

describe.each(SECURITY)('%s', (_, security) => {
  test.each(OUTCOMES)('no secret in anything that a client, its errors, events and results show: %s', async (_name, reactions) => {
    const clock = new FakeClock();
    const seen: unknown[] = [];
    const registry = new BreakerRegistry();
    registry.subscribe((event) => seen.push(event));
    const options: ClientOptions = {
      baseUrl: 'http://acme.test',
      token: () => SECRETS.token,
      credentials: { username: 'ann', password: SECRETS.password },
      headers: { 'X-Client': SECRETS.clientHeader },
      clock,
      registry,
      dispatcher: new InMemory(...reactions),
      timeoutMs: 100,
      totalTimeoutMs: 10_000,
      retry: { ...AT_ONCE, maxAttempts: 2 },
      breaker: { failureThreshold: 3 },
      onEvent: (event) => seen.push(event),
    };
    const acme = testClient(options, { security, operations: { everything } });
    for (let n = 0; n < 4; n++) {
      const promise = acme.call(everything, params, { ...call, fallback: n === 3 ? lastGood() : undefined });
      seen.push(promise);
      const result = promise.result();
      for (let step = 0; step < 6; step++) await clock.advance(100);
      seen.push(await result, promise);
      await promise.catch((error: unknown) => seen.push(error));
    }
    seen.push(acme, acme.circuits, acme.describe('things.everything'), registry, registry.healthSummary());
    expectNone(written(...seen));
  });
});

test('nor in what is refused before it is sent', async () => {
  const acme = testClient({ baseUrl: 'http://acme.test', token: SECRETS.token, dispatcher: new InMemory(answers(200)) });
  const wrong: (readonly [Partial<Operation>, unknown, object?])[] = [
    [{ path: '/{id}', params: [{ key: 'id', in: 'path' }] }, { id: '' }],
    [{ path: '/{id}', params: [{ key: 'id', in: 'path' }] }, { id: `${SECRETS.path}\ud800` }],
    [{ params: [{ key: 'q', in: 'query' }] }, { q: `${SECRETS.query}\ud800` }],
    [{ params: [{ key: 'h', in: 'header' }] }, { h: `${SECRETS.callHeader}\n` }],
    [{}, {}, { headers: { 'X-Call': `${SECRETS.callHeader}\n` } }],
    [{}, {}, { headers: { [`X ${SECRETS.callHeader}`]: '1' } }],
    [{ method: 'POST', body: { kind: 'json', contentType: 'application/json' } }, { body: { [SECRETS.requestBody]: 1n } }],
    [{ method: 'POST', body: { kind: 'binary', contentType: 'application/pdf' } }, { body: { secret: SECRETS.requestBody } }],
  ];
  const errors: unknown[] = [];
  for (const [given, input, options] of wrong) {
    const result = await acme.call(operation(given), input, options).result();
    expect(result).toMatchObject({ ok: false, error: { kind: 'request' } });
    errors.push(result);
  }
  for (const transport of ['undici', 'fetch'] as const) {
    const bad = testClient({ baseUrl: 'http://127.0.0.1:1', token: `${SECRETS.token}\n`, transport, retry: false });
    errors.push(await bad.call(operation(), {}).result());
  }
  expectNone(written(...errors));
});

test('nor in the mock`s errors', async () => {
  const acme = testClient({
    baseUrl: 'http://acme.test',
    token: SECRETS.token,
    dispatcher: mockTransport(http.get('http://acme.test/other', () => HttpResponse.json({}))),
    retry: false,
  });
  expectNone(written(await acme.call(operation({ params: [{ key: 'q', in: 'query' }] }), { q: SECRETS.query }).result()));
});

describe('real transports, when the answer is not HTTP or breaks off', () => {
  const garble = async (options: ClientOptions, answer: string): Promise<unknown> => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const acme: ServiceClient = testClient({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: SECRETS.token,
      headers: { 'X-Client': SECRETS.clientHeader },
      retry: false,
      ...options,
    });
    const promise = acme.call(everything, params, call);
    const result = await promise.result();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    return [result, promise];
  };

  test.each([
    ['undici', {}],
    ['fetch', { transport: 'fetch' }],
  ] as const)('%s', async (_, options) => {
    const found: unknown[] = [];
    for (const answer of [
      `${SECRETS.responseBody}\r\n\r\n`,
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n${SECRETS.responseBody}\r\n`,
      `HTTP/1.1 200 OK\r\nx-echo: ${SECRETS.responseHeader}\r\ncontent-length: 100\r\n\r\n{"a":"${SECRETS.responseBody}`,
      `HTTP/1.1 200 OK\r\nx-echo ${SECRETS.responseHeader}\r\n\r\n`,
      `HTTP/1.1 500 ${SECRETS.statusText}\r\ncontent-length: 0\r\n\r\n`,
    ]) {
      found.push(await garble(options, answer));
    }
    for (const [result] of found as [{ ok: boolean }][]) expect(result.ok).toBe(false);
    expectNone(written(...found));
  });
});
