import { AsyncLocalStorage } from 'node:async_hooks';
import { BreakerRegistry, type CallOptions, type ClientOptions, lastGood, type ServiceClient } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOptionalCode } from '../../../../runtime/call/optional-code.js';
import type { DispatcherLike } from '../../../../runtime/call/transport/types.js';
import { errorOf, getThing, type Service, testClient } from '../../../support/client.js';
import { json, Loopback } from '../../../support/loopback.js';

/** One way to tell the server on whose behalf a request is sent. */
interface Way {
  readonly client: (tenant: string) => ClientOptions;
  readonly call?: (tenant: string) => CallOptions;
  /** The client knows the sender: it keeps answers. */
  readonly known: boolean;
  readonly service?: Service;
  /** The tenants' calls go through one client. */
  readonly oneClient?: true;
}

const tenant = new AsyncLocalStorage<string>();
const { fetch: originalFetch } = globalThis;

/** Answers with what the request and its way say of the sender. */
class Vendor {
  readonly #down = { value: false };
  readonly #held: (() => void)[] = [];
  holding = false;
  requests = 0;
  /** What the last request and its way said. */
  last = '';

  set down(value: boolean) {
    this.#down.value = value;
  }

  release(): void {
    this.holding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** A dispatcher that adds `signature` to each request, as one that signs does. Undefined: it adds nothing, and says so. */
  dispatcher(signature?: () => string): DispatcherLike {
    return {
      ...(signature === undefined ? { signsRequests: false } : {}),
      dispatch: (request, handler) => {
        this.requests++;
        const sender = `${request.path} ${request.headers.join(' ')} ${signature?.() ?? ''}`;
        this.last = sender;
        const answer = (): void => {
          const controller = { abort: () => undefined };
          handler.onRequestStart(controller, undefined);
          handler.onResponseStart(controller, this.#down.value ? 503 : 200, { 'content-type': 'application/json' });
          handler.onResponseData(controller, Buffer.from(JSON.stringify({ owner: /tenant-\w+/.exec(sender)?.[0] ?? 'nobody' })));
          handler.onResponseEnd(controller, {});
        };
        if (this.holding) this.#held.push(answer);
        else answer();
        return true;
      },
    };
  }
}

let vendor: Vendor;
let registry: BreakerRegistry;
/** The plain transport, which adds nothing: all clients share it. */
let plain: DispatcherLike;

beforeEach(() => {
  vendor = new Vendor();
  registry = new BreakerRegistry();
  plain = vendor.dispatcher();
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

const instrumented = (headers: () => Record<string, string>): ClientOptions['instrumentation'] => ({
  callStarted: () => ({ attemptStarted: headers, attemptEnded: () => undefined, event: () => undefined, ended: () => undefined }),
});

const apiKey: Service = { security: [{ type: 'apiKey', in: 'header', name: 'X-Key' }] };
const queryKey: Service = { security: [{ type: 'apiKey', in: 'query', name: 'key' }] };

const WAYS: Readonly<Record<string, Way>> = {
  token: { known: true, client: (name) => ({ token: name }) },
  'token function': { known: true, client: (name) => ({ token: () => name }) },
  'token of the context': { known: true, oneClient: true, client: () => ({ token: () => tenant.getStore() ?? '' }) },
  'key in a header': { known: true, service: apiKey, client: (name) => ({ token: name }) },
  'key in the query': { known: true, service: queryKey, client: (name) => ({ token: name }) },
  credentials: {
    known: true,
    service: { security: [{ type: 'basic' }] },
    client: (name) => ({ credentials: { username: name, password: 'p' }, headers: { 'x-says': name } }),
  },
  'headers of the client': { known: true, client: (name) => ({ headers: { authorization: name } }) },
  'headers of the call': { known: true, oneClient: true, client: () => ({}), call: (name) => ({ headers: { authorization: name } }) },
  'a key as header of the call': {
    known: true,
    oneClient: true,
    service: apiKey,
    client: () => ({}),
    call: (name) => ({ headers: { 'x-key': name } }),
  },
  cookie: { known: true, client: (name) => ({ headers: { cookie: `session=${name}` } }) },
  'a sub-account beside one token': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency' }),
    call: (name) => ({ headers: { 'x-account': name } }),
  },
  'a sub-account of the instrumentation beside one token': {
    known: true,
    client: (name) => ({ token: 'agency', instrumentation: instrumented(() => ({ 'x-account': name })) }),
  },
  'a sub-account of the context beside one token': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency', instrumentation: instrumented(() => ({ 'x-account': tenant.getStore() ?? '' })) }),
  },
  dispatcher: { known: false, client: (name) => ({ dispatcher: vendor.dispatcher(() => name) }) },
  'dispatcher beside one token': { known: false, client: (name) => ({ token: 'agency', dispatcher: vendor.dispatcher(() => name) }) },
  'dispatcher of the context beside one token': {
    known: false,
    oneClient: true,
    client: () => ({ token: 'agency', dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  'dispatcher of the context': {
    known: false,
    oneClient: true,
    client: () => ({ dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  instrumentation: { known: false, client: (name) => ({ instrumentation: instrumented(() => ({ authorization: name })) }) },
  'instrumentation of the context': {
    known: false,
    oneClient: true,
    client: () => ({ instrumentation: instrumented(() => ({ authorization: tenant.getStore() ?? '' })) }),
  },
  'patched fetch': { known: false, client: () => ({ dispatcher: undefined, transport: 'fetch' }) },
  'patched fetch beside one token': {
    known: false,
    oneClient: true,
    client: () => ({ token: 'agency', dispatcher: undefined, transport: 'fetch' }),
  },
  'identity of the context, signed by a patched fetch': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency', identity: () => tenant.getStore() ?? '', dispatcher: undefined, transport: 'fetch' }),
  },
  'identity of the context, signed by the instrumentation': {
    known: true,
    oneClient: true,
    client: () => ({
      token: 'agency',
      identity: () => tenant.getStore() ?? '',
      instrumentation: instrumented(() => ({ 'x-account': tenant.getStore() ?? '' })),
    }),
  },
  'identity, signed by the dispatcher': {
    known: true,
    client: (name) => ({ identity: name, dispatcher: vendor.dispatcher(() => name) }),
  },
  'identity of the context': {
    known: true,
    oneClient: true,
    client: () => ({ identity: () => tenant.getStore() ?? '', dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  'identity of the call': {
    known: true,
    oneClient: true,
    client: () => ({ dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
    call: (name) => ({ identity: name }),
  },
  'dispatcher, where no credentials are wanted': {
    known: true,
    service: { security: [] },
    client: (name) => ({ dispatcher: vendor.dispatcher(() => name) }),
  },
  'instrumentation, where no credentials are wanted': {
    known: true,
    service: { security: [] },
    client: (name) => ({ instrumentation: instrumented(() => ({ authorization: name })) }),
  },
};

function patchFetch(): void {
  globalThis.fetch = async () => {
    vendor.requests++;
    const down = tenant.getStore() === undefined;
    return down ? Response.json({}, { status: 503 }) : Response.json({ owner: tenant.getStore() });
  };
}

const clientOf = (way: Way, name: string, options: ClientOptions): ServiceClient =>
  testClient(
    {
      baseUrl: 'http://acme.test',
      registry,
      dispatcher: plain,
      retry: false,
      breaker: { failureThreshold: 1_000 },
      ...options,
      ...way.client(name),
    },
    way.service,
  );

const ask = (client: ServiceClient, way: Way, name: string): Promise<unknown> =>
  tenant.run(name, () => client.call(getThing, { id: 'same' }, way.call?.(name)));

const entries = Object.entries(WAYS);
const pairs = entries.flatMap(([a, first]) => entries.map(([b, second]) => [a, b, first, second] as const));

describe('R17 what belongs to one sender is given to no other', () => {
  test.each(pairs)('kept answers: %s, then %s', async (_a, _b, first, second) => {
    patchFetch();
    const options = { fallbacks: { 'things.get': lastGood() } };
    const ana = clientOf(first, 'tenant-ana', options);
    expect(await ask(ana, first, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    vendor.down = true;
    globalThis.fetch = async () => Response.json({}, { status: 503 });
    const bob = first === second && first.oneClient ? ana : clientOf(second, 'tenant-bob', options);
    expect(await errorOf(ask(bob, second, 'tenant-bob'))).toMatchObject({ kind: 'http', status: 503 });
  });

  test.each(entries)('kept answers for the same sender: %s', async (_, way) => {
    patchFetch();
    const ana = clientOf(way, 'tenant-ana', { fallbacks: { 'things.get': lastGood() } });
    await ask(ana, way, 'tenant-ana');
    vendor.down = true;
    globalThis.fetch = async () => Response.json({}, { status: 503 });
    if (way.known) expect(await ask(ana, way, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    else expect(await errorOf(ask(ana, way, 'tenant-ana'))).toMatchObject({ status: 503 });
  });

  test.each(entries.filter(([, { oneClient }]) => oneClient))('shared requests of one client: %s', async (_, way) => {
    patchFetch();
    await loadOptionalCode();
    const client = clientOf(way, 'unused', { coalesce: true });
    vendor.holding = true;
    const answers = Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    await Promise.resolve();
    vendor.release();
    expect(await answers).toEqual([{ owner: 'tenant-ana' }, { owner: 'tenant-bob' }]);
    expect(vendor.requests).toBe(2);
  });

  test.each(entries.filter(([name]) => !name.includes('patched fetch') && !name.includes('beside one token')))(
    'lanes of the rate limit: %s',
    async (_, way) => {
      const options = { rateLimit: { requests: 1, perMs: 60_000, maxWaitMs: 0 } };
      const ana = clientOf(way, 'tenant-ana', options);
      const bob = way.oneClient ? ana : clientOf(way, 'tenant-bob', options);
      await ask(ana, way, 'tenant-ana');
      const answer = ask(bob, way, 'tenant-bob');
      // One client whose senders are not known has one budget: it shares no data.
      if (way.known || !way.oneClient) expect(await answer).toEqual({ owner: 'tenant-bob' });
      else expect(await errorOf(answer)).toMatchObject({ kind: 'rate_limited' });
    },
  );

  test.each([
    ['a bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }, {}],
    ['a token of the rate limit', { rateLimit: { requests: 1, perMs: 5 } }, {}],
    ['an async token', { token: async () => 'agency' }, {}],
    ['a bulkhead, where no credentials are wanted', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }, { security: [] }],
  ] as const)('F1 no call joins a request that waits for %s, and is signed when it is sent', async (_, waits, service) => {
    await loadOptionalCode();
    const instrumentation = instrumented(() => (tenant.getStore() === undefined ? {} : { 'x-account': tenant.getStore() ?? '' }));
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation, coalesce: true, ...waits }), service };
    const client = clientOf(way, '', {});
    const first = client.call(getThing, { id: 'another' });
    const answers = await Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    expect(answers).toEqual([{ owner: 'tenant-ana' }, { owner: 'tenant-bob' }]);
    await first;
    expect(vendor.requests).toBe(3);
  });

  test('with an `identity`, headers of an instrumentation neither end sharing nor change under what answers are kept', async () => {
    await loadOptionalCode();
    let requests = 0;
    const instrumentation = instrumented(() => ({ 'x-account': `${tenant.getStore()} ${++requests}` }));
    const identity = (): string => tenant.getStore() ?? '';
    const way: Way = { known: true, client: () => ({ token: 'agency', identity, instrumentation }) };
    const client = clientOf(way, '', { coalesce: true, fallbacks: { 'things.get': lastGood() } });
    await ask(client, way, 'tenant-ana');
    vendor.holding = true;
    const answers = Promise.all([1, 2, 3].map(() => ask(client, way, 'tenant-ana')));
    vendor.release();
    expect(await answers).toHaveLength(3);
    expect(vendor.requests).toBe(2);
    client.breaker('things.get').forceOpen();
    expect(await ask(client, way, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    expect(await errorOf(ask(client, way, 'tenant-bob'))).toMatchObject({ kind: 'circuit_open' });
  });

  test('an instrumentation that declares to sign nothing adds no header that can name a sender, and calls share requests', async () => {
    await loadOptionalCode();
    const headers = (): Record<string, string> => ({ 'x-account': tenant.getStore() ?? '', traceparent: 'trace' });
    const instrumentation = { signsRequests: false, callStarted: instrumented(headers)?.callStarted ?? (() => undefined) };
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation }) };
    const client = clientOf(way, '', { coalesce: true });
    vendor.holding = true;
    const answers = Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    vendor.release();
    expect(await answers).toEqual([{ owner: 'nobody' }, { owner: 'nobody' }]);
    expect(vendor.requests).toBe(1);
    expect(vendor.last).toContain('traceparent trace');
    expect(vendor.last).not.toContain('x-account');
  });

  test('a call that an instrumentation would have signed is not given the answer to one that it did not sign', async () => {
    const instrumentation = instrumented(() => (tenant.getStore() === undefined ? {} : { 'x-account': tenant.getStore() ?? '' }));
    const way: Way = { known: true, client: () => ({ token: 'agency', instrumentation }) };
    const client = clientOf(way, '', { fallbacks: { 'things.get': lastGood() } });
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
    const client = clientOf({ known: true, client: () => ({ token: 'agency', instrumentation, coalesce: true }) }, '', {});
    await Promise.all([1, 2].map(() => client.call(getThing, { id: 1 })));
    expect(vendor.requests).toBe(2);
  });

  test('clients of one token and one dispatcher have one lane, although none is given the answers of another', async () => {
    const dispatcher = vendor.dispatcher(() => 'tenant-ana');
    const options = { token: 'agency', dispatcher, rateLimit: { requests: 1, perMs: 60_000, maxWaitMs: 0 } };
    const [one, two] = [1, 2].map(() => clientOf({ known: false, client: () => options }, '', {}));
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
    const client = (): ServiceClient => testClient({ baseUrl: 'http://acme.test', registry, dispatcher: plain, retry: false, ...options });
    await client().call(getThing, { id: 1 });
    vendor.down = true;
    expect(await client().call(getThing, { id: 1 }).result()).toMatchObject({ source: 'cache', data: { owner: 'tenant-ana' } });
  });

  test.each([() => 7 as never, () => undefined as never])(
    'an identity that is none is refused at the call, and nothing is sent',
    async (identity) => {
      const error = await errorOf(clientOf({ known: true, client: () => ({ identity }) }, '', {}).call(getThing, { id: 1 }));
      expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining('the identity function failed') });
      expect(vendor.requests).toBe(0);
    },
  );

  test('an identity of another kind is refused where it is given', async () => {
    expect(() => clientOf({ known: true, client: () => ({ identity: 7 as never }) }, '', {})).toThrow(
      'identity is "number", expected a string',
    );
    const client = clientOf({ known: true, client: () => ({}) }, '', {});
    expect(await errorOf(client.call(getThing, { id: 1 }, { identity: 7 as never }))).toMatchObject({ kind: 'configuration' });
  });
});
