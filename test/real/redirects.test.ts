import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientOptions, ServiceClient, TokenSource } from 'fuseline';
import { Agent, interceptors } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, listThings, operation, TRANSPORTS, testClient } from '../support/client.js';
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
    expect(error.message).toContain(
      `a redirect to ${other.origin}, which was not followed: only a client with \`redirects: 'follow'\` follows redirects`,
    );
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

  test('credentials of several schemes stay on their origin, wherever they are sent', async () => {
    const of = ['query', 'query', 'header', 'header', 'cookie', 'cookie'] as const;
    const names = of.map((place, at) => `${place}-${at}`);
    const schemes = of.map((place, at) => ({ type: 'apiKey', in: place, name: `${place}-${at}`, scheme: `${place}-${at}` }) as const);
    const credentials = Object.fromEntries(names.map((name) => [name, `secret-of-${name}`]));
    server.answer((response, { url }) => {
      response.writeHead(307, { location: other.origin + url });
      response.end();
    });
    const acme = testClient(
      { baseUrl: server.origin, credentials, redirects: 'follow', ...transport },
      { security: [{ type: 'all', of: schemes }] },
    );
    await acme.call(listThings, { limit: 5 });
    const all = ({ url, headers }: { readonly url: string; readonly headers: object }): string => JSON.stringify([url, headers]);
    for (const name of names) expect(server.requests.map(all).join()).toContain(`secret-of-${name}`);
    expect(other.requests.map(all).join()).not.toContain('secret');
    expect(other.requests.map(({ url }) => url)).toEqual(['/things?limit=5']);
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
    const error = (await errorOf(client().call(getThing, { id: 1 }))) as Error;
    expect(error).toMatchObject({ kind: 'http', status: 302 });
    expect(error.message).toContain('another path of the same origin, which was not followed: an attempt follows 5 redirects at most');
    expect(server.requests).toHaveLength(6);
  });

  test.each<[string, 'GET' | 'PATCH', string]>([
    ['ftp://files.test/secret', 'GET', 'a redirect to ftp://files.test, which was not followed: only http and https URLs'],
    [
      'mailto:secret@acme.test',
      'GET',
      'a redirect to a location that is not http or https, which was not followed: only http and https URLs',
    ],
    ['/secret', 'PATCH', 'a redirect to another path of the same origin, which was not followed: it would repeat a PATCH'],
  ])('says why it does not follow one to %s after a %s', async (location, method, message) => {
    server.answer(empty(302, { location }));
    const error = (await errorOf(client().call(operation({ path: '/', method }), {}))) as Error;
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });

  test('an answer that is no redirect is not called one', async () => {
    server.answer(empty(304, { location: '/elsewhere' }));
    expect(((await errorOf(client().call(getThing, { id: 1 }))) as Error).message).not.toContain('redirect');
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

  describe('401 after a redirect', () => {
    const CREATE = 'POST /things';
    const tokens = (): { readonly token: TokenSource; readonly refused: string[] } => {
      const refused: string[] = [];
      const token = {
        get: () => `token-${refused.length}`,
        rejected: (text: string) => {
          refused.push(text);
          return true;
        },
      };
      return { token, refused };
    };
    const sent = (): string[] => server.requests.map(({ method, url }) => `${method} ${url}`);

    test.each([303, 302, 307] as const)('%d to another origin: neither a repeat of the write nor another token', async (status) => {
      const { token, refused } = tokens();
      server.answer(empty(status, { location: `${other.origin}/result` }));
      other.answer(json({}, 401));
      for (const retry of [AT_ONCE, false] as const)
        expect(await errorOf(client({ token, retry }).call(createThing, { body: {} }))).toMatchObject({ kind: 'http', status: 401 });
      expect(sent()).toEqual([CREATE, CREATE]);
      expect(refused).toEqual([]);
    });

    test('by way of another origin and back: the token was not sent again', async () => {
      const { token, refused } = tokens();
      server.answer(empty(307, { location: `${other.origin}/` }), json({}, 401));
      other.answer(empty(307, { location: `${server.origin}/back` }));
      expect(await errorOf(client({ token }).call(getThing, { id: 1 }))).toMatchObject({ status: 401 });
      expect(sent()).toEqual(['GET /things/1', 'GET /back']);
      expect(refused).toEqual([]);
    });

    test.each([303, 307] as const)('%d on the same origin: no repeat, and the next call has another token', async (status) => {
      const { token, refused } = tokens();
      server.answer(empty(status, { location: '/result' }), json({}, 401), json({ id: 7 }));
      const acme = client({ token });
      expect(await errorOf(acme.call(createThing, { body: {} }))).toMatchObject({ status: 401 });
      expect(sent()).toEqual([CREATE, `${status === 303 ? 'GET' : 'POST'} /result`]);
      expect(refused).toEqual(['token-0']);
      await acme.call(createThing, { body: {} });
      expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-1');
    });

    test('on the same origin, a request that may be repeated is', async () => {
      const { token } = tokens();
      server.answer(empty(302, { location: '/moved' }), json({}, 401), json({ a: 1 }));
      expect(await client({ token, retry: false }).call(getThing, { id: 1 })).toEqual({ a: 1 });
      expect(sent()).toEqual(['GET /things/1', 'GET /moved', 'GET /things/1']);
    });
  });

  test('a write with a key is not repeated once it went without its key to another origin', async () => {
    const keyed = { ...createThing, idempotencyHeader: 'Idempotency-Key' };
    server.answer(empty(307, { location: `${other.origin}/things` }));
    other.answer(json({}, 503));
    expect(await errorOf(client().call(keyed, { body: {} }))).toMatchObject({ kind: 'http', status: 503 });
    expect(other.requests.map(({ method, headers }) => [method, headers['idempotency-key']])).toEqual([['POST', undefined]]);
    // On its own origin it has the key, and after a 303 the other origin gets no write.
    server.answer(empty(307, { location: '/v2' }), json({}, 503), empty(303, { location: `${other.origin}/` }));
    other.answer(json({}, 503), json({ id: 7 }));
    expect(await client().call(keyed, { body: {} })).toEqual({ id: 7 });
    expect(new Set(server.requests.slice(1).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  test('the rate limit of another origin is not that of the service', async () => {
    const acme = client({ retry: false, rateLimit: { requests: 100, perMs: 1000, maxWaitMs: 0 } });
    const refusal = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60', 'retry-after': '60' };
    server.answer(empty(302, { location: `${other.origin}/` }));
    other.answer(json({}, 429, refusal));
    for (let at = 0; at < 2; at++) expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 429 });
    server.answer(empty(302, { location: '/a' }), json({}, 429, refusal));
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 429 });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'rate_limited' });
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

test('redirects that undici`s own interceptor follows count as much', async () => {
  const agent = new Agent();
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 3 })) as never;
  const refused: string[] = [];
  const token = { get: () => 't', rejected: (text: string) => refused.push(text) > 0 };
  const acme = testClient({ baseUrl: server.origin, token, dispatcher, retry: AT_ONCE });
  server.answer(empty(303, { location: `${other.origin}/` }));
  other.answer(json({}, 401));
  expect(await errorOf(acme.call(createThing, { body: {} }))).toMatchObject({ status: 401 });
  expect([server.requests.length, refused]).toEqual([1, []]);
  server.answer(empty(303, { location: '/result' }), json({}, 401));
  expect(await errorOf(acme.call(createThing, { body: {} }))).toMatchObject({ status: 401 });
  expect([server.requests.length, refused]).toEqual([3, ['t']]);
  server.answer(json({}, 401), json({ id: 7 }));
  expect(await acme.call(createThing, { body: {} })).toEqual({ id: 7 });
  await agent.close();
});
