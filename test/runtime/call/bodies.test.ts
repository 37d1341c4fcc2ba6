import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../runtime/policies/circuit-breaker/breaker.js';
import { protect } from '../../../runtime/protect/protect.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../../support/client.js';
import { json, Loopback } from '../../support/loopback.js';
import { withResolvers } from '../../support/with-resolvers.js';

let server: Loopback;
let clock: FakeClock;

beforeEach(async () => {
  server = await Loopback.start();
  clock = new FakeClock();
});

afterEach(() => server.stop());

test('A31 a body that is read after the policy has returned is whole, also long after the time limit', async () => {
  const rest = withResolvers<void>();
  server.answer((response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('first half, ');
    void rest.promise.then(() => response.end('second half'));
  });
  const breaker = new CircuitBreaker({ clock });
  const get = protect(({ signal }) => fetch(server.origin, { signal }), { breaker, timeoutMs: 1_000, totalTimeoutMs: 2_000 });
  const response = await get();
  expect(breaker.snapshot().stats.successfulRequests).toBe(1);
  await clock.advance(60_000);
  rest.resolve();
  expect(await response.text()).toBe('first half, second half');
});

describe.each(TRANSPORTS)('%s', (_, transport) => {
  test('A31 the body of an answer that is tried again is read to its end, so that its connection serves the next attempt', async () => {
    const page = { message: 'x'.repeat(256 * 1024) };
    server.answer(json(page, 503), json(page, 502), json({ fine: true }));
    const acme = testClient({ baseUrl: server.origin, token: 't', ...transport, retry: AT_ONCE });
    expect(await acme.call(getThing, { id: 1 })).toEqual({ fine: true });
    for (const { end } of server.requests) expect(await end).toBe('sent');
    expect(server.requests).toHaveLength(3);
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(1);
  });
});
