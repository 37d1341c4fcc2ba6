import type { ServerResponse } from 'node:http';
import { BreakerRegistry, type ClientOptions, lastGood } from 'fuseline';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback, type Seen } from '../support/loopback.js';
import { expectOwnCredentials, failFirst } from './owners.js';
import { asEach, quiet, TENANTS, tenant } from './tenants.js';

let server: Loopback;
let registry: BreakerRegistry;
let agent: Agent;
const { fetch: originalFetch } = globalThis;

beforeEach(async () => {
  server = await Loopback.start();
  registry = new BreakerRegistry();
  agent = new Agent();
});

afterEach(async () => {
  globalThis.fetch = originalFetch;
  await agent.close();
  await server.stop();
});

const unavailable = json({}, 503);
const answerHeader = (response: ServerResponse, seen: Seen): void => json({ tenant: seen.headers['x-tenant'] })(response, seen);

describe.each(TRANSPORTS)('R1 what signs a request outside the client does so in the context of its call, over %s', (_, transport) => {
  /** The options of a client whose dispatcher, or patched fetch, adds `headers` to each request. */
  const signedWith = (headers: () => Readonly<Record<string, string>>): ClientOptions => {
    if (!('transport' in transport)) {
      return {
        dispatcher: {
          dispatch: (request, handler) =>
            agent.dispatch({ ...request, headers: [...request.headers, ...Object.entries(headers()).flat()] } as never, handler as never),
        },
      };
    }
    globalThis.fetch = (url, init) => {
      const all = new Headers(init?.headers);
      for (const [name, value] of Object.entries(headers())) all.set(name, value);
      return originalFetch(url, { ...init, headers: all });
    };
    return transport;
  };

  test('a dispatcher, or a fetch, that signs by the context', async () => {
    failFirst(server, unavailable);
    const credentials = () => ({ authorization: `Bearer tok-${tenant.getStore()}`, 'x-tenant': tenant.getStore() ?? 'none' });
    const own = testClient({ baseUrl: server.origin, registry, retry: AT_ONCE, ...signedWith(credentials) });
    expect(await asEach((name) => own.call(getThing, { id: name }))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    expectOwnCredentials(server);
    expect(server.requests).toHaveLength(6);
  });

  const asThemselves = (name: string): ClientOptions['instrumentation'] => ({
    callStarted: () => ({ ...quiet, attemptStarted: () => ({ 'x-tenant': tenant.getStore() ?? name }) }),
  });

  test.each([
    ['a place', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }],
    ['a token of the rate limit', { rateLimit: { requests: 1, perMs: 20 } }],
    ['an async token', { token: async () => 't' }],
  ] as const)('F1 no call joins a request that waits for %s, and that an instrumentation signs when it is sent', async (_name, waits) => {
    server.answer(answerHeader);
    const options = { baseUrl: server.origin, registry, retry: false, token: 't', instrumentation: asThemselves('none'), ...transport };
    const own = testClient({ ...options, coalesce: true, ...waits });
    const before = tenant.run('the first', () => own.call(getThing, { id: 'other' }));
    expect(await asEach(() => own.call(getThing, { id: 'same' }))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    await before;
  });

  test('F2 a dispatcher, or a fetch, that adds the tenant beside one token: nothing is shared, unless an `identity` says who sends', async () => {
    server.answer(answerHeader);
    const options = {
      baseUrl: server.origin,
      registry,
      retry: false,
      token: 't',
      coalesce: true,
      breaker: { failureThreshold: 1_000 },
      fallbacks: { 'things.get': lastGood() },
      ...signedWith(() => ({ 'x-tenant': tenant.getStore() ?? '' })),
    } as const;
    const unnamed = testClient(options);
    const named = testClient({ ...options, identity: () => tenant.getStore() ?? '' });
    for (const own of [unnamed, named]) {
      const answers = await asEach(() => Promise.all([1, 2].map(() => own.call(getThing, { id: 'same' }))));
      expect(answers).toEqual(TENANTS.map((name) => [{ tenant: name }, { tenant: name }]));
    }
    expect(server.requests).toHaveLength(6 + 3);
    server.answer(unavailable);
    for (const name of [...TENANTS, 'dan']) {
      const [result, ofNamed] = await tenant.run(name, () =>
        Promise.all([unnamed, named].map((own) => own.call(getThing, { id: 'same' }).result())),
      );
      expect(result).toMatchObject({ ok: false, error: { status: 503 } });
      expect(ofNamed).toMatchObject(name === 'dan' ? { ok: false, error: { status: 503 } } : { source: 'cache', data: { tenant: name } });
    }
  });
});
