import { BreakerRegistry, type ClientOptions, type ServiceClient } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planPolicies } from '../../runtime/config/live/circuit-policies.js';
import { AT_ONCE, errorOf, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { badGateway, hang, json, Loopback, reset } from '../support/loopback.js';
import { answerOwner, expectOwnCredentials, failFirst } from './owners.js';
import { asEach, ContextLog, quiet, TENANTS, tenant } from './tenants.js';

let server: Loopback;
let registry: BreakerRegistry;
let log: ContextLog;

beforeEach(async () => {
  server = await Loopback.start();
  registry = new BreakerRegistry();
  log = new ContextLog();
  registry.subscribe(log.listener);
});

afterEach(() => server.stop());

const unavailable = json({}, 503);

describe.each(TRANSPORTS)('R1 each function of the user runs in the context of its own call, over %s', (_, transport) => {
  const client = (owner: string, options: ClientOptions = {}): ServiceClient =>
    testClient({
      baseUrl: server.origin,
      registry,
      retry: AT_ONCE,
      breaker: { failureThreshold: 1_000 },
      ...transport,
      ...log.options(owner),
      ...options,
    });
  const get = (owner: string, options: ClientOptions = {}): Promise<unknown> => client(owner, options).call(getThing, { id: owner });
  const warm = async (): Promise<void> => {
    // Opens the sockets in a context of its own, which no call must see.
    await tenant.run('the one that opened the socket', () =>
      testClient({ baseUrl: server.origin, registry, ...transport, token: 'tok-ana' }).call(
        getThing,
        { id: 'ana' },
        { headers: { 'x-tenant': 'ana' } },
      ),
    );
  };

  const inOwnContext = (...kinds: readonly string[]): void => {
    expect(log.foreign).toEqual([]);
    for (const kind of kinds) expect(log.kinds).toContain(kind);
    expectOwnCredentials(server);
  };

  test('first attempt', async () => {
    server.answer(answerOwner);
    await warm();
    expect(await asEach((name) => get(name))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    inOwnContext('token', 'attemptStarted', 'attemptEnded', 'callStarted', 'ended');
  });

  test.each([
    ['after a 503', () => [unavailable], {}],
    ['after Retry-After', () => [json({}, 503, { 'retry-after-ms': '2' })], {}],
    ['after a timeout', () => [hang], { timeoutMs: 300, totalTimeoutMs: null, retry: { ...AT_ONCE, maxAttempts: 9 } }],
    ['after a reset', () => [reset], {}],
  ] as const)('a retry %s', async (_name, first, options) => {
    server.answer(answerOwner);
    await warm();
    failFirst(server, ...first());
    expect(await asEach((name) => get(name, options))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    inOwnContext('token', 'random', 'onEvent call_failed', 'listener call_failed', 'onEvent retry_scheduled', 'trace event', 'ended');
  });

  test('a wait in the queue of the bulkhead, and a place that another call frees', async () => {
    failFirst(server, unavailable);
    const bulkhead = { maxConcurrent: 1, maxQueue: 9 };
    expect(await asEach((name) => get(name, { bulkhead }))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    inOwnContext('token', 'onEvent retry_scheduled');
  });

  test('a queue that is full, and one that takes too long', async () => {
    const held: (() => void)[] = [];
    server.answer((response, seen) => void held.push(() => answerOwner(response, seen)));
    const bulkhead = { maxConcurrent: 1, maxQueue: 1, maxWaitMs: 20 };
    const start = (name: string): Promise<unknown> =>
      tenant.run(name, () => get(name, { bulkhead, fallbacks: { 'things.get': log.fallback(name) } }));
    const first = start('ana');
    await server.request(1);
    expect(await Promise.all([start('bob'), start('cyd')])).toEqual([{ by: 'bob' }, { by: 'cyd' }]);
    held[0]?.();
    expect(await first).toEqual({ tenant: 'ana' });
    inOwnContext('fallback', 'fallback, later', 'onEvent call_limited', 'onEvent fallback_used');
  });

  test('a wait for a token of the rate limit', async () => {
    server.answer(answerOwner);
    const rateLimit = { requests: 1, perMs: 20 };
    await asEach(async (name) => {
      const own = client(name, { rateLimit });
      await Promise.all([1, 2, 3].map(() => own.call(getThing, { id: name })));
    });
    expect(server.requests).toHaveLength(9);
    inOwnContext('token', 'attemptStarted');
  });

  test('a shared request whose first caller leaves', async () => {
    failFirst(server, unavailable, unavailable);
    const headers = (name: string): ClientOptions => ({ headers: { 'x-tenant': name }, ...log.options(name, { signs: false }) });
    const own = TENANTS.map((name) => client(name, { coalesce: true, ...headers(name) }));
    const answers = await Promise.all(
      TENANTS.map((name, at) =>
        tenant.run(name, async () => {
          const leaving = new AbortController();
          const first = own[at]?.call(getThing, { id: name }, { signal: leaving.signal });
          const second = own[at]?.call(getThing, { id: name });
          first?.catch(() => undefined);
          await server.request(1);
          // In another context, as a server's connection that closes.
          tenant.run('the one that aborts', () => leaving.abort());
          return await second;
        }),
      ),
    );
    expect(answers).toEqual(TENANTS.map((name) => ({ tenant: name })));
    // Three requests of each tenant, whoever waited for them.
    expect(server.requests).toHaveLength(9);
    inOwnContext('token', 'ended');
  });

  test('probes of a circuit that another call opened', async () => {
    const breaker = { failureThreshold: 1, recoveryTimeoutMs: 0, successThreshold: 3, halfOpenMaxCalls: 3 };
    server.answer(unavailable, answerOwner);
    await tenant.run('ana', () => errorOf(get('ana', { breaker, retry: false })));
    await asEach((name) => get(name, { breaker, retry: false }));
    inOwnContext('listener circuit_opened', 'listener circuit_half_open', 'listener circuit_closed', 'onEvent circuit_closed');
  });

  test('an open circuit, and a fallback', async () => {
    const breaker = { failureThreshold: 1 };
    server.answer(unavailable);
    await tenant.run('ana', () => errorOf(get('ana', { breaker, retry: false })));
    const answers = asEach((name) => get(name, { breaker, fallbacks: { 'things.get': log.fallback(name) } }));
    expect(await answers).toEqual(TENANTS.map((name) => ({ by: name })));
    inOwnContext('fallback', 'onEvent call_rejected', 'listener call_rejected', 'onEvent fallback_used');
  });

  test('the deadline of the whole call', async () => {
    server.answer(hang);
    const answers = asEach((name) => get(name, { timeoutMs: 30, totalTimeoutMs: 30, fallbacks: { 'things.get': log.fallback(name) } }));
    expect(await answers).toEqual(TENANTS.map((name) => ({ by: name })));
    inOwnContext('fallback', 'fallback, later', 'attemptEnded', 'ended');
  });

  test("the caller's abort, from any context", async () => {
    server.answer(hang);
    const shared = new AbortController();
    const calls = asEach(async (name) => errorOf(client(name).call(getThing, { id: name }, { signal: shared.signal })));
    await server.request(3);
    tenant.run('the one that aborts', () => shared.abort(new Error('left')));
    expect(await calls).toEqual(TENANTS.map(() => new Error('left')));
    inOwnContext('attemptEnded', 'ended');
  });

  test('a reload of the configuration between two attempts', async () => {
    let reloaded = false;
    server.answer((response, seen) => {
      if (!reloaded) planPolicies(registry, ({ policies }) => policies)();
      reloaded ||= server.requests.length >= 3;
      (server.requests.length <= 3 ? badGateway : answerOwner)(response, seen);
    });
    expect(await asEach((name) => get(name))).toEqual(TENANTS.map((name) => ({ tenant: name })));
    inOwnContext('token', 'random', 'onEvent retry_scheduled');
  });

  test('40 callers with 50 calls each, a fifth of the answers 503: no foreign token, no foreign log line', async () => {
    let count = 0;
    server.answer((response, seen) => (++count % 5 === 0 ? unavailable : answerOwner)(response, seen));
    const names = Array.from({ length: 40 }, (_unused, at) => `t${at}`);
    const own = testClient({
      baseUrl: server.origin,
      registry,
      retry: { ...AT_ONCE, maxAttempts: 5 },
      breaker: { failureThreshold: 1_000_000 },
      ...transport,
      token: () => `tok-${tenant.getStore()}`,
      instrumentation: { callStarted: () => ({ ...quiet, attemptStarted: () => ({ 'x-tenant': tenant.getStore() ?? 'none' }) }) },
    });
    const lines: { readonly attempt: string; readonly store: string | undefined }[] = [];
    registry.subscribe(({ type }) => lines.push({ attempt: type, store: tenant.getStore() }));
    const answers = await Promise.all(
      names.map((name) =>
        tenant.run(name, async () => {
          const got: unknown[] = [];
          for (let at = 0; at < 50; at++) got.push(await own.call(getThing, { id: name }).catch(() => ({ tenant: name })));
          return got;
        }),
      ),
    );
    expect(answers).toEqual(names.map((name) => Array(50).fill({ tenant: name })));
    expectOwnCredentials(server);
    expect(lines.length).toBeGreaterThan(400);
    expect(lines.filter(({ store }) => store === undefined || !names.includes(store))).toEqual([]);
    // As many log lines of each tenant as it met failures.
    for (const name of names) {
      const failed = server.requests.filter(({ url }) => url.endsWith(`/${name}`)).length - 50;
      expect(lines.filter(({ attempt, store }) => attempt === 'retry_scheduled' && store === name)).toHaveLength(failed);
    }
  });
});
