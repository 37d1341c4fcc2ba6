import type { CallOptions, ClientOptions } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { clientLayer } from '../../../../runtime/call/client/option-layers.js';
import { AT_ONCE, errorOf, getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';

const BASE = { baseUrl: 'http://acme.test', token: 't' };

describe('a client', () => {
  test('that sets no policy gets the same empty layer as all others', () => {
    const random = { ...BASE, headers: { 'x-tenant': 'a' }, env: {}, random: () => 0.5, timeoutMs: undefined };
    expect(clientLayer(random)).toBe(clientLayer({}));
  });

  test.each<ClientOptions>([
    { timeoutMs: 1 },
    { totalTimeoutMs: 1 },
    { retry: false },
    { coalesce: true },
    { bulkhead: true },
    { rateLimit: true },
    { breaker: { failureThreshold: 1 } },
  ])('that sets %j gets a layer with it, even if it is inherited', (options) => {
    expect(Object.keys(clientLayer({ ...BASE, ...options })).length).toBeGreaterThan(0);
    expect(clientLayer(Object.create(options) as ClientOptions)).toEqual(clientLayer(options));
  });
});

describe('options that cannot work', () => {
  test.each<[object, string]>([
    [{ timeoutMs: 0 }, 'timeoutMs is 0, expected milliseconds, more than 0, or null for no limit'],
    [{ totalTimeoutMs: -0.5 }, 'totalTimeoutMs is -0.5, expected milliseconds, more than 0, or null for no limit'],
    [{ idempotent: 1 }, 'idempotent is 1, expected true or false'],
    [{ maxWaitMs: -1 }, 'maxWaitMs is -1, expected milliseconds, 0 or more, or null for no limit'],
    [{ coalesce: 'yes' }, 'coalesce is "yes", expected true or false'],
    [{ retry: 3 }, 'retry is 3, expected true, false or an object'],
    [{ retry: null }, 'retry is null, expected true, false or an object'],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts is 0, expected a whole number, 1 or more'],
    [{ retry: { maxAttempts: 1.5 } }, 'retry.maxAttempts is 1.5, expected a whole number, 1 or more'],
    [{ retry: { baseDelayMs: null } }, 'retry.baseDelayMs is null, expected milliseconds, 0 or more'],
    [{ retry: { maxDelayMs: -1 } }, 'retry.maxDelayMs is -1, expected milliseconds, 0 or more'],
    [{ retry: { exponentialBase: 0.5 } }, 'retry.exponentialBase is 0.5, expected a number, 1 or more'],
    [{ retry: { jitter: 'full' } }, 'retry.jitter is "full", expected true or false'],
    [{ retry: { statuses: 503 } }, 'retry.statuses is 503, expected a list of statuses from 100 to 599'],
    [{ retry: { statuses: [503, 600] } }, 'expected a list of statuses from 100 to 599'],
  ])('%j, of a client and of a call', async (options, message) => {
    if (!('idempotent' in options || 'maxWaitMs' in options))
      expect(() => testClient({ ...BASE, ...(options as ClientOptions) })).toThrow(message);
    const call = testClient(BASE).call(getThing, { id: 1 }, options as CallOptions);
    expect(await errorOf(call)).toMatchObject({ kind: 'configuration', message: expect.stringContaining(message) });
  });

  test.each<[ClientOptions['breaker'], string]>([
    [null as never, 'breaker is null, expected an object'],
    [false as never, 'breaker is false, expected an object'],
    [{ enabled: 'no' as never }, 'breaker.enabled is "no", expected true or false'],
    [{ failureThreshold: 0 }, 'breaker.failureThreshold is 0, expected a whole number, 1 or more'],
    [{ recoveryTimeoutMs: -1 }, 'breaker.recoveryTimeoutMs is -1, expected milliseconds, 0 or more'],
  ])('breaker %j', (breaker, message) => {
    expect(() => testClient({ ...BASE, breaker })).toThrow(message);
  });
});

test('what is not given leaves the other layers as they are; null is no limit', () => {
  const policies = { service: { maxAttempts: 7, timeoutMs: 4_000 } };
  const acme = testClient({ ...BASE, retry: { ...AT_ONCE, jitter: undefined as never }, totalTimeoutMs: null }, { policies });
  const values = Object.fromEntries(acme.describe('things.get').values.map(({ key, value }) => [key, value]));
  expect(values).toMatchObject({ maxAttempts: 7, timeoutMs: 4_000, totalTimeoutMs: null, baseDelayMs: 0, jitter: true });
});

test('statuses of a call are tried again', async () => {
  const dispatcher = new InMemory(answers(418), answers(200));
  const call = testClient({ ...BASE, dispatcher }).call(getThing, { id: 1 }, { retry: { ...AT_ONCE, statuses: [418] } });
  expect((await call.withResponse()).attempts).toBe(2);
});
