import { BreakerRegistry, type ClientOptions, defaultRegistry, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createThing, errorOf, getThing, operation, type Service, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let registry: BreakerRegistry;
let clock: FakeClock;
let dispatcher: InMemory;

beforeEach(() => {
  registry = new BreakerRegistry();
  clock = new FakeClock();
  dispatcher = new InMemory(answers(503));
});

afterEach(() => defaultRegistry.clear());

const listUsers = operation({ id: 'users.list', path: '/users' });

const client = (options: ClientOptions = {}, service: Service = {}): ServiceClient =>
  testClient(
    { baseUrl: 'http://acme.test', token: 't', clock, dispatcher, registry, retry: false, breaker: { failureThreshold: 3 }, ...options },
    { operations: { getThing, createThing, listUsers }, ...service },
  );

test('a circuit opens although every call has a client of its own', async () => {
  for (let n = 0; n < 3; n++) await errorOf(client({ token: `tenant ${n}` }).call(getThing, { id: n }));
  expect(await errorOf(client({ token: 'the next' }).call(createThing, { body: {} }))).toMatchObject({ kind: 'circuit_open' });
  expect(dispatcher.requests).toHaveLength(3);
});

test('A50 not across origins', async () => {
  for (let n = 0; n < 3; n++) await errorOf(client().call(getThing, { id: n }));
  const other = client({ baseUrl: 'http://acme.test:8080/v1' });
  expect(await errorOf(other.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http' });
  expect([client().breaker('things.get').name, other.breaker('things.get').name]).toEqual(['acme@acme.test', 'acme@acme.test:8080']);
});

test('the same origin however it is written; the document`s own has the service`s plain name', () => {
  const service = { baseUrl: 'https://api.acme.test' };
  const spellings = ['https://api.acme.test', 'https://API.acme.test:443/', 'https://api.acme.test/v2'];
  expect(spellings.map((baseUrl) => client({ baseUrl }, service).breaker('things.get').name)).toEqual(['acme', 'acme', 'acme']);
});

test('A50 not across registries', async () => {
  for (let n = 0; n < 3; n++) await errorOf(client().call(getThing, { id: n }));
  expect(await errorOf(client({ registry: new BreakerRegistry() }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'http' });
});

test('across clients that name no registry', () => {
  const one = client({ registry: undefined });
  expect(client({ registry: undefined }).breaker('things.get')).toBe(one.breaker('things.get'));
  expect(defaultRegistry.get('acme@acme.test')).toBe(one.breaker('things.get'));
});

test.each([{}, { get: () => undefined }, null])('a registry that is none is refused: %j', (registry) => {
  if (registry === null) expect(client({ registry: undefined })).toBeDefined();
  else expect(() => client({ registry: registry as never })).toThrow(/registry is an object, expected a BreakerRegistry/);
});

describe('scope', () => {
  const circuits = (scope: 'service' | 'namespace' | 'operation'): readonly string[] => {
    const acme = client({}, { policies: { service: { scope } } });
    return ['things.get', 'things.create', 'users.list'].map((id) => acme.breaker(id).name);
  };

  test('A50 service: one circuit for all of it, on purpose', async () => {
    expect(new Set(circuits('service'))).toEqual(new Set(['acme@acme.test']));
    const acme = client({}, { policies: { service: { scope: 'service' } } });
    for (let n = 0; n < 3; n++) await errorOf(acme.call(getThing, { id: n }));
    expect(await errorOf(acme.call(listUsers, {}))).toMatchObject({ kind: 'circuit_open' });
  });

  test('A50 namespace: one for its operations, and none of another namespace', async () => {
    expect(circuits('namespace')).toEqual(['acme@acme.test/things', 'acme@acme.test/things', 'acme@acme.test/users']);
    const acme = client({}, { policies: { service: { scope: 'namespace' } } });
    for (let n = 0; n < 3; n++) await errorOf(acme.call(getThing, { id: n }));
    expect(await errorOf(acme.call(createThing, { body: {} }))).toMatchObject({ kind: 'circuit_open' });
    expect(await errorOf(acme.call(listUsers, {}))).toMatchObject({ kind: 'http', status: 503 });
  });

  test('A50 operation: one that fails does not keep another from being called', async () => {
    expect(circuits('operation')).toEqual(['acme@acme.test/things.get', 'acme@acme.test/things.create', 'acme@acme.test/users.list']);
    const acme = client({}, { policies: { service: { scope: 'operation' } } });
    for (let n = 0; n < 3; n++) await errorOf(acme.call(getThing, { id: n }));
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'circuit_open' });
    dispatcher.react(answers(200));
    expect(await acme.call(listUsers, {})).toEqual({});
  });
});

test('A39 the retry budget is one per service and origin, whoever asks: one that is used up is no other`s', async () => {
  const retry = { baseDelayMs: 0, maxDelayMs: 0, maxAttempts: 100 };
  const open = { breaker: { enabled: false } };
  const attempts = async (options: ClientOptions): Promise<number> => {
    const call = client({ retry, ...open, ...options })
      .call(getThing, { id: 1 })
      .result();
    await clock.advance(0);
    return (await call).attempts;
  };
  expect(await attempts({ token: 'a' })).toBe(36);
  expect(await attempts({ token: 'b' })).toBe(1);
  expect(await attempts({ baseUrl: 'http://other.test' })).toBe(36);
});
