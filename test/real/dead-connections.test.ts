import { setImmediate } from 'node:timers/promises';
import { NetworkError } from 'fuseline';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createThing, errorOf, getThing, testClient } from '../support/client.js';
import { type Answer, hang, json, Loopback, reset } from '../support/loopback.js';

let server: Loopback;
let agent: Agent;

beforeEach(async () => {
  server = await Loopback.start();
  agent = new Agent();
});

afterEach(async () => {
  await agent.destroy();
  await server.stop();
});

const SOCKETS = 6;
const IDS = Array.from({ length: SOCKETS }, (_, id) => id);
const ONE_FAILURE = { breaker: { failureThreshold: 1 } };

/** Opens as many connections as there are ids, and leaves them idle. */
async function opened(): Promise<ReturnType<typeof testClient>> {
  const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, ...ONE_FAILURE });
  const held: (() => void)[] = [];
  server.answer((response, seen) => held.push(() => json({})(response, seen)));
  const calls = IDS.map((id) => acme.call(getThing, { id }));
  await server.request(SOCKETS);
  for (const answer of held) answer();
  await Promise.all(calls);
  // undici takes its connections back a little later.
  await setImmediate();
  expect(server.connections).toBe(SOCKETS);
  return acme;
}

/** Resets requests on the connections that are open now, as a load balancer does that restarts, and answers those on others. */
function resetOpenConnections(): Answer {
  const old = new Set(server.requests.map(({ socket }) => socket));
  return (response, seen) => (old.has(seen.socket) ? reset : json({ ok: true }))(response, seen);
}

test('GETs on dead connections are answered, without a retry of their own, and the circuit stays closed', async () => {
  const acme = await opened();
  server.answer(resetOpenConnections());
  const answers = await Promise.all(IDS.map((id) => acme.call(getThing, { id }, { retry: { maxAttempts: 1 } })));
  expect(answers).toEqual(IDS.map(() => ({ ok: true })));
  expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
  const again = server.requests.length - 2 * SOCKETS;
  expect(again).toBeGreaterThanOrEqual(SOCKETS);
  expect(again).toBeLessThanOrEqual(2 * SOCKETS);
});

test('a POST is sent once, the error says that it may have arrived, and the circuit stays closed', async () => {
  const acme = await opened();
  server.answer(resetOpenConnections());
  const error = await errorOf(acme.call(createThing, { body: { n: 1 } }));
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({ fault: 'reset', maybeSent: true });
  expect((error as Error).message).toContain('the request may have reached the service');
  expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
});

test('with `retry: false` nothing is repeated', async () => {
  const acme = await opened();
  server.answer(resetOpenConnections());
  expect(await errorOf(acme.call(getThing, { id: 1 }, { retry: false }))).toMatchObject({ fault: 'reset' });
  expect(server.requests).toHaveLength(SOCKETS + 1);
});

test('a reset of a new connection counts as a failure', async () => {
  server.answer(reset);
  const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, ...ONE_FAILURE });
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ fault: 'reset' });
  expect(server.requests).toHaveLength(1);
  expect(acme.circuits.map(({ state }) => state)).toEqual(['open']);
});

test('a new connection beside open ones is not taken for a reused one', async () => {
  const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, ...ONE_FAILURE });
  server.answer(hang, reset);
  const held = errorOf(acme.call(getThing, { id: 1 }));
  await server.request(1);
  expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({ fault: 'reset' });
  expect(acme.circuits.map(({ state }) => state)).toEqual(['open']);
  await agent.destroy();
  await held;
});
