import { BreakerRegistry, type ClientOptions, type FuselineEvent, limitStats, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, listThings, operation, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  dispatcher = new InMemory(answers(200));
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false, ...options });

const stats = (): object | undefined => limitStats(registry).rateLimiters[0];
const one = { requests: 1, perMs: 1_000 };

describe('a rate limit in the pipeline', () => {
  test('calls wait for their tokens, whichever client of the sender makes them', async () => {
    const at: number[] = [];
    const calls = [1, 2, 3].map((id) =>
      client({ rateLimit: one })
        .call(getThing, { id })
        .then(() => at.push(clock.now())),
    );
    await clock.advance(2_000);
    await Promise.all(calls);
    expect(at).toEqual([0, 1_000, 2_000]);
    expect(stats()).toMatchObject({ name: 'acme@acme.test', requests: 1, perMs: 1_000, granted: 3, waited: 2, senders: 1 });
    expect(clock.pendingTimers).toBeLessThanOrEqual(2);
  });

  test('only within the deadline: else it is told at once, and the fallback answers', async () => {
    const events: FuselineEvent[] = [];
    const acme = client({ rateLimit: one, timeoutMs: 500, totalTimeoutMs: 900, onEvent: (event) => events.push(event) });
    await acme.call(getThing, { id: 1 });
    const error = await errorOf(acme.call(getThing, { id: 2 }));
    expect(error).toMatchObject({ kind: 'rate_limited', service: 'acme', operation: 'things.get', retryAfterMs: 1_000 });
    expect(await acme.call(getThing, { id: 3 }, { fallback: 'spare' })).toBe('spare');
    expect(await errorOf(acme.call(getThing, { id: 4 }, { totalTimeoutMs: 5_000, maxWaitMs: 10 }))).toMatchObject({ kind: 'rate_limited' });
    expect(dispatcher.requests).toHaveLength(1);
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(1);
    expect(events.filter(({ type }) => type === 'call_limited')).toMatchObject([
      { policy: 'rate_limit', retryAfterMs: 1_000, operation: 'things.get' },
      { policy: 'rate_limit' },
      { policy: 'rate_limit' },
    ]);
  });

  test('each attempt takes a token; where none is left for a retry, the caller learns what the attempts met', async () => {
    dispatcher.react(answers(503));
    const acme = client({ rateLimit: { requests: 2, perMs: 60_000 }, retry: AT_ONCE, timeoutMs: 1_000 });
    const call = acme.call(getThing, { id: 1 }).result();
    await clock.advance(0);
    expect(await call).toMatchObject({ ok: false, attempts: 2, error: { kind: 'retry_exhausted', attempts: 2 } });
  });

  test('never shared between tenants: credentials, tenant headers and parameters', async () => {
    const rateLimit = { requests: 1, perMs: 60_000, maxWaitMs: 0 };
    const subuser = operation({ id: 'mail.send', path: '/mail', params: [{ key: 'onBehalfOf', wire: 'on-behalf-of', in: 'header' }] });
    const senders: (() => Promise<unknown>)[] = [
      () => client({ rateLimit }).call(getThing, { id: 1 }),
      () => client({ rateLimit, token: 'other' }).call(getThing, { id: 1 }),
      () => client({ rateLimit, headers: { 'x-tenant': 'a' } }).call(getThing, { id: 1 }),
      () => client({ rateLimit, headers: { 'x-tenant': 'b' } }).call(getThing, { id: 1 }),
      () => client({ rateLimit }).call(getThing, { id: 1 }, { headers: { 'X-Tenant': 'c' } }),
      () => client({ rateLimit }).call(subuser, { onBehalfOf: 'd' }),
    ];
    for (const send of senders) await send();
    for (const send of senders) expect(await errorOf(send())).toMatchObject({ kind: 'rate_limited' });
    expect(stats()).toMatchObject({ senders: 6, granted: 6, rejected: 6 });
    expect(JSON.stringify(limitStats(registry))).not.toContain('other');
  });

  test('but shared by all operations of a sender, whatever body, version header, trace or idempotency key they send', async () => {
    const rateLimit = { requests: 4, perMs: 60_000, maxWaitMs: 0 };
    const acme = client({ rateLimit });
    const versioned = operation({ id: 'old.get', headers: { Version: '2021-04-15' }, idempotencyHeader: 'Idempotency-Key' });
    await acme.call(getThing, { id: 1 }, { headers: { traceparent: 'one', 'X-Request-Id': 'r1' } });
    await acme.call(createThing, { body: {} });
    await acme.call(versioned, {}, { headers: { 'idempotency-key': 'mine' } });
    await acme.call(listThings, {});
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'rate_limited' });
    expect(stats()).toMatchObject({ senders: 1 });
  });

  test('or by none: scope operation', async () => {
    const acme = client({ rateLimit: { ...one, scope: 'operation', maxWaitMs: 0 } });
    await acme.call(getThing, { id: 1 });
    await acme.call(listThings, {});
    expect(limitStats(registry).rateLimiters.map(({ name }) => name)).toEqual(['acme@acme.test/things.get', 'acme@acme.test/things.list']);
  });

  test('the answers` headers narrow it: GoHighLevel, with its daily budget', async () => {
    const left = (remaining: number, daily: number): ReturnType<typeof answers> =>
      answers(
        200,
        {},
        {
          'content-type': 'application/json',
          'x-ratelimit-remaining': String(remaining),
          'x-ratelimit-interval-milliseconds': '10000',
          'x-ratelimit-daily-remaining': String(daily),
        },
      );
    const acme = client({ rateLimit: { preset: 'ghl' }, timeoutMs: 4_000 });
    dispatcher.react(left(0, 5_000));
    await acme.call(getThing, { id: 1 });
    expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 10_000 });
    await clock.advance(10_000);
    dispatcher.react(left(99, 0));
    await acme.call(getThing, { id: 3 });
    expect(await errorOf(acme.call(getThing, { id: 4 }))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 300_000 });
    expect(await client({ rateLimit: { preset: 'ghl' }, token: 'another location' }).call(getThing, { id: 5 })).toEqual({});
  });

  test('a 429 of one call holds back the others', async () => {
    dispatcher.react(answers(429, {}, { 'content-type': 'application/json', 'retry-after': '30' }), answers(200));
    const acme = client({ rateLimit: { preset: 'retell' }, timeoutMs: 1_000 });
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 30_000 });
    await clock.advance(30_000);
    expect(await acme.call(getThing, { id: 3 })).toEqual({});
  });

  test('A9 with the circuit open no token is spent and nobody waits for one', async () => {
    dispatcher.react(answers(500), answers(200));
    const acme = client({
      rateLimit: { requests: 2, perMs: 60_000 },
      breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 },
    });
    await errorOf(acme.call(getThing, { id: 1 }));
    for (let n = 0; n < 5; n++) expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'circuit_open' });
    await clock.advance(1_000);
    expect(await acme.call(getThing, { id: 2 })).toEqual({});
    for (let n = 0; n < 2; n++) acme.breaker('things.get').forceOpen();
    expect(await errorOf(acme.call(getThing, { id: 3 }))).toMatchObject({ kind: 'circuit_open' });
  });

  test('A9 a probe that the limiter refuses never held a permit: the next one probes', async () => {
    dispatcher.react(answers(500), answers(200));
    const acme = client({
      rateLimit: { requests: 1, perMs: 5_000, maxWaitMs: 0 },
      breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1, halfOpenMaxCalls: 1 },
    });
    await errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(1_000);
    for (let n = 0; n < 3; n++) expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'rate_limited' });
    expect(acme.breaker('things.get').snapshot()).toMatchObject({ state: 'half_open', stats: { failedRequests: 1 } });
    await clock.advance(4_000);
    expect(await acme.call(getThing, { id: 2 })).toEqual({});
    expect(acme.breaker('things.get').state).toBe('closed');
  });

  test('an abort in line leaves at once, and leaves neither timer nor token behind', async () => {
    const acme = client({ rateLimit: one, timeoutMs: null, totalTimeoutMs: null });
    await acme.call(getThing, { id: 1 });
    const aborter = new AbortController();
    const gone = errorOf(acme.call(getThing, { id: 2 }, { signal: aborter.signal }));
    expect(clock.pendingTimers).toBe(1);
    aborter.abort(new Error('mine'));
    expect(await gone).toMatchObject({ message: 'mine' });
    expect(clock.pendingTimers).toBe(0);
    const next = acme.call(getThing, { id: 3 });
    await clock.advance(1_000);
    expect(await next).toEqual({});
    expect(dispatcher.requests).toHaveLength(2);
  });
});

test.each([
  [{ rateLimit: { requests: 0 } }, 'rateLimit.requests is 0, expected a whole number from 1 to 1,000,000'],
  [{ rateLimit: { requests: 2_000_000 } }, 'rateLimit.requests is 2000000, expected a whole number from 1 to 1,000,000'],
  [{ rateLimit: { perMs: '500' as never } }, 'rateLimit.perMs is "500", expected milliseconds from 1 to 86,400,000'],
  [{ rateLimit: { perMs: 0 } }, 'rateLimit.perMs is 0, expected milliseconds from 1 to 86,400,000'],
  [{ rateLimit: { preset: 'stripe' } }, 'rateLimit.preset is "stripe", expected one of ghl, sendgrid, retell'],
  [{ rateLimit: { scope: 'tenant' } }, 'rateLimit.scope is "tenant", expected service or operation'],
  [{ rateLimit: 5 }, 'rateLimit is 5, expected true, false or an object'],
])('%j is refused', (options, message) => {
  expect(() => client(options as never)).toThrow(message);
});
