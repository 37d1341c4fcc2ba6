import { BreakerRegistry, CircuitOpenError, type FallbackContext, type FuselineEvent } from 'fuseline';
import { type ContactGetResult, GhlClient, type GhlClientOptions } from 'fuseline/ghl';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, TRANSPORTS } from '../../support/client.js';
import { json, Loopback } from '../../support/loopback.js';
import { withResolvers } from '../../support/with-resolvers.js';

const CONTACT = { contact: { id: 'abc' } };

let server: Loopback;
let clock: FakeClock;
let events: FuselineEvent[];

beforeEach(async () => {
  server = await Loopback.start();
  clock = new FakeClock();
  events = [];
});

afterEach(() => server.stop());

/** A generated client, over real sockets, whose circuit has just closed after an outage and lets a tenth of the calls in. */
async function recovered(options: GhlClientOptions): Promise<GhlClient> {
  const ghl = new GhlClient({
    baseUrl: server.origin,
    token: 't',
    env: {},
    clock,
    registry: new BreakerRegistry({ clock }),
    retry: false,
    fallbacks: { 'contacts.get': false },
    onEvent: (event) => events.push(event),
    ...options,
    breaker: { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 1_000, ramp: { durationMs: 10_000, initialShare: 0.1 } },
  });
  server.answer(json({}, 503), json(CONTACT));
  await errorOf(ghl.contacts.get({ contactId: 'abc' }));
  clock.jump(1_000);
  await ghl.contacts.get({ contactId: 'abc' });
  expect(ghl.breaker('contacts.get').state).toBe('closed');
  events.length = 0;
  server.requests.length = 0;
  return ghl;
}

describe.each(TRANSPORTS)('a generated client whose circuit ramps up, by %s', (_, transport) => {
  test('lets a share of the calls in; the others get a CircuitOpenError of reason `ramp`, without a request', async () => {
    const ghl = await recovered(transport);
    const outcomes: unknown[] = [];
    for (let n = 0; n < 11; n++) outcomes.push(await ghl.contacts.get({ contactId: 'abc' }).catch((error: unknown) => error));
    const passed = outcomes.flatMap((outcome, at) => (outcome instanceof Error ? [] : [at]));
    // The first brings its tenth along: the tenth call makes the next whole one.
    expect(passed).toEqual([0, 9]);
    expect(server.requests).toHaveLength(2);
    const error = outcomes[1] as CircuitOpenError;
    expect(error).toBeInstanceOf(CircuitOpenError);
    // Nothing to wait for: the very next call may be the one that passes.
    expect(error).toMatchObject({ reason: 'ramp', retryAfterMs: 0, service: 'ghl', operation: 'contacts.get' });
    expect(error.message).toMatch(
      /^ghl contacts\.get: circuit '.*' has just closed and lets only a share of calls in; no request was made$/,
    );
    expect(ghl.breaker('contacts.get').snapshot()).toMatchObject({
      state: 'closed',
      stats: { rejectedRequests: 9, rampRejectedRequests: 9, failedRequests: 1 },
    });
    expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 9 }, () => 'call_rejected'));
    expect(events[0]).toMatchObject({ reason: 'ramp', retryAfterMs: 0 });
    // Halfway 55 % pass, at its end all.
    clock.jump(5_000);
    const half = Array.from({ length: 20 }, () => ghl.contacts.get({ contactId: 'abc' }).result());
    expect((await Promise.all(half)).filter(({ ok }) => ok)).toHaveLength(11);
    clock.jump(5_000);
    const all = Array.from({ length: 20 }, () => ghl.contacts.get({ contactId: 'abc' }).result());
    expect((await Promise.all(all)).filter(({ ok }) => ok)).toHaveLength(20);
  });

  test('its fallback answers those that are held back', async () => {
    const ghl = await recovered(transport);
    const fallback = ({ error }: FallbackContext): ContactGetResult => ({ contact: { id: (error as CircuitOpenError).reason } });
    const results = [];
    for (let n = 0; n < 3; n++) results.push(await ghl.contacts.get({ contactId: 'abc' }, { fallback }).result());
    expect(results.map((result) => result.ok && [result.source, result.attempts, result.data])).toEqual([
      ['network', 1, CONTACT],
      ['fallback', 0, { contact: { id: 'ramp' } }],
      ['fallback', 0, { contact: { id: 'ramp' } }],
    ]);
    expect(server.requests).toHaveLength(1);
    expect(events).toMatchObject([
      { type: 'call_rejected', reason: 'ramp' },
      { type: 'fallback_used', source: 'fallback', cause: 'circuit_open' },
      { type: 'call_rejected', reason: 'ramp' },
      { type: 'fallback_used', source: 'fallback', cause: 'circuit_open' },
    ]);
  });

  test('a retry that is held back ends the call with what it met', async () => {
    const ghl = await recovered(transport);
    const scheduled = withResolvers<void>();
    const retrying = ghl.withOptions({ onEvent: ({ type }) => type === 'retry_scheduled' && scheduled.resolve() });
    server.answer(json({}, 408));
    const failed = errorOf(retrying.contacts.get({ contactId: 'abc' }, { retry: { baseDelayMs: 0, maxDelayMs: 0 } }));
    await scheduled.promise;
    await clock.advance(0);
    expect(await failed).toMatchObject({ kind: 'http', status: 408 });
    expect(server.requests).toHaveLength(1);
  });
});
