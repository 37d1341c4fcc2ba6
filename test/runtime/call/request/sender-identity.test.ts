import { lastGood, type ServiceClient } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOptionalCode } from '../../../../runtime/call/optional-code.js';
import { errorOf, getThing, testClient } from '../../../support/client.js';
import { json, Loopback } from '../../../support/loopback.js';
import { ask, instrumented, Senders, tenant, type Way } from './senders.js';

let senders: Senders;
const { fetch: originalFetch } = globalThis;

beforeEach(() => {
  senders = new Senders();
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

describe('R17 by what a sender is known', () => {
  test.each([
    ['a bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }, {}],
    ['a token of the rate limit', { rateLimit: { requests: 1, perMs: 5 } }, {}],
    ['an async token', { token: async () => 'agency' }, {}],
    ['a bulkhead, where no credentials are wanted', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }, { security: [] }],
  ] as const)('F1 no call joins a request that waits for %s, and is signed when it is sent', async (_, waits, service) => {
    await loadOptionalCode();
    const instrumentation = instrumented(() => (tenant.getStore() === undefined ? {} : { 'x-account': tenant.getStore() ?? '' }));
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation, coalesce: true, ...waits }), service };
    const client = senders.client(way);
    const first = client.call(getThing, { id: 'another' });
    const answers = await Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    expect(answers).toEqual([{ owner: 'tenant-ana' }, { owner: 'tenant-bob' }]);
    await first;
    expect(senders.vendor.requests).toBe(3);
  });

  test('with an `identity`, headers of an instrumentation neither end sharing nor change under what answers are kept', async () => {
    await loadOptionalCode();
    let requests = 0;
    const instrumentation = instrumented(() => ({ 'x-account': `${tenant.getStore()} ${++requests}` }));
    const identity = (): string => tenant.getStore() ?? '';
    const way: Way = { known: true, client: () => ({ token: 'agency', identity, instrumentation }) };
    const client = senders.client(way, '', { coalesce: true, fallbacks: { 'things.get': lastGood() } });
    await ask(client, way, 'tenant-ana');
    senders.vendor.holding = true;
    const answers = Promise.all([1, 2, 3].map(() => ask(client, way, 'tenant-ana')));
    senders.vendor.release();
    expect(await answers).toHaveLength(3);
    expect(senders.vendor.requests).toBe(2);
    client.breaker('things.get').forceOpen();
    expect(await ask(client, way, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    expect(await errorOf(ask(client, way, 'tenant-bob'))).toMatchObject({ kind: 'circuit_open' });
  });

  test('an instrumentation that declares to sign nothing adds no header that can name a sender, and calls share requests', async () => {
    await loadOptionalCode();
    const headers = (): Record<string, string> => ({ 'x-account': tenant.getStore() ?? '', traceparent: 'trace' });
    const instrumentation = { signsRequests: false, callStarted: instrumented(headers)?.callStarted ?? (() => undefined) };
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation }) };
    const client = senders.client(way, '', { coalesce: true });
    senders.vendor.holding = true;
    const answers = Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    senders.vendor.release();
    expect(await answers).toEqual([{ owner: 'nobody' }, { owner: 'nobody' }]);
    expect(senders.vendor.requests).toBe(1);
    expect(senders.vendor.last).toContain('traceparent trace');
    expect(senders.vendor.last).not.toContain('x-account');
  });

  test('a call that an instrumentation would have signed is not given the answer to one that it did not sign', async () => {
    const instrumentation = instrumented(() => (tenant.getStore() === undefined ? {} : { 'x-account': tenant.getStore() ?? '' }));
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation }) };
    const client = senders.client(way, '', { fallbacks: { 'things.get': lastGood() } });
    await client.call(getThing, { id: 'same' });
    await ask(client, way, 'tenant-ana');
    client.breaker('things.get').forceOpen();
    expect(await errorOf(ask(client, way, 'tenant-bob'))).toMatchObject({ kind: 'circuit_open' });
  });

  test('a declaration that throws is none', async () => {
    await loadOptionalCode();
    const instrumentation = {
      get signsRequests(): boolean {
        throw new Error('theirs');
      },
      callStarted: () => undefined,
    };
    const client = senders.client({ known: true, client: () => ({ token: 'agency', instrumentation, coalesce: true }) });
    await Promise.all([1, 2].map(() => client.call(getThing, { id: 1 })));
    expect(senders.vendor.requests).toBe(2);
  });

  test('clients of one token and one dispatcher have one lane, although none is given the answers of another', async () => {
    const dispatcher = senders.vendor.dispatcher(() => 'tenant-ana');
    const options = { token: 'agency', dispatcher, rateLimit: { requests: 1, perMs: 60_000, maxWaitMs: 0 } };
    const [one, two] = [1, 2].map(() => senders.client({ known: false, client: () => options }));
    await one?.call(getThing, { id: 1 });
    expect(await errorOf(two?.call(getThing, { id: 1 }) ?? Promise.resolve())).toMatchObject({ kind: 'rate_limited' });
  });

  test('a fetch that is patched between two calls ends what the first was known by', async () => {
    const server = await Loopback.start();
    server.answer(json({ owner: 'tenant-ana' }));
    const options = { baseUrl: server.origin, token: 't', dispatcher: undefined, transport: 'fetch', retry: false } as const;
    const client = testClient({ ...options, fallbacks: { 'things.get': lastGood() } });
    await client.call(getThing, { id: 1 });
    await server.stop();
    expect(await client.call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache' });
    globalThis.fetch = async () => Response.json({}, { status: 503 });
    expect(await errorOf(client.call(getThing, { id: 1 }))).toMatchObject({ status: 503 });
  });

  test('clients of one known sender share a kept answer', async () => {
    const options = { token: 'tenant-ana', fallbacks: { 'things.get': lastGood() } };
    const client = (): ServiceClient =>
      testClient({ baseUrl: 'http://acme.test', registry: senders.registry, dispatcher: senders.plain, retry: false, ...options });
    await client().call(getThing, { id: 1 });
    senders.vendor.down = true;
    expect(await client().call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache', data: { owner: 'tenant-ana' } });
  });

  test.each([() => 7 as never, () => undefined as never])(
    'an identity that is none is refused at the call, and nothing is sent',
    async (identity) => {
      const error = await errorOf(senders.client({ known: true, client: () => ({ identity }) }).call(getThing, { id: 1 }));
      expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining('the identity function failed') });
      expect(senders.vendor.requests).toBe(0);
    },
  );

  test('an identity of another kind is refused where it is given', async () => {
    expect(() => senders.client({ known: true, client: () => ({ identity: 7 as never }) })).toThrow(
      'identity is "number", expected a string',
    );
    const client = senders.client({ known: true, client: () => ({}) });
    expect(await errorOf(client.call(getThing, { id: 1 }, { identity: 7 as never }))).toMatchObject({ kind: 'configuration' });
  });
});
