import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchTransport } from '../../../../runtime/call/transport/fetch.js';
import { fetchFault } from '../../../../runtime/call/transport/fetch-limits.js';
import { AT_ONCE, errorOf, operation, testClient } from '../../../support/client.js';
import { Loopback } from '../../../support/loopback.js';

let server: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

const search = operation({ method: 'GET', body: { kind: 'json', contentType: 'application/json' } });

test.each([
  ['GET', '{}', 'fetch cannot send a body with GET'],
  ['HEAD', '', 'fetch cannot send a body with HEAD'],
  ['TRACE', null, 'fetch cannot send TRACE'],
  ['GET', null, undefined],
  ['POST', '{}', undefined],
  ['DELETE', '{}', undefined],
])('%s with %j', (method, body, expected) => {
  const fault = fetchFault(method, body);
  expect(fault?.startsWith(expected ?? '-')).toBe(expected === undefined ? undefined : true);
});

test('a request that fetch cannot send is a RequestError: no attempt, no retry, nothing for the circuit', async () => {
  const events: string[] = [];
  const acme = testClient({
    baseUrl: server.origin,
    token: 't',
    transport: 'fetch',
    retry: AT_ONCE,
    breaker: { failureThreshold: 1 },
    onEvent: ({ type }) => events.push(type),
  });
  const result = await acme.call(search, { body: { a: 1 } }).result();
  const message = expect.stringContaining('fetch cannot send a body with GET') as string;
  expect(result).toMatchObject({ ok: false, attempts: 0, error: { kind: 'request', message } });
  const { failedRequests } = acme.breaker('things.get').snapshot().stats;
  expect([failedRequests, acme.breaker('things.get').state, events]).toEqual([0, 'closed', []]);
  expect(await acme.call(search, {})).toEqual({});
  // undici sends it.
  await acme.withOptions({ transport: 'undici' }).call(search, { body: { a: 1 } });
  expect(server.requests.map(({ body }) => String(body))).toEqual(['', '{"a":1}']);
});

test('the transport itself refuses it, too, where it is used as a dispatcher', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  const acme = testClient({ baseUrl: server.origin, token: 't', dispatcher: fetchTransport, retry: AT_ONCE });
  expect(await errorOf(acme.call(search, { body: {} }))).toMatchObject({ kind: 'request' });
  expect([fetched.mock.calls.length, acme.breaker('things.get').failureCount]).toEqual([0, 0]);
  fetched.mockRestore();
});
