import { BreakerRegistry, defaultRegistry, limitStats, type ServiceClient } from 'fuseline';
import { collectMetrics, METRIC_NAMES, METRICS } from 'fuseline/metrics';
import { FakeClock } from 'fuseline/testing';
import { register as globalRegister, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countRenewal } from '../../../../runtime/observe/token-counts.js';
import { errorOf, getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MetricsText } from '../../../support/metrics-text.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let register: Registry;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  register = new Registry();
});
afterEach(() => defaultRegistry.clear());

/** A client of the service whose calls all succeed. */
function client(of: BreakerRegistry = registry): ServiceClient {
  return testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry: of, dispatcher: new InMemory(answers(200)) });
}

async function calls(count: number, of: BreakerRegistry = registry): Promise<void> {
  const caller = client(of);
  for (let at = 0; at < count; at++) await caller.call(getThing, { id: at });
}

const successes = async (from = register): Promise<number> =>
  (await MetricsText.of(from)).value('circuit_breaker_calls_total', { service: 'acme', operation: 'things.get', status: 'success' });
const requests = async (from = register): Promise<number> =>
  (await MetricsText.of(from)).value('circuit_breaker_requests_total', { service: 'acme' });

describe('collectMetrics', () => {
  test('shows every metric of the catalogue, with its type, help and labels, and no other', async () => {
    const tiers = { lookup: { metrics: () => [tierMetrics('first')] } };
    collectMetrics({ register, registry, tiers });
    await calls(1);
    // Causes are there from the first failure on.
    const failing = new InMemory(answers(503));
    await errorOf(client().withOptions({ dispatcher: failing, retry: false }).call(getThing, { id: 1 }));
    // A sign-in is there from its first renewal on.
    countRenewal(registry, 'sign-in', 'refused');
    const text = await MetricsText.of(register);
    expect([...text.types.keys()]).toEqual(METRIC_NAMES);
    for (const name of METRIC_NAMES) {
      expect([name, text.types.get(name), text.help.get(name)]).toEqual([name, METRICS[name].type, METRICS[name].help]);
      const samples = text.samples.filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, '') === name);
      expect(samples.length, name).toBeGreaterThan(0);
      for (const { labels } of samples) {
        expect(Object.keys(labels).filter((label) => label !== 'le')).toEqual(METRICS[name].labels);
      }
    }
  });

  test('without a registry: the one that clients share', async () => {
    collectMetrics({ register });
    await calls(1, defaultRegistry);
    expect(await successes()).toBe(1);
  });

  test('a service is there as soon as a client is, with zeros: a rate needs a beginning', async () => {
    collectMetrics({ register, registry, services: ['zeta'] });
    expect((await MetricsText.of(register)).all('circuit_breaker_state')).toEqual([
      { name: 'circuit_breaker_state', labels: { service: 'zeta' }, value: 0 },
    ]);
    client();
    const text = await MetricsText.of(register);
    for (const service of ['zeta', 'acme']) {
      for (const name of METRIC_NAMES.filter((name) => METRICS[name].labels.length === 1 && METRICS[name].labels[0] === 'service')) {
        if (METRICS[name].type === 'histogram') expect(text.value(`${name}_count`, { service })).toBe(0);
        else expect([name, text.value(name, { service })]).toEqual([name, 0]);
      }
    }
    expect(text.all('circuit_breaker_calls_total')).toEqual([]);
  });

  test('twice is once', async () => {
    const first = collectMetrics({ register, registry });
    const second = collectMetrics({ register, registry });
    await calls(2);
    expect(await successes()).toBe(2);
    first.unregister();
    first.unregister();
    expect(await successes()).toBe(2);
    second.unregister();
    expect(await register.metrics()).toBe('\n');
    collectMetrics({ register, registry });
    expect(await successes()).toBe(2);
  });

  test('into several prom-client registries, each by itself', async () => {
    const other = new Registry();
    collectMetrics({ register, registry });
    {
      using collection = collectMetrics({ register: other, registry, prefix: 'bot_' });
      await calls(1);
      expect(await other.metrics()).toContain('bot_circuit_breaker_calls_total{service="acme",operation="things.get",status="success"} 1');
      expect(collection).toBeDefined();
    }
    expect(other.getMetricsAsArray()).toEqual([]);
    expect(await successes()).toBe(1);
  });

  test('several breaker registries in one are added up, and what is worst counts', async () => {
    const other = new BreakerRegistry({ clock });
    collectMetrics({ register, registry });
    collectMetrics({ register, registry: other });
    await calls(2);
    await calls(3, other);
    expect([await successes(), await requests()]).toEqual([5, 5]);
    other.list()[0]?.forceOpen();
    const text = await MetricsText.of(register);
    expect(text.value('circuit_breaker_state', { service: 'acme' })).toBe(1);
    expect(text.value('circuit_breaker_circuits', { service: 'acme', state: 'closed' })).toBe(1);
    expect(text.value('circuit_breaker_call_duration_seconds_count', { operation: 'things.get' })).toBe(5);
  });

  test('prom-client may be cleared meanwhile, and its reset changes nothing', async () => {
    const collection = collectMetrics({ register, registry });
    await calls(2);
    register.resetMetrics();
    expect(await successes()).toBe(2);
    register.clear();
    expect(await register.metrics()).toBe('\n');
    collectMetrics({ register, registry });
    expect(await successes()).toBe(2);
    collection.unregister();
    expect(await successes()).toBe(2);
  });

  test('a metric left out is left out', async () => {
    collectMetrics({ register, registry, omit: ['circuit_breaker_response_time_ms', 'circuit_breaker_call_duration_seconds'] });
    await calls(1);
    const text = await MetricsText.of(register);
    expect([...text.types.keys()]).toEqual(
      METRIC_NAMES.filter((name) => !['circuit_breaker_response_time_ms', 'circuit_breaker_call_duration_seconds'].includes(name)),
    );
  });

  test("a name that is someone else's is an error, and nothing is added", async () => {
    const { Gauge } = await import('prom-client');
    new Gauge({ name: 'circuit_breaker_calls_in_flight', help: 'mine', registers: [register] });
    expect(() => collectMetrics({ register, registry })).toThrow(
      'register is "circuit_breaker_calls_in_flight", expected a registry without a metric of this name. Give a `prefix`, or leave the name out by `omit`.',
    );
    expect(register.getMetricsAsArray()).toHaveLength(1);
    collectMetrics({ register, registry, prefix: 'bot_' });
    collectMetrics({ register, registry, omit: ['circuit_breaker_calls_in_flight'] });
    expect(register.getMetricsAsArray()).toHaveLength(2 * METRIC_NAMES.length);
  });

  test.each([
    ['register', { register: undefined }, 'register is undefined, expected a registry of prom-client'],
    ['registry', { registry: {} }, 'registry is an object, expected a BreakerRegistry'],
    ['prefix', { prefix: '1st-' }, 'prefix is "1st-", expected letters, digits, _ and :'],
    ['services', { services: [''] }, 'services[0] is ""'],
    ['tiers', { tiers: { lookup: {} } }, "tiers['lookup'] is an object, expected a function made by tiers()"],
    [
      'omit',
      { omit: ['circuit_breaker_stat'] },
      'omit[0] is "circuit_breaker_stat", expected the name of a metric. Did you mean circuit_breaker_state?',
    ],
  ])('refuses a bad %s', (_, options, message) => {
    expect(() => collectMetrics({ register, ...options } as never)).toThrow(message);
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  test("takes prom-client's own registry", () => {
    using collection = collectMetrics({ register: globalRegister, registry });
    expect(globalRegister.getSingleMetric('circuit_breaker_state')).toBeDefined();
    expect(collection).toBeDefined();
  });
});

describe('counters never fall', () => {
  test('when circuits are reset, forgotten or cleared', async () => {
    collectMetrics({ register, registry });
    await calls(2);
    registry.resetAll();
    expect(await requests()).toBe(2);
    registry.list()[0]?.forceOpen();
    registry.list()[0]?.reset();
    for (const circuit of registry.list()) registry.forget(circuit);
    expect(await requests()).toBe(2);
    await calls(1);
    registry.clear();
    const text = await MetricsText.of(register);
    expect(text.value('circuit_breaker_requests_total')).toBe(3);
    expect(text.value('circuit_breaker_recoveries_total')).toBe(1);
    expect(text.value('circuit_breaker_recovery_time_seconds_count')).toBe(1);
    expect(text.value('circuit_breaker_state_transitions_total', { from_state: 'closed', to_state: 'open' })).toBe(1);
    expect(text.value('circuit_breaker_state')).toBe(0);
  });

  test('when one of several breaker registries is not collected any more, and when it comes back', async () => {
    const other = new BreakerRegistry({ clock });
    collectMetrics({ register, registry });
    const collection = collectMetrics({ register, registry: other });
    await calls(2);
    await calls(3, other);
    other.list()[0]?.forceOpen();
    collection.unregister();
    expect([await successes(), await requests()]).toEqual([5, 5]);
    expect((await MetricsText.of(register)).value('circuit_breaker_state')).toBe(0);
    other.list()[0]?.reset();
    await calls(1, other);
    expect(await successes()).toBe(5);
    collectMetrics({ register, registry: other });
    expect([await successes(), await requests()]).toEqual([6, 6]);
  });
});

test('counters never fall when limits make room for others', async () => {
  registry = new BreakerRegistry({ clock, maxCircuits: 2 });
  collectMetrics({ register, registry });
  const limited = async (): Promise<readonly number[]> => {
    const text = await MetricsText.of(register);
    const names = ['bulkhead_rejected_total', 'rate_limiter_rejected_total', 'rate_limiter_waits_total'];
    return names.map((name) => text.value(`circuit_breaker_${name}`, { service: 'acme' }));
  };
  const options = { token: 't', clock, registry, timeoutMs: 1_000, totalTimeoutMs: 4_000, retry: false as const };
  for (const host of ['one', 'two', 'three', 'four']) {
    // Each origin has limits of its own: of four calls one is sent, one has no time to wait for a token, one waits, one finds no place.
    const caller = testClient({
      ...options,
      baseUrl: `http://${host}.test`,
      dispatcher: new InMemory(answers(200)),
      bulkhead: { maxConcurrent: 1 },
      rateLimit: { requests: 1, perMs: 2_000, maxWaitMs: 3_000 },
    });
    const pending = [{}, { maxWaitMs: 0 }, {}, {}].map((options) => caller.call(getThing, { id: 1 }, options).catch(() => undefined));
    await clock.advance(10_000);
    await Promise.all(pending);
  }
  expect(limitStats(registry).bulkheads).toHaveLength(2);
  expect(await limited()).toEqual([4, 4, 4]);
});

test('tiers under a name that others have are refused', () => {
  const tiers = { metrics: () => [tierMetrics('first')] };
  collectMetrics({ register, registry, tiers: { lookup: tiers } });
  collectMetrics({ register, registry, tiers: { lookup: tiers } });
  expect(() => collectMetrics({ register, registry, tiers: { lookup: { metrics: () => [] } } })).toThrow(
    "tiers['lookup'] is an object, expected a name that no other tiers are collected under",
  );
});

function tierMetrics(tier: string) {
  return { tier, attempts: 1, answers: 1, errors: 0, lowQuality: 0, skipped: 0, aborted: 0, avgDurationMs: 1 };
}
