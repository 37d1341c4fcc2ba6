import type { RetryExhaustedError, ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../support/client.js';
import { hang, json, Loopback } from '../support/loopback.js';

let server: Loopback;
let agent: Agent | undefined;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(async () => {
  await agent?.destroy();
  agent = undefined;
  await server.stop();
});

const CALLS = Array.from({ length: 12 }, (_, id) => id);

describe('all connections of our own agent are busy', () => {
  test('calls that time out waiting for one do not open the circuit, and name the cause', async () => {
    agent = new Agent({ connections: 2 });
    server.answer(hang);
    const acme = testClient({
      token: 't',
      baseUrl: server.origin,
      dispatcher: agent,
      retry: false,
      breaker: { failureThreshold: 2 },
    });
    const held = Promise.allSettled([1, 2].map((id) => acme.call(getThing, { id }, { timeoutMs: null, totalTimeoutMs: null })));
    await server.request(2);
    const waiting = await Promise.all(CALLS.map((id) => errorOf(acme.call(getThing, { id }, { timeoutMs: 50 }))));
    for (const error of waiting) expect(error).toMatchObject({ kind: 'timeout', phase: 'connection' });
    expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
    expect([server.requests.length, server.connections]).toEqual([2, 2]);
    await agent.destroy();
    await held;
  });

  test('nor do calls whose total deadline passes', async () => {
    agent = new Agent({ connections: 1 });
    server.answer(hang);
    const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, breaker: { failureThreshold: 2 } });
    const held = Promise.allSettled([acme.call(getThing, { id: 1 }, { timeoutMs: null, totalTimeoutMs: null })]);
    await server.request(1);
    const late = await Promise.all(CALLS.map((id) => errorOf(acme.call(getThing, { id }, { timeoutMs: null, totalTimeoutMs: 50 }))));
    for (const error of late) expect(error).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'connection' });
    expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
    await agent.destroy();
    await held;
  });

  test('nor do calls that share a request, each with the phase of that request', async () => {
    agent = new Agent({ connections: 1 });
    server.answer(hang);
    const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, coalesce: true, breaker: { failureThreshold: 2 } });
    const held = Promise.allSettled([acme.call(getThing, { id: 1 }, { timeoutMs: null, totalTimeoutMs: null })]);
    await server.request(1);
    const same = [1, 2, 3].map(() => errorOf(acme.call(getThing, { id: 2 }, { timeoutMs: null, totalTimeoutMs: 50 })));
    for (const error of await Promise.all(same)) expect(error).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'connection' });
    expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
    await agent.destroy();
    await held;
  });

  test('a service that answers nobody still opens it', async () => {
    agent = new Agent({ connections: 2 });
    server.answer(hang);
    const acme = testClient({ token: 't', baseUrl: server.origin, dispatcher: agent, retry: false, breaker: { failureThreshold: 2 } });
    await Promise.all([1, 2].map((id) => errorOf(acme.call(getThing, { id }, { timeoutMs: 50 }))));
    await errorOf(acme.call(getThing, { id: 3 }, { timeoutMs: 50 }));
    expect(acme.circuits.map(({ state }) => state)).toEqual(['open']);
  });
});

describe('a connection of our own comes late', () => {
  let clock: FakeClock;
  let acme: ServiceClient;
  let first: Promise<unknown>;
  let answer: () => void;

  /** One connection, taken by a call without a limit. */
  beforeEach(async () => {
    clock = new FakeClock();
    agent = new Agent({ connections: 1, headersTimeout: 0, bodyTimeout: 0 });
    acme = testClient({
      token: 't',
      baseUrl: server.origin,
      dispatcher: agent,
      clock,
      retry: false,
      totalTimeoutMs: null,
      timeoutMs: null,
    });
    server.answer((response) => {
      answer = () => void json({ id: 1 })(response, undefined as never);
    }, hang);
    first = acme.call(getThing, { id: 1 });
    await server.request(1);
  });

  /** Lets the next request have the connection. */
  async function answerFirst(): Promise<void> {
    answer();
    await first;
    await server.request(2);
  }

  test.each([
    ['most of the limit', 600, 'closed'],
    ['hardly any of it', 50, 'open'],
  ] as const)('the wait took %s: %i ms of 1,000', async (_, queuedMs, state) => {
    const failed = [2, 3].map((id) => errorOf(acme.call(getThing, { id }, { timeoutMs: 1_000 })));
    await clock.advance(queuedMs);
    await answerFirst();
    await clock.advance(1_000 - queuedMs);
    const [sent, unsent] = await Promise.all(failed);
    expect(sent).toMatchObject({
      kind: 'timeout',
      phase: 'waiting',
      message: expect.stringContaining(`${queuedMs} ms without a free connection`),
    });
    expect(unsent).toMatchObject({ kind: 'timeout', phase: 'connection' });
    expect(acme.circuits[0]?.failureCount).toBe(state === 'open' ? 1 : 0);
  });

  test('the time of the whole call', async () => {
    const failed = errorOf(acme.call(getThing, { id: 2 }, { totalTimeoutMs: 1_000 }));
    await clock.advance(600);
    await answerFirst();
    await clock.advance(400);
    expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total' });
    expect(acme.circuits[0]?.failureCount).toBe(0);
  });
});

describe('our own machine', () => {
  test.each([
    ['an address of our own that is not there', { localAddress: '192.0.2.1' }, /^EADDRNOTAVAIL$/, 3],
    ['a certificate that cannot be read', { connect: { cert: 'none', key: 'none' } }, /^ERR_OSSL_/, 1],
  ])('%s', async (_, options, reason, attempts) => {
    agent = new Agent(options);
    const baseUrl = attempts === 1 ? server.origin.replace('http', 'https') : server.origin;
    const acme = testClient({ token: 't', baseUrl, dispatcher: agent, breaker: { failureThreshold: 2 }, retry: AT_ONCE });
    for (const n of [1, 2, 3]) {
      const error = await errorOf(acme.call(createThing, { body: { n } }));
      const last = attempts === 1 ? error : (error as RetryExhaustedError).lastError;
      expect(last).toMatchObject({ kind: 'network', fault: 'local', maybeSent: false, reason: expect.stringMatching(reason) });
      if (attempts > 1) expect(error).toMatchObject({ attempts });
    }
    expect(server.requests).toEqual([]);
    expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
  });
});
