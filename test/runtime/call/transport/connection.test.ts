import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, TRANSPORTS, testClient } from '../../../support/client.js';
import { empty, json, Loopback, reset } from '../../../support/loopback.js';

let server: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

describe.each(TRANSPORTS)('%s', (_, transport) => {
  const client = (options: object = {}) =>
    testClient({ baseUrl: server.origin, token: 'secret-token', retry: AT_ONCE, ...transport, ...options });

  test('a redirect is not followed: credentials never reach another origin', async () => {
    const other = await Loopback.start();
    for (const status of [301, 302, 303, 307, 308]) {
      server.answer(empty(status, { location: `${other.origin}/steal` }));
      expect(await errorOf(client().call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status });
      expect(await errorOf(client().call(createThing, { body: {} }))).toMatchObject({ kind: 'http', status });
    }
    expect(server.requests).toHaveLength(10);
    expect(other.connections).toBe(0);
    await other.stop();
  });

  test('connections are kept and used again', async () => {
    const acme = client();
    for (let n = 0; n < 5; n++) await acme.call(getThing, { id: n });
    // undici waits a turn of the loop before it uses a socket again, so a call made at once takes a second one.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('a kept connection that the server closed between calls fails no idempotent call', async () => {
    const acme = client();
    for (let n = 0; n < 20; n++) {
      await acme.call(getThing, { id: n });
      server.closeIdle();
    }
    expect(server.requests).toHaveLength(20);
    // The client may write on a connection whose end is still on its way; that shows as a retry, never as a failed call.
    expect(acme.breaker('things.get').state).toBe('closed');
  });

  test('a kept connection that is reset under the request is tried again for GET, not for POST', async () => {
    const acme = client();
    await acme.call(getThing, { id: 1 });
    server.answer(reset, json({ again: true }));
    expect(await acme.call(getThing, { id: 2 })).toEqual({ again: true });
    server.answer(reset, json({ again: true }));
    expect(await errorOf(acme.call(createThing, { body: {} }))).toMatchObject({ kind: 'network', maybeSent: true });
  });

  test('the base URL`s path stands before every path', async () => {
    for (const base of ['/v2', '/v2/', '/v2//', '', '/']) {
      await client({ baseUrl: server.origin + base }).call(getThing, { id: 'x' });
    }
    expect(server.requests.map((seen) => seen.url)).toEqual(['/v2/things/x', '/v2/things/x', '/v2/things/x', '/things/x', '/things/x']);
  });

  test('a trailing slash of the path stays', async () => {
    await client().call(operation({ path: '/things/' }), {});
    expect((await server.request(1)).url).toBe('/things/');
  });

  test('hostile values arrive as they were given', async () => {
    const op = operation({
      path: '/things/{id}',
      params: [
        { key: 'id', in: 'path' },
        { key: 'q', in: 'query' },
      ],
    });
    const value = 'a/../b?c#d&e=f;g|h\\i\'j"k<l>`m{n}^o%p ü😀';
    await client().call(op, { id: value, q: value });
    const url = new URL((await server.request(1)).url, server.origin);
    expect(decodeURIComponent(url.pathname.slice('/things/'.length))).toBe(value);
    expect(url.searchParams.get('q')).toBe(value);
    expect(url.pathname.split('/')).toHaveLength(3);
  });
});

test('any dispatcher of undici`s serves: a composed one, one with a single connection', async () => {
  const composed = new Agent().compose(
    (dispatch) => (options, handler) => dispatch({ ...options, path: `/proxied${options.path}` }, handler),
  );
  await testClient({ baseUrl: server.origin, token: 't', dispatcher: composed }).call(getThing, { id: 1 });
  expect((await server.request(1)).url).toBe('/proxied/things/1');
  await composed.close();
  const narrow = new Agent({ connections: 1 });
  const acme = testClient({ baseUrl: server.origin, token: 't', dispatcher: narrow });
  await Promise.all(Array.from({ length: 10 }, (_, id) => acme.call(getThing, { id })));
  expect(server.requests).toHaveLength(11);
  await narrow.close();
});

test('a dispatcher that was closed is an error of its own, neither retried nor counted', async () => {
  const dispatcher = new Agent();
  await dispatcher.close();
  const acme = testClient({ baseUrl: server.origin, token: 't', dispatcher });
  const result = await acme.call(getThing, { id: 1 }).result();
  expect(result).toMatchObject({
    ok: false,
    attempts: 1,
    error: { kind: 'network', reason: expect.stringMatching(/^UND_ERR_(CLOSED|DESTROYED)$/) },
  });
  expect(acme.breaker('things.get').failureCount).toBe(0);
});

test('`fetch` is looked up at each call, so that whoever patches it is honoured', async () => {
  const acme = testClient({ baseUrl: server.origin, token: 't', transport: 'fetch' });
  const original = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(Response.json({ patched: true }));
  try {
    expect(await acme.call(getThing, { id: 1 })).toEqual({ patched: true });
  } finally {
    globalThis.fetch = original;
  }
  expect(await acme.call(getThing, { id: 1 })).toEqual({});
});

test('`fetch` that throws what is no error is a network error all the same', async () => {
  const original = globalThis.fetch;
  globalThis.fetch = () => Promise.reject('a string');
  try {
    expect(
      await errorOf(testClient({ baseUrl: server.origin, token: 't', transport: 'fetch', retry: false }).call(getThing, { id: 1 })),
    ).toMatchObject({ kind: 'network', reason: 'unknown' });
  } finally {
    globalThis.fetch = original;
  }
});
