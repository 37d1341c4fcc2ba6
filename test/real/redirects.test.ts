import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientOptions, ServiceClient } from 'fuseline';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, TRANSPORTS, testClient } from '../support/client.js';
import { empty, hang, json, Loopback, text } from '../support/loopback.js';

let server: Loopback;
let other: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
  other = await Loopback.start();
});

afterEach(async () => {
  await server.stop();
  await other.stop();
});

describe.each(TRANSPORTS)('%s', (_, transport) => {
  const client = (options: ClientOptions = {}): ServiceClient =>
    testClient(
      { baseUrl: server.origin, token: 'secret', retry: AT_ONCE, redirects: 'follow', ...transport, ...options },
      { security: [{ type: 'bearer' }] },
    );

  test('the default follows none, and names the origin alone', async () => {
    server.answer(empty(302, { location: `${other.origin}/path-secret?token=query-secret` }));
    const error = (await errorOf(client({ redirects: 'error' }).call(getThing, { id: 1 }))) as Error;
    expect(error).toMatchObject({ kind: 'http', status: 302 });
    expect(error.message).toContain(`a redirect to ${other.origin}, which was not followed`);
    expect(error.message + error.stack).not.toMatch(/path-secret|query-secret/);
    expect(other.connections).toBe(0);
  });

  test('follows within one attempt, and keeps the credentials on their origin', async () => {
    const headers = { 'x-tenant': '7', cookie: 'a=1' };
    server.answer(text('moved', 'text/html', 301, { location: '/v2' }), empty(302, { location: `${other.origin}/v3?a=1` }));
    other.answer(json({ a: 1 }));
    expect(await client({ headers }).call(getThing, { id: 1 }).withResponse()).toMatchObject({ data: { a: 1 }, status: 200, attempts: 1 });
    expect(server.requests.map(({ url, headers: sent }) => [url, sent.authorization, sent['x-tenant'], sent.cookie])).toEqual([
      ['/things/1', 'Bearer secret', '7', 'a=1'],
      ['/v2', 'Bearer secret', '7', 'a=1'],
    ]);
    const [{ url = '', headers: got = {} } = {}] = other.requests;
    expect([url, got.authorization, got['x-tenant'], got.cookie, got.accept]).toEqual([
      '/v3?a=1',
      undefined,
      undefined,
      undefined,
      'application/json',
    ]);
  });

  test('307 sends a POST again with its body, 303 becomes a GET', async () => {
    server.answer(empty(307, { location: '/again' }), empty(303, { location: '/result' }), json({ id: 7 }));
    expect(await client().call(createThing, { body: { a: 1 } })).toEqual({ id: 7 });
    expect(server.requests.map(({ method, url, body }) => [method, url, String(body)])).toEqual([
      ['POST', '/things', '{"a":1}'],
      ['POST', '/again', '{"a":1}'],
      ['GET', '/result', ''],
    ]);
  });

  test('a loop ends with the sixth redirect', async () => {
    server.answer(empty(302, { location: '/loop' }));
    expect(await errorOf(client().call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 302 });
    expect(server.requests).toHaveLength(6);
  });

  test('a redirect that the operation declares is its answer', async () => {
    const declared = operation({ responses: [{ status: 303, kind: 'json', success: true }] });
    server.answer(json({ here: 1 }, 303, { location: `${other.origin}/` }));
    expect(await client().call(declared, {})).toEqual({ here: 1 });
    expect(other.connections).toBe(0);
  });

  test('a write is not sent again because the place of its result refuses', async () => {
    await other.stop();
    server.answer(empty(303, { location: `${other.origin}/result` }));
    expect(await errorOf(client().call(createThing, { body: {} }))).toMatchObject({ kind: 'network', maybeSent: true });
    expect(server.requests).toHaveLength(1);
    other = await Loopback.start();
  });

  test('the limit of the attempt covers all of it, and ends the request under way', async () => {
    server.answer(empty(302, { location: `${other.origin}/` }));
    other.answer(hang);
    expect(await errorOf(client({ retry: false, timeoutMs: 200 }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'timeout' });
    expect(await (await other.request(1)).end).toBe('closed by the client');
  });
});

test('a dispatcher of the user`s sends each request in the context of its call', async () => {
  const tenants = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const agent = new Agent();
  const dispatcher = {
    dispatch: (...given: Parameters<Agent['dispatch']>) => {
      seen.push(tenants.getStore());
      return agent.dispatch(...given);
    },
  };
  server.answer(empty(302, { location: '/a' }), empty(302, { location: '/b' }), json({}));
  const acme = testClient({ baseUrl: server.origin, token: 't', redirects: 'follow', dispatcher: dispatcher as never });
  await tenants.run('first', () => acme.call(getThing, { id: 1 }));
  expect(seen).toEqual(['first', 'first', 'first']);
  await agent.close();
});
