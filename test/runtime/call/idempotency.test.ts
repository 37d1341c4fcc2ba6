import type { ClientOptions, ServiceClient } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, getThing, operation, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

describe('idempotency in the YAML', () => {
  const call = async (options: ClientOptions, policies: object, op = createThing): Promise<number> => {
    const dispatcher = new InMemory(answers(500));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, ...options }, { policies });
    await acme.call(op, { id: 1, body: {} }).result();
    return dispatcher.requests.length;
  };

  test('A49 `idempotent: true` of an operation lets POST be repeated', async () => {
    expect(await call({ retry: AT_ONCE }, { operations: { 'things.create': { idempotent: true } } })).toBe(3);
  });

  test('A49 `idempotent: false` keeps a GET from being repeated', async () => {
    expect(await call({ retry: AT_ONCE }, { operations: { 'things.get': { idempotent: false } } }, getThing)).toBe(1);
  });

  test('A49 `retry: false` of an operation binds: neither a client`s tuning nor MAX_RETRY_ATTEMPTS turns it on', async () => {
    const policies = { operations: { 'things.get': { retryEnabled: false } } };
    expect(await call({ retry: { ...AT_ONCE, maxAttempts: 5 } }, policies, getThing)).toBe(1);
    expect(await call({ env: { MAX_RETRY_ATTEMPTS: '5', ACME_MAX_RETRY_ATTEMPTS: '6', RETRY_BASE_DELAY: '0' } }, policies, getThing)).toBe(
      1,
    );
  });

  test('a call`s own `retry` is said of this very operation, and holds', async () => {
    const dispatcher = new InMemory(answers(500));
    const policies = { operations: { 'things.get': { retryEnabled: false } } };
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher }, { policies });
    const result = await acme.call(getThing, { id: 1 }, { retry: { ...AT_ONCE, maxAttempts: 2 } }).result();
    expect(result.attempts).toBe(2);
  });

  test('retry: false of the client binds for every operation', async () => {
    expect(await call({ retry: false }, { operations: { 'things.get': { maxAttempts: 5 } } }, getThing)).toBe(1);
  });
});

describe('idempotency header', () => {
  const charge = operation({
    id: 'things.charge',
    method: 'POST',
    body: { kind: 'json', contentType: 'application/json' },
    idempotencyHeader: 'Idempotency-Key',
  });
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const make = (options: ClientOptions = {}): { acme: ServiceClient; keys: () => (string | undefined)[] } => {
    const dispatcher = new InMemory(answers(500), answers(503), answers(200));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: AT_ONCE, ...options });
    return { acme, keys: () => dispatcher.requests.map((_, at) => dispatcher.header('idempotency-key', at)) };
  };

  test('one UUID per logical call, the same on every attempt, another for the next call', async () => {
    const { acme, keys } = make();
    await acme.call(charge, { body: {} });
    await acme.call(charge, { body: {} });
    const [first, second, third, next] = keys();
    expect(first).toMatch(UUID);
    expect([second, third]).toEqual([first, first]);
    expect(next).toMatch(UUID);
    expect(next).not.toBe(first);
  });

  test.each([
    ['of the call', {}, { 'IDEMPOTENCY-KEY': 'mine' }],
    ['of the client', { headers: { 'Idempotency-Key': 'mine' } }, undefined],
  ])("the user's own wins: %s", async (_, options, headers) => {
    const { acme, keys } = make(options);
    await acme.call(charge, { body: {} }, headers === undefined ? {} : { headers });
    expect(keys()).toEqual(['mine', 'mine', 'mine']);
  });
});
