import type { ClientOptions, Operation, SchemeDescriptor, SecurityDescriptor } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, listThings, operation, TRANSPORTS, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { json, Loopback, type Seen } from '../../../support/loopback.js';

describe.each(TRANSPORTS)('%s', (_, transport) => {
  let server: Loopback;

  beforeEach(async () => {
    server = await Loopback.start();
  });

  afterEach(() => server.stop());

  const seen = async (
    security: readonly SecurityDescriptor[],
    options: ClientOptions,
    op: Operation = listThings,
    params: unknown = {},
  ): Promise<Seen> => {
    await testClient({ baseUrl: server.origin, ...transport, ...options }, { security }).call(op, params);
    return server.request(server.requests.length);
  };

  test('bearer', async () => {
    expect((await seen([{ type: 'bearer' }], { token: 'abc' })).headers.authorization).toBe('Bearer abc');
  });

  test('basic, in UTF-8', async () => {
    const { headers } = await seen([{ type: 'basic' }], { credentials: { username: 'ann', password: 'pä:ss' } });
    expect(Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()).toBe('ann:pä:ss');
  });

  test('API key in a header', async () => {
    expect((await seen([{ type: 'apiKey', in: 'header', name: 'X-Api-Key' }], { token: 'abc' })).headers).toMatchObject({
      'x-api-key': 'abc',
    });
  });

  test('API key in the query, after what is there', async () => {
    const key: readonly SecurityDescriptor[] = [{ type: 'apiKey', in: 'query', name: 'api key' }];
    expect((await seen(key, { token: 'a&b' })).url).toBe('/things?api%20key=a%26b');
    expect((await seen(key, { token: 'a&b' }, listThings, { limit: 1 })).url).toBe('/things?limit=1&api%20key=a%26b');
  });

  test('API key in a cookie, beside other cookies', async () => {
    const cookies = operation({ params: [{ key: 'theme', in: 'cookie' }] });
    const { headers } = await seen([{ type: 'apiKey', in: 'cookie', name: 'sid' }], { token: 'a;b', headers: { Cookie: 'c=1' } }, cookies, {
      theme: 'dark blue',
    });
    expect(headers.cookie).toBe('c=1; sid=a%3Bb; theme=dark%20blue');
  });

  test('the first scheme that the credentials fit; none where there are none, or where the operation wants none', async () => {
    const either: readonly SecurityDescriptor[] = [{ type: 'basic' }, { type: 'bearer' }];
    expect((await seen(either, { token: 'abc' })).headers.authorization).toBe('Bearer abc');
    expect((await seen(either, {})).headers.authorization).toBeUndefined();
    expect((await seen(either, { token: 'abc' }, operation({ security: [] }))).headers.authorization).toBeUndefined();
    expect((await seen([], { token: 'abc' }, operation({ security: [{ type: 'bearer' }] }))).headers.authorization).toBe('Bearer abc');
  });

  test('W3 schemes by name: the first alternative of which all have credentials', async () => {
    const K: SchemeDescriptor = { type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'K' };
    const S: SchemeDescriptor = { type: 'apiKey', in: 'query', name: 'sig', scheme: 'S' };
    const B: SchemeDescriptor = { type: 'bearer', scheme: 'B' };
    const P: SchemeDescriptor = { type: 'basic', scheme: 'P' };
    const what = async (security: readonly SecurityDescriptor[], options: ClientOptions): Promise<unknown> => {
      const { headers, url } = await seen(security, options);
      return { key: headers['x-key'], url, authorization: headers.authorization };
    };
    const both: readonly SecurityDescriptor[] = [{ type: 'all', of: [K, S] }];
    expect(await what(both, { credentials: { K: 'k', S: 's' } })).toEqual({ key: 'k', url: '/things?sig=s', authorization: undefined });
    expect(await what(both, { credentials: { K: () => 'k', S: async () => 's' } })).toMatchObject({ key: 'k', url: '/things?sig=s' });
    expect(await what(both, { credentials: { S: 's' }, token: 't' })).toMatchObject({ key: 't', url: '/things?sig=s' });
    const either: readonly SecurityDescriptor[] = [K, B];
    expect(await what(either, { token: 't' })).toMatchObject({ key: 't', authorization: undefined });
    expect(await what(either, { credentials: { B: 'b' } })).toEqual({ key: undefined, url: '/things', authorization: 'Bearer b' });
    const mixed: readonly SecurityDescriptor[] = [{ type: 'all', of: [P, K] }, B];
    const login = { username: 'ann', password: 'x' };
    expect(await what(mixed, { credentials: { P: login, B: 'b' } })).toMatchObject({ key: undefined, authorization: 'Bearer b' });
    expect(await what(mixed, { credentials: { P: login, K: 'k' } })).toMatchObject({ key: 'k', authorization: 'Basic YW5uOng=' });
    // One token is not the secret of two schemes.
    expect(await what(both, { token: 't' })).toEqual({ key: undefined, url: '/things', authorization: undefined });
  });

  test('several functions are asked for each attempt', async () => {
    let count = 0;
    const next = (): string => String(++count);
    const of: readonly SchemeDescriptor[] = [
      { type: 'apiKey', in: 'cookie', name: 'a', scheme: 'A' },
      { type: 'apiKey', in: 'cookie', name: 'b', scheme: 'B' },
      { type: 'bearer', scheme: 'C' },
    ];
    server.answer(json({}, 503), json({}));
    const credentials = { A: next, B: next, C: async () => next() };
    const { headers } = await seen([{ type: 'all', of }], { credentials, retry: AT_ONCE });
    expect(headers).toMatchObject({ cookie: 'a=4; b=5', authorization: 'Bearer 6' });
    expect(server.requests[0]?.headers).toMatchObject({ cookie: 'a=1; b=2', authorization: 'Bearer 3' });
  });

  test("header and cookie parameters, constants, the client's and the call's headers: the later wins", async () => {
    const op = operation({
      headers: { Version: '2021-07-28', 'X-One': 'operation' },
      params: [
        { key: 'one', wire: 'X-One', in: 'header' },
        { key: 'ids', wire: 'X-Ids', in: 'header' },
        { key: 'none', wire: 'X-None', in: 'header' },
      ],
    });
    const acme = testClient({
      baseUrl: server.origin,
      token: 't',
      headers: { 'x-one': 'client', 'X-Two': 'client', version: '2021-07-29' },
      ...transport,
    });
    await acme.call(op, {});
    await acme.call(op, { one: 'param', ids: [1, 2], none: undefined });
    await acme.call(op, { one: 'param' }, { headers: { 'X-ONE': 'call', 'X-Two': 'call' } });
    const headers = server.requests.map((request) =>
      ['version', 'x-one', 'x-two', 'x-ids', 'x-none', 'user-agent'].map((name) => request.headers[name]),
    );
    expect(headers).toEqual([
      ['2021-07-29', 'client', 'client', undefined, undefined, 'fuseline'],
      ['2021-07-29', 'param', 'client', '1,2', undefined, 'fuseline'],
      ['2021-07-29', 'call', 'call', undefined, undefined, 'fuseline'],
    ]);
  });

  test('a token function is asked for each attempt, so a rotated token is picked up', async () => {
    let current = 1;
    server.answer(json({}, 503), json({}, 503), json({}));
    const token = (): Promise<string> => Promise.resolve(`t${current++}`);
    await testClient({ baseUrl: server.origin, token, retry: AT_ONCE, ...transport }).call(getThing, { id: 1 });
    expect(server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3']);
  });

  test('what cannot stand in a header is an error that names the header and not the value', async () => {
    const acme = testClient({ baseUrl: server.origin, token: 't', ...transport });
    const bad = operation({ params: [{ key: 'one', wire: 'X-One', in: 'header', required: true }] });
    for (const value of ['secret\r\nX-Evil: 1', 'secret\u0000', 'secret ☃']) {
      for (const failed of [
        acme.call(bad, { one: value }),
        acme.call(getThing, { id: 1 }, { headers: { 'X-One': value } }),
        acme.withOptions({ headers: { 'X-One': value } }).call(getThing, { id: 1 }),
        acme.withOptions({ token: value }).call(getThing, { id: 1 }),
      ]) {
        const error = (await errorOf(failed)) as Error;
        expect(error).toMatchObject({ kind: 'request' });
        expect(error.message).toMatch(/header '(x-one|authorization)' has a value that cannot be sent/);
        expect(error.cause).toBeUndefined();
      }
    }
    expect(await errorOf(acme.call(getThing, { id: 1 }, { headers: { 'X One': '1' } }))).toMatchObject({ kind: 'request' });
    expect(await errorOf(acme.call(bad, {}))).toMatchObject({
      kind: 'request',
      message: "acme things.get: header parameter 'one' is missing",
    });
    expect(server.requests).toHaveLength(0);
    expect(acme.breaker('things.get').snapshot().stats.failedRequests).toBe(0);
  });
});

describe('a token function', () => {
  let dispatcher: InMemory;

  beforeEach(() => {
    dispatcher = new InMemory(answers(200));
  });

  const client = (token: ClientOptions['token']) => testClient({ baseUrl: 'http://acme.test', token, dispatcher });

  test.each([
    [
      'throws',
      () => {
        throw new Error('store is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('store is down'))],
  ])('that %s fails the call before it is sent; the circuit is not touched', async (_, token) => {
    const acme = client(token);
    const error = (await errorOf(acme.call(getThing, { id: 1 }))) as Error;
    expect(error).toMatchObject({
      kind: 'sign_in',
      message: 'acme things.get: the token function failed',
      cause: { message: 'store is down' },
    });
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
    expect(dispatcher.requests).toHaveLength(0);
  });

  test.each([[null], [5], [{ access: 'abc' }]])('that gives %j is an error, not `Bearer %j`', async (token) => {
    for (const give of [() => token, () => Promise.resolve(token)])
      expect(await errorOf(client(give as never).call(getThing, { id: 1 }))).toMatchObject({
        kind: 'request',
        message: 'acme things.get: the token is not a string',
      });
  });

  test('may give any thenable', async () => {
    const thenable = Object.defineProperty({}, 'then', { value: (resolve: (value: string) => void) => resolve('lazy') });
    await client(() => thenable as Promise<string>).call(getThing, { id: 1 });
    expect(dispatcher.header('authorization')).toBe('Bearer lazy');
  });
});
