import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

let server: Loopback;

beforeEach(async () => {
  server = (await Loopback.start()).answer(json({ id: 1 }));
});

afterEach(() => server.stop());

/** Headers that HTTP clients write themselves, refuse, or pass on. */
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { expect: '100-continue' },
  { upgrade: 'websocket' },
  { 'transfer-encoding': 'chunked' },
  { 'keep-alive': '5' },
  { connection: 'a b' },
  { connection: 'upgrade' },
  { 'content-length': '3' },
  { 'content-length': '500' },
  { 'content-length': 'x' },
  { 'content-length': '-1' },
  { te: 'trailers' },
  { trailer: 'x' },
  { 'proxy-connection': 'close' },
  { 'content-type': 'no type' },
];

describe.each(TRANSPORTS)('%s', (_, transport) => {
  test.each(['3', '-1', '500'])('a content-length of %s sends no other body', async (length) => {
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, ...transport });
    await acme.call(createThing, { body: { a: 1 } }, { headers: { 'content-length': length } }).result();
    if (transport !== TRANSPORTS[1][1]) expect(server.requests).toEqual([]);
    else expect(server.requests.map(({ body, headers }) => [String(body), headers['content-length']])).toEqual([['{"a":1}', '7']]);
  });

  test.each(HEADERS)('%j of a caller is sent, or is the caller`s mistake', async (headers) => {
    const breaker = { failureThreshold: 1 };
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, breaker, timeoutMs: 5_000, ...transport });
    for (const operation of [getThing, createThing]) {
      for (let at = 0; at < 2; at++) {
        const before = server.requests.length;
        const result = await acme.call(operation, { id: 1, body: { a: 1 } }, { headers }).result();
        if (result.ok) continue;
        expect(result.error).toMatchObject({ kind: 'request', operation: operation.id });
        expect(server.requests.length).toBe(before);
      }
      expect(acme.breaker(operation.id).state).toBe('closed');
    }
  });
});

test('a header that undici does not send says so in the cause', async () => {
  const acme = testClient({ baseUrl: server.origin, token: 't', headers: { expect: '100-continue' } });
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'request', cause: { code: 'UND_ERR_NOT_SUPPORTED' } });
  const sized = testClient({ baseUrl: server.origin, token: 't', headers: { 'content-length': '3' } });
  expect(await errorOf(sized.call(createThing, { body: { a: 1 } }))).toMatchObject({
    kind: 'request',
    cause: { code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' },
  });
});
