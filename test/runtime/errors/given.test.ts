import { BreakerRegistry, CircuitBreaker, type ClientOptions, ConfigurationError, lastGood, ServiceClient } from 'fuseline';
import { watchBreakers } from 'fuseline/config';
import { HealthMonitor } from 'fuseline/monitor';
import { Bulkhead, Coalescer, getCircuitBreaker, protect, RateLimiter } from 'fuseline/protect';
import { tiers } from 'fuseline/tiers';
import { describe, expect, test } from 'vitest';
import { createThing, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

const breaker = new CircuitBreaker();
const run = (): number => 1;

/** Options as JavaScript may give them. */
const odd = (value: unknown): never => value as never;

describe('options that are no object', () => {
  test.each<[string, (value: never) => unknown]>([
    ['breaker', (value) => new CircuitBreaker(value)],
    ['breaker', (value) => breaker.reconfigure(value)],
    ['options of acquire', (value) => breaker.acquire(value)],
    ['options of the circuit', (value) => getCircuitBreaker('given', value)],
    ['registry options', (value) => new BreakerRegistry(value)],
    ['bulkhead', (value) => new Bulkhead(value)],
    ['rateLimit', (value) => new RateLimiter(value)],
    ['options', (value) => protect(run, value)],
    ['options of tiers', (value) => tiers([{ name: 'one', run }], value)],
    ['monitor', (value) => new HealthMonitor(value)],
    ['options of watchBreakers', (value) => watchBreakers(value)],
    ['options of lastGood', (value) => lastGood(value)],
    ['options of the client', (value) => new ServiceClient({ name: 'given', security: [], policies: {} }, value)],
  ])('%s', (option, make) => {
    for (const value of [null, 5, 'text', []]) {
      expect(() => make(odd(value)), String(value)).toThrow(ConfigurationError);
      expect(() => make(odd(value)), String(value)).toThrow(`${option} is `);
    }
  });
});

describe('an option of the wrong kind is named, with what it may be', () => {
  test.each<[string, string, (value: never) => unknown, readonly unknown[]]>([
    ['breaker.clock', 'a Clock', (clock) => new CircuitBreaker({ clock }), [null, 5, {}, { now: run }]],
    ['breaker.random', 'a function', (random) => new CircuitBreaker({ random }), [null, 0.5]],
    ['breaker.service', 'a name', (service) => new CircuitBreaker({ service }), [null, '', 5]],
    ['breaker.events', 'an EventHub', (events) => new CircuitBreaker({ events }), [null, {}]],
    ['clock', 'a Clock', (clock) => new BreakerRegistry({ clock }), [null, Date]],
    ['random', 'a function', (random) => new BreakerRegistry({ random }), [null, 0.5]],
    ['listener', 'a function', (listener) => breaker.subscribe(listener), [null, {}]],
    ['bulkhead.clock', 'a Clock', (clock) => new Bulkhead({ maxConcurrent: 1, clock }), [null, {}]],
    ['rateLimit.clock', 'a Clock', (clock) => new RateLimiter({ clock }), [null, {}]],
    ['clock', 'a Clock', (clock) => protect(run, { breaker, clock }), [null, {}]],
    ['clock', 'a Clock', (clock) => tiers([{ name: 'one', run }], { clock }), [null, {}]],
    ['tiers[0].circuit', 'a client', (circuit) => tiers([{ name: 'one', run, circuit }]), [null, {}, 'ghl']],
    ['clock', 'a Clock', (clock) => new HealthMonitor({ checks: { one: run }, clock }), [null, {}]],
    ['circuits', 'an object with a circuit', (circuits) => new HealthMonitor({ checks: { one: run }, circuits }), [null, 5, []]],
    ['settleMs', 'milliseconds', (settleMs) => watchBreakers({ file: 'breakers.yaml', settleMs }), ['5', null]],
    ['pollMs', 'milliseconds', (pollMs) => watchBreakers({ file: 'breakers.yaml', pollMs }), ['5', {}]],
  ])('%s: %s', (option, expected, make, values) => {
    for (const value of values) {
      expect(() => make(odd(value)), String(value)).toThrow(ConfigurationError);
      expect(() => make(odd(value)), String(value)).toThrow(`${option} is `);
      expect(() => make(odd(value)), String(value)).toThrow(expected);
    }
  });

  test.each<[keyof ClientOptions, string, readonly unknown[]]>([
    ['token', 'a string, a function', [null, 5, {}, '']],
    ['baseUrl', 'an absolute URL', [null, 5, {}]],
    ['registry', 'a BreakerRegistry', [null, {}]],
    ['transport', 'undici or fetch', ['Fetch', null]],
    ['dispatcher', 'a function dispatch', [null, {}]],
    ['clock', 'a Clock', [null, {}]],
    ['random', 'a function', [null, 0.5]],
    ['onEvent', 'a function', [null, {}]],
    ['env', 'an object', [null, 'test']],
    ['environment', 'a name', [null, 5]],
    ['headers', 'an object', [null, 'x-tenant: 1', []]],
    ['credentials', 'an object', [null, 'user:pass']],
    ['fallbacks', 'an object', [null, 5, []]],
    ['breaker', 'an object', [null, 5, '5']],
    ['retry', 'true, false or an object', [null, 5, '5', []]],
    ['maxResponseBytes', 'bytes', ['5', 0, Number.NaN]],
  ])('%s of a client: %s', (option, expected, values) => {
    for (const value of values) {
      const make = (): unknown => testClient({ [option]: value } as ClientOptions);
      expect(make, String(value)).toThrow(ConfigurationError);
      expect(make, String(value)).toThrow(`${option} is `);
      expect(make, String(value)).toThrow(expected);
    }
  });

  test.each<[string, ClientOptions]>([
    ['breaker.enabled', { breaker: { enabled: odd('false') } }],
    ['retry.jitter', { retry: { jitter: odd('false') } }],
    ['retry.statuses', { retry: { statuses: odd(503) } }],
    ['retry.statuses', { retry: { statuses: [503, 99] } }],
    ['retry.statuses', { retry: { statuses: [odd('503')] } }],
    ['rateLimit.perMs', { rateLimit: { requests: 1, perMs: odd('5') } }],
  ])('%s of a client', (option, options) => {
    expect(() => testClient(options)).toThrow(ConfigurationError);
    expect(() => testClient(options)).toThrow(`${option} is `);
  });

  test.each(['slidingWindow', 'reopenBackoff', 'ramp'])('breaker.%s is no list', (key) => {
    expect(() => new CircuitBreaker({ [key]: [] })).toThrow(`breaker.${key} is a list, expected true, false or an object`);
  });

  test('a token of the wrong kind is not repeated', () => {
    expect(() => testClient({ token: odd(4242) })).not.toThrow(/4242/);
  });
});

describe('options of a call', () => {
  test.each<[string, unknown]>([
    ['signal', null],
    ['signal', {}],
    ['signal', 5],
    ['headers', null],
    ['headers', 'x: 1'],
    ['retry', null],
    ['retry', 5],
    ['idempotent', 'false'],
    ['idempotent', 0],
  ])('%s: %j is an error of the call, which sends nothing and is not under way', async (option, value) => {
    const dispatcher = new InMemory(answers(200));
    const client = testClient({ dispatcher, baseUrl: 'http://acme.test', token: 't' });
    const result = await client.call(getThing, { id: 1 }, { [option]: value }).result();
    expect(result).toMatchObject({ ok: false, error: { kind: 'configuration', option } });
    expect(dispatcher.requests).toHaveLength(0);
    expect(client.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
  });

  test('A49 a text is no word for it: a POST is not repeated because of `idempotent: "false"`', async () => {
    const dispatcher = new InMemory(answers(503));
    await testClient({ dispatcher, baseUrl: 'http://acme.test', token: 't' })
      .call(createThing, { body: {} }, { idempotent: odd('false') })
      .result();
    expect(dispatcher.requests).toHaveLength(0);
  });
});

describe('what is no function', () => {
  test('counts as nothing in a circuit, takes no place and no token, and starts no work', async () => {
    const own = new CircuitBreaker({ failureThreshold: 1 });
    await expect(own.call(odd('fn'))).rejects.toMatchObject({ kind: 'configuration', option: 'fn' });
    expect(own.snapshot()).toMatchObject({ state: 'closed', stats: { totalRequests: 0 } });

    const bulkhead = new Bulkhead({ maxConcurrent: 1 });
    await expect(bulkhead.call(odd(null))).rejects.toMatchObject({ kind: 'configuration', option: 'fn' });
    expect(bulkhead.stats()).toMatchObject({ active: 0, admitted: 0 });

    const limiter = new RateLimiter({ requests: 1 });
    await expect(limiter.call(odd(undefined))).rejects.toMatchObject({ kind: 'configuration', option: 'fn' });
    expect(limiter.available()).toBe(1);

    const coalescer = new Coalescer();
    await expect(coalescer.run('key', odd(5))).rejects.toMatchObject({ kind: 'configuration', option: 'fn' });
    expect(coalescer.stats()).toMatchObject({ inFlight: 0, started: 0 });
  });
});
