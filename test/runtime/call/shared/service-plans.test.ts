import { describe, expect, it } from 'vitest';
import { servicePlans } from '../../../../runtime/call/shared/service-plans.js';
import { planPolicies } from '../../../../runtime/config/live/circuit-policies.js';
import { livePolicies } from '../../../../runtime/config/live/live-policies.js';
import { BreakerRegistry, type ClientOptions, type ServiceClient } from '../../../../runtime/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';

const definition = { name: 'acme', baseUrl: 'https://api.acme.test', security: [{ type: 'bearer' } as const], policies: {} };
const inputs = { service: definition, layer: {}, environment: 'test', env: {}, baseUrl: undefined };

describe('what clients with equal settings share', () => {
  const registry = new BreakerRegistry();
  const live = livePolicies(registry);
  const same = (change: Partial<Parameters<typeof servicePlans>[1]>, other: typeof change = {}) =>
    servicePlans(registry, { ...inputs, ...change }) === servicePlans(registry, { ...inputs, ...other });

  it('is one plan for each operation', () => {
    expect(same({ layer: { timeoutMs: 5, retryStatuses: [500] } }, { layer: { timeoutMs: 5, retryStatuses: [500] } })).toBe(true);
    const plans = servicePlans(registry, inputs);
    expect(plans.plan(getThing, live)).toBe(servicePlans(registry, { ...inputs }).plan(getThing, live));
  });

  it.each([
    ['policies', { layer: { timeoutMs: 5 } }],
    ['no limit', { layer: { timeoutMs: null } }],
    ['environments', { environment: 'production' }],
    ['no environment', { environment: undefined }],
    ['variables', { env: { MAX_RETRY_ATTEMPTS: '2' } }],
    ['base URLs', { baseUrl: 'https://eu.acme.test' }],
    ['services', { service: { ...definition } }],
  ])('is not shared if %s differ', (_what, change) => {
    expect(same(change)).toBe(false);
  });

  it('is not shared between registries', () => {
    expect(servicePlans(registry, inputs)).not.toBe(servicePlans(new BreakerRegistry(), inputs));
  });

  it('tells a number that is not finite from none', () => {
    expect(same({ layer: { reopenMaxMs: Number.POSITIVE_INFINITY } }, { layer: { timeoutMs: null } })).toBe(false);
    expect(same({ layer: { slowCallMs: Number.POSITIVE_INFINITY } }, { layer: { slowCallMs: null } })).toBe(false);
  });

  it('is bounded', () => {
    const first = servicePlans(registry, { ...inputs, environment: 'first' });
    for (let at = 0; at < 100; at++) servicePlans(registry, { ...inputs, environment: `e${at}` });
    expect(servicePlans(registry, { ...inputs, environment: 'first' })).not.toBe(first);
  });
});

/** A client with a token, headers, a dispatcher, a fallback, a listener, a clock and a source of chance of its own. */
class OwnClient {
  readonly clock = new FakeClock();
  readonly server = new InMemory(answers(200, { id: '1' }));
  readonly events: string[] = [];
  draws = 0;
  readonly name: string;
  readonly client: ServiceClient;

  constructor(name: string, registry: BreakerRegistry) {
    this.name = name;
    this.client = testClient({
      ...POLICY,
      registry,
      clock: this.clock,
      dispatcher: this.server,
      token: () => `token-${name}`,
      headers: { 'x-tenant': name },
      fallbacks: { 'things.get': () => ({ of: name }) },
      onEvent: ({ type }) => void this.events.push(type),
      random: () => {
        this.draws++;
        return 0.5;
      },
    });
  }

  get(): Promise<unknown> {
    return this.client.call(getThing, { id: '1' });
  }
}

const POLICY: ClientOptions = {
  baseUrl: 'https://api.acme.test',
  retry: { maxAttempts: 2, baseDelayMs: 1000, jitter: true },
  breaker: { failureThreshold: 100 },
};

describe('what clients with equal settings do not share', () => {
  it('token, headers and dispatcher', async () => {
    const registry = new BreakerRegistry();
    const clients = ['a', 'b', 'c'].map((name) => new OwnClient(name, registry));
    for (let round = 1; round <= 2; round++) {
      for (const own of clients) expect(await own.get()).toEqual({ id: '1' });
      for (const { name, server } of clients) {
        expect([server.requests.length, server.header('authorization'), server.header('x-tenant')]).toEqual([
          round,
          `Bearer token-${name}`,
          name,
        ]);
      }
    }
    expect(new Set(clients.map(({ client }) => client.breaker('things.get'))).size).toBe(1);
  });

  it('clock, source of chance, listener and fallback', async () => {
    const registry = new BreakerRegistry();
    const [a, b] = [new OwnClient('a', registry), new OwnClient('b', registry)];
    for (const own of [a, b]) own.server.react(answers(503));
    const calls = [a.get(), b.get()];
    await b.clock.advance(2000);
    expect([a.server.requests.length, b.server.requests.length]).toEqual([1, 2]);
    expect(await calls[1]).toEqual({ of: 'b' });
    expect([a.events, b.events]).toEqual([
      ['call_failed', 'retry_scheduled'],
      ['call_failed', 'retry_scheduled', 'call_failed', 'fallback_used'],
    ]);
    await a.clock.advance(2000);
    expect(await calls[0]).toEqual({ of: 'a' });
    expect([a.draws, b.draws]).toEqual([1, 1]);
  });

  it('lists in their options', async () => {
    const registry = new BreakerRegistry();
    const statuses = [500];
    const made = () => testClient({ ...POLICY, registry, retry: { statuses } });
    made().describe('things.get');
    statuses.push(404);
    const other = testClient({ ...POLICY, registry, retry: { statuses: [500] } });
    expect(retryStatuses(other)).toEqual([500]);
    expect(retryStatuses(made())).toEqual([500, 404]);
    planPolicies(registry, ({ policies }) => policies)();
    expect(retryStatuses(other)).toEqual([500]);
  });
});

function retryStatuses(client: ServiceClient): unknown {
  return client.describe('things.get').values.find(({ key }) => key === 'retryStatuses')?.value;
}

describe('a new client with settings that are known', () => {
  const made = (registry: BreakerRegistry) => testClient({ ...POLICY, registry });

  it('has the policies of the last reload', () => {
    const registry = new BreakerRegistry();
    const limit = (client: ServiceClient) => client.describe('things.get').values.find(({ key }) => key === 'timeoutMs')?.value;
    const before = made(registry);
    expect(limit(before)).not.toBe(1234);
    planPolicies(registry, ({ policies }) => ({ ...policies, service: { timeoutMs: 1234 } }))();
    expect([limit(before), limit(made(registry))]).toEqual([1234, 1234]);
  });

  it('has a new circuit if the registry has forgotten the one of before', () => {
    const registry = new BreakerRegistry();
    const before = made(registry).breaker('things.get');
    expect(made(registry).breaker('things.get')).toBe(before);
    registry.clear();
    const after = made(registry).breaker('things.get');
    expect(after).not.toBe(before);
    expect(registry.list()).toEqual([after]);
  });

  it('keeps the circuit from being forgotten as unused', async () => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock, maxCircuits: 2 });
    const of = (baseUrl: string) => testClient({ ...POLICY, registry, clock, baseUrl }).breaker('things.get');
    const first = of('https://a.acme.test');
    await clock.advance(1000);
    of('https://b.acme.test');
    await clock.advance(1000);
    expect(of('https://a.acme.test')).toBe(first);
    await clock.advance(1000);
    of('https://c.acme.test');
    expect(registry.list().map(({ name }) => name)).toEqual(['acme@a.acme.test', 'acme@c.acme.test']);
  });

  it('fails as the first did', () => {
    const registry = new BreakerRegistry();
    for (const _ of [1, 2]) {
      expect(() => testClient({ registry, baseUrl: 'acme.test' })).toThrow('baseUrl');
      expect(() => testClient({ registry, env: { MAX_RETRY_ATTEMPTS: 'many' } })).toThrow('MAX_RETRY_ATTEMPTS');
    }
  });
});
