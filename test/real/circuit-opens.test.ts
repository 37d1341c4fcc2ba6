import { BreakerRegistry, type FuselineEvent } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

let server: Loopback;
beforeEach(async () => {
  server = await Loopback.start();
});
afterEach(() => server.stop());

describe.each(TRANSPORTS)('%s', (_, transport) => {
  test.each([
    ['between two attempts', {}],
    ['for a token', { rateLimit: { requests: 3, perMs: 30_000 } }],
    ['for a place', { bulkhead: { maxConcurrent: 3, maxQueue: 10 } }],
  ])('R7 eight calls that meet 503 all end when the circuit opens, and wait for no probe; they wait %s', async (_name, limit) => {
    server.answer(json({}, 503));
    const events: FuselineEvent[] = [];
    const acme = testClient({
      baseUrl: server.origin,
      token: 't',
      timeoutMs: 60_000,
      totalTimeoutMs: 120_000,
      breaker: { failureThreshold: 3, recoveryTimeoutMs: 60_000 },
      retry: { maxAttempts: 3, baseDelayMs: 30_000, maxDelayMs: 30_000, jitter: false },
      onEvent: (event) => events.push(event),
      ...transport,
      ...limit,
    });
    const errors = await Promise.all(Array.from({ length: 8 }, (_each, id) => errorOf(acme.call(getThing, { id }))));
    // Each call made one attempt at most: what it waited for never came.
    const kinds = errors.map((error) => (error as { kind: string }).kind);
    expect(kinds.filter((kind) => kind !== 'http' && kind !== 'circuit_open')).toEqual([]);
    expect(server.requests.length).toBe(kinds.filter((kind) => kind === 'http').length);
    expect(kinds.filter((kind) => kind === 'http').length).toBeGreaterThanOrEqual(3);
    expect(events.map(({ type }) => type)).not.toContain('circuit_half_open');
    const breaker = acme.breaker('things.get');
    expect([breaker.state, breaker.openings.size]).toEqual(['open', 0]);
  });

  test('R16 one poisoned record that is answered with 500 in all attempts does not open the circuit of GHL', async () => {
    server.answer((response, seen) => json({ contact: { id: 'c' } }, seen.url.includes('poison') ? 500 : 200)(response, seen));
    const ghl = new GhlClient({
      token: 't',
      baseUrl: server.origin,
      registry: new BreakerRegistry(),
      env: {},
      environment: '',
      retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
      ...transport,
    });
    const circuit = ghl.breaker('contacts.get');
    expect(circuit.options.failureThreshold).toBe(3);
    const poisoned = (): Promise<unknown> => errorOf(ghl.contacts.get({ contactId: 'poison' }, { fallback: false }));
    expect(await poisoned()).toMatchObject({ kind: 'retry_exhausted', attempts: 3 });
    expect([circuit.state, circuit.failureCount, server.requests.length]).toEqual(['closed', 3, 3]);
    expect(await ghl.contacts.get({ contactId: 'other' })).toMatchObject({ contact: { id: 'c' } });
    await poisoned();
    expect(circuit.state).toBe('closed');
    // The failure of a second call in a row is the service's.
    await poisoned();
    expect(circuit.state).toBe('open');
  });
});
