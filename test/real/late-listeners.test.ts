import { AsyncLocalStorage } from 'node:async_hooks';
import { BreakerRegistry, CircuitBreaker, type FuselineEvent } from 'fuseline';
import { protect } from 'fuseline/protect';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errorOf, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

const tenants = new AsyncLocalStorage<string>();
let server: Loopback;
let heard: string[];
const listener = ({ type }: FuselineEvent): void => void heard.push(`${type} of ${tenants.getStore()}`);

beforeEach(async () => {
  server = await Loopback.start();
  heard = [];
});

afterEach(() => server.stop());

test.each(TRANSPORTS)('R1 over %s: no event of a call reaches a listener in the context of another caller', async (name, transport) => {
  const registry = new BreakerRegistry();
  const acme = testClient({
    baseUrl: server.origin,
    token: 't',
    registry,
    retry: false,
    breaker: { failureThreshold: 2 },
    ...transport,
    ...({ random: undefined } as object),
  });
  let answer: () => void = () => undefined;
  server.answer(
    (response, seen) => {
      answer = () => json({}, 503)(response, seen);
    },
    json({}, 503),
  );
  const ana = tenants.run('ana', () => errorOf(acme.call(getThing, { id: 'ana' })));
  await server.request(1);
  tenants.run('bob', () => registry.subscribe(listener));
  answer();
  await ana;
  await tenants.run('cyd', () => errorOf(acme.call(getThing, { id: 'cyd' })));
  // A client whose transport runs code of the user's captures the context of every call.
  expect(heard).toEqual([...(name === 'undici' ? [] : ['call_failed of ana']), 'call_failed of cyd', 'circuit_opened of cyd']);
});

test('R1 a protected function whose run began before the subscription: only what happens to the circuit, in the subscriber`s context', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1 });
  let fail: (error: Error) => void = () => undefined;
  const work = protect(() => new Promise<never>((_, reject) => (fail = reject)), { breaker });
  const ana = tenants.run('ana', () => errorOf(work()));
  tenants.run('bob', () => breaker.subscribe(listener));
  fail(new Error('down'));
  await ana;
  expect(heard).toEqual(['circuit_opened of bob']);
  await tenants.run('cyd', () => errorOf(work()));
  expect(heard.slice(1)).toEqual(['call_rejected of cyd']);
});
