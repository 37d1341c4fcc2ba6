import { BreakerRegistry, CircuitBreaker, operationStats } from 'fuseline';
import { Bulkhead, protect, RateLimiter } from 'fuseline/protect';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';
import { noUnhandledRejections } from '../support/unhandled.js';

/** Options, parameters and signals are the caller's objects. They can change at any time, abort while they are read, and throw. */

let server: Loopback;

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

const tenantThing = operation({
  path: '/things/{id}',
  params: [
    { key: 'id', in: 'path', required: true },
    { key: 'tenant', in: 'header', wire: 'x-param' },
    { key: 'session', in: 'cookie' },
  ],
});

describe.each(TRANSPORTS)('over %s', (_, transport) => {
  test('R1 each attempt goes out with the headers that the call was made with', async () => {
    const headers: Record<string, string> = { 'x-tenant': 'ana' };
    const params = { id: 'ana', tenant: 'ana', session: 'ana' };
    server.answer(
      (response, seen) => {
        Object.assign(headers, { 'x-tenant': 'bob', 'x-more': 'bob' });
        Object.assign(params, { id: 'bob', tenant: 'bob', session: 'bob' });
        json({}, 503)(response, seen);
      },
      json({ id: 1 }),
    );
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: { ...AT_ONCE, maxAttempts: 2 }, ...transport });
    await acme.call(tenantThing, params, { headers });
    expect(server.requests.map((seen) => [seen.url, seen.headers['x-tenant'], seen.headers['x-param'], seen.headers.cookie])).toEqual([
      ['/things/ana', 'ana', 'ana', 'session=ana'],
      ['/things/ana', 'ana', 'ana', 'session=ana'],
    ]);
    expect(server.requests.map((seen) => seen.headers['x-more'])).toEqual([undefined, undefined]);
  });

  test('R1 a client keeps the options that it was made with, and so do the clients made from it', async () => {
    const options = {
      baseUrl: server.origin,
      token: 'ana',
      headers: { 'x-tenant': 'ana' } as Record<string, string>,
      retry: { ...AT_ONCE, statuses: [503], maxAttempts: 2 },
      fallbacks: {} as Record<string, unknown>,
      ...transport,
    };
    const acme = testClient(options);
    // `testClient` copies the options, but none of the objects in them.
    options.headers['x-tenant'] = 'bob';
    options.retry.statuses.length = 0;
    options.fallbacks['things.get'] = 'bob';
    server.answer(json({}, 503), json({ id: 1 }), json({}, 404));
    expect(await acme.call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(await errorOf(acme.withOptions({ retry: false }).call(getThing, { id: 1 }))).toMatchObject({ status: 404 });
    expect(server.requests.map((seen) => seen.headers['x-tenant'])).toEqual(['ana', 'ana', 'ana']);
  });
});

describe('an abort while the call is written', () => {
  const aborts = (): { readonly aborter: AbortController; readonly abort: () => string } => {
    const aborter = new AbortController();
    const abort = (): string => {
      aborter.abort('gone');
      return 'a';
    };
    return { aborter, abort };
  };

  test.each([
    ['identity', (abort: () => string) => ({ identity: abort, params: { id: 'a', body: {} } })],
    ['a getter of the parameters', (abort: () => string) => ({ params: Object.defineProperty({ body: {} }, 'id', { get: abort }) })],
    ['a toJSON of the body', (abort: () => string) => ({ params: { id: 'a', body: { toJSON: abort } } })],
    [
      'a getter of the headers',
      (abort: () => string) => ({
        params: { id: 'a', body: {} },
        headers: Object.defineProperty({}, 'x-a', { get: abort, enumerable: true }),
      }),
    ],
  ])('%s: nothing is sent', async (_, make) => {
    const { aborter, abort } = aborts();
    const registry = new BreakerRegistry();
    const { params, headers = {}, ...options } = make(abort) as { params: never; headers?: Record<string, string> };
    const acme = testClient({ baseUrl: server.origin, token: 't', registry, ...options });
    const failed = errorOf(
      acme.call({ ...createThing, path: '/things/{id}', params: getThing.params ?? [] }, params, { signal: aborter.signal, headers }),
    );
    expect(await failed).toBe('gone');
    expect(server.requests).toHaveLength(0);
    expect(operationStats(registry)).toMatchObject([{ inFlight: 0, cancelled: 1 }]);
  });
});

describe('a signal that cannot be followed', () => {
  const refuse = (): never => {
    throw new Error('not you');
  };
  const signal = (): AbortSignal => ({ aborted: false, addEventListener: refuse, removeEventListener: refuse }) as unknown as AbortSignal;
  const hostile = (): AbortSignal =>
    Object.defineProperty({ addEventListener: refuse }, 'aborted', { get: refuse }) as unknown as AbortSignal;

  test('a call rejects, and never throws', async () => {
    const registry = new BreakerRegistry();
    const acme = testClient({ baseUrl: server.origin, token: 't', registry });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: signal() }))).toMatchObject({ kind: 'configuration' });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: hostile() }))).toMatchObject({ kind: 'request' });
    expect(server.requests).toHaveLength(0);
    expect(operationStats(registry)).toMatchObject([{ inFlight: 0, failures: 2 }]);
  });

  test('a protected function rejects without a run', async () => {
    const breaker = new CircuitBreaker();
    let runs = 0;
    for (const options of [{ breaker }, { breaker, totalTimeoutMs: 60_000 }])
      for (const given of [signal(), hostile()]) expect(await errorOf(protect(() => runs++, options)(given))).toBeInstanceOf(Error);
    expect([runs, breaker.snapshot().stats.totalRequests]).toEqual([0, 0]);
  });

  test('a proxy as an argument is an argument', async () => {
    const strange = new Proxy({}, { has: refuse });
    expect(await protect((_, given: object) => Object.is(given, strange), { breaker: new CircuitBreaker() })(strange)).toBe(true);
  });

  test('a bulkhead and a rate limiter: nothing waits, and no place is lost', async () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueue: 5 });
    const held = await bulkhead.acquire();
    expect(await errorOf(bulkhead.acquire({ signal: signal() }))).toMatchObject({ kind: 'configuration' });
    held.release();
    expect(bulkhead.stats()).toMatchObject({ active: 0, queued: 0 });
    const limiter = new RateLimiter({ requests: 1, perMs: 60_000, maxWaitMs: null });
    await limiter.acquire();
    expect(await errorOf(limiter.acquire({ signal: signal() }))).toMatchObject({ kind: 'configuration' });
    expect(limiter.stats()).toMatchObject({ queued: 0 });
  });
});

test.each([
  ['a Headers', new Headers({ 'x-a': '1' })],
  ['a Map', new Map([['x-a', '1']])],
])('%s as headers is refused, by a client and by a call: its headers would be left out', async (_, headers) => {
  const given = headers as unknown as Record<string, string>;
  expect(() => testClient({ baseUrl: server.origin, token: 't', headers: given })).toThrow(/^headers is a .*Object\.fromEntries/);
  const acme = testClient({ baseUrl: server.origin, token: 't' });
  expect(await errorOf(acme.call(getThing, { id: 1 }, { headers: given }))).toMatchObject({ kind: 'configuration' });
});
