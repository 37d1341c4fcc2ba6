import { getEventListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { type ClientOptions, HttpError, type ServiceClient, TimeoutError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { Agent, buildConnector } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, TRANSPORTS, testClient } from '../../support/client.js';
import { hang, json, Loopback, stallBody } from '../../support/loopback.js';
import { withResolvers } from '../../support/with-resolvers.js';

let server: Loopback;
let clock: FakeClock;

beforeEach(async () => {
  server = await Loopback.start();
  clock = new FakeClock();
});

afterEach(() => server.stop());

describe.each(TRANSPORTS)('%s', (_, transport) => {
  const client = (options: ClientOptions = {}): ServiceClient =>
    testClient({ baseUrl: server.origin, token: 't', clock, ...transport, ...options });

  test.each([
    ['no answer', hang],
    ['a stalled body', stallBody],
  ] as const)('A25 A31 a timeout cancels the request on the socket: %s', async (_name, answer) => {
    server.answer(answer);
    const failed = errorOf(client({ timeoutMs: 1_000, retry: false }).call(getThing, { id: 1 }));
    const seen = await server.request(1);
    await clock.advance(999);
    await clock.advance(1);
    expect(await seen.end).toBe('closed by the client');
    const error = await failed;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ scope: 'attempt', timeoutMs: 1_000, code: 'ETIMEDOUT' });
    // Whether the stalled answer's headers have come by then is the network's business.
    if (answer === hang) expect(error).toMatchObject({ phase: 'waiting' });
  });

  test('A25 a timeout ends one call and leaves the others alone', async () => {
    server.answer(hang, (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"slow":');
      void slow.then(() => response.end('true}'));
    });
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const both = client({ retry: false });
    const first = errorOf(both.call(getThing, { id: 1 }, { timeoutMs: 100 }));
    const one = await server.request(1);
    const second = both.call(getThing, { id: 2 }, { timeoutMs: 60_000 });
    await server.request(2);
    await clock.advance(100);
    expect(await one.end).toBe('closed by the client');
    expect(await first).toBeInstanceOf(TimeoutError);
    finish();
    expect(await second).toEqual({ slow: true });
  });

  test.each([
    ['waiting for an answer', hang],
    ['in the middle of the body', stallBody],
  ] as const)("A26 A31 the caller's abort cancels on the socket, keeps its reason and counts as nothing: %s", async (_name, answer) => {
    server.answer(answer);
    const aborter = new AbortController();
    const events: string[] = [];
    const acme = client({ onEvent: (event) => events.push(event.type) });
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal, fallback: 'never given' }));
    const seen = await server.request(1);
    const reason = new Error('the user left');
    aborter.abort(reason);
    expect(await failed).toBe(reason);
    expect(await seen.end).toBe('closed by the client');
    expect(acme.breaker('things.get').snapshot()).toMatchObject({
      failureCount: 0,
      stats: { failedRequests: 0, successfulRequests: 0, releasedRequests: 1 },
    });
    expect(events).toEqual([]);
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0);
    await clock.advance(600_000);
    expect(server.requests).toHaveLength(1);
  });

  test('A26 an abort before the call makes no request at all', async () => {
    const acme = client();
    const reason = { any: 'thing' };
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.requests).toHaveLength(0);
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
  });

  test('A27 an abort ends the backoff at once, and there is no further attempt', async () => {
    server.answer(json({}, 503));
    const aborter = new AbortController();
    const scheduled = withResolvers<void>();
    const acme = client({
      retry: { baseDelayMs: 10_000, maxDelayMs: 10_000 },
      onEvent: (event) => event.type === 'retry_scheduled' && scheduled.resolve(),
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    await scheduled.promise;
    aborter.abort();
    expect(await failed).toBe(aborter.signal.reason);
    await clock.advance(600_000);
    expect(server.requests).toHaveLength(1);
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0);
  });

  test('A29 a call that ended leaves no listener, however it ended', async () => {
    const { signal } = new AbortController();
    const acme = client({ retry: AT_ONCE });
    server.answer(json({}), json({}, 404), json({}, 500));
    await acme.call(getThing, { id: 1 }, { signal });
    expect(await errorOf(acme.call(getThing, { id: 2 }, { signal }))).toBeInstanceOf(HttpError);
    const failed = errorOf(acme.call(getThing, { id: 3 }, { signal }));
    await server.request(3);
    await clock.advance(1_000);
    await failed;
    const hung = errorOf(acme.call(getThing, { id: 4 }, { signal, timeoutMs: 5, retry: false }));
    server.answer(hang);
    await clock.advance(5);
    await hung;
    expect(await errorOf(acme.call(getThing, {}, { signal }))).toMatchObject({ kind: 'request' });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('A28 a timeout signal of the caller is an abort: not tried again, no failure', async () => {
    server.answer(hang);
    const acme = client();
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: AbortSignal.timeout(20) }));
    expect(await failed).toMatchObject({ name: 'TimeoutError', code: DOMException.TIMEOUT_ERR });
    await clock.advance(600_000);
    expect(server.requests.length).toBeLessThanOrEqual(1);
    expect(acme.breaker('things.get').snapshot().stats.failedRequests).toBe(0);
  });
});

describe('while connecting', () => {
  let silent: Server;
  const sockets: Socket[] = [];
  let connected: Promise<void>;

  beforeEach(async () => {
    // TLS to a server that never answers the handshake: the connection hangs.
    silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    connected = new Promise((resolve) => silent.once('connection', () => resolve()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  const url = (): string => `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;

  test('a connection that hangs is a timeout in the phase `connecting`, and any method is tried again', async () => {
    const events: string[] = [];
    const acme = testClient({
      baseUrl: url(),
      token: 't',
      clock,
      timeoutMs: 1_000,
      retry: { ...AT_ONCE, maxAttempts: 2 },
      onEvent: (event) => events.push(event.type),
    });
    const failed = errorOf(acme.call(createThing, { body: {} }));
    await connected;
    await clock.advance(1_000);
    await clock.advance(1_000);
    const error = await failed;
    expect(error).toMatchObject({ kind: 'retry_exhausted', attempts: 2, lastError: { kind: 'timeout', phase: 'connecting' } });
    expect(events).toContain('retry_scheduled');
  });

  test("A26 the caller's abort ends it with its reason", async () => {
    const acme = testClient({ baseUrl: url(), token: 't', clock });
    const aborter = new AbortController();
    const failed = errorOf(acme.call(createThing, { body: {} }, { signal: aborter.signal }));
    await connected;
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ releasedRequests: 1, failedRequests: 0 });
  });

  test('what was aborted while it connected is not sent when the connection comes about', async () => {
    const gate = withResolvers<void>();
    const connect = buildConnector({});
    const dispatcher = new Agent({
      connect: (options, callback) => void gate.promise.then(() => connect(options, callback)),
    });
    const acme = testClient({ baseUrl: server.origin, token: 't', clock, dispatcher });
    const aborter = new AbortController();
    const failed = errorOf(acme.call(createThing, { body: { n: 1 } }, { signal: aborter.signal }));
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    gate.resolve();
    // The connection is made, and the next call uses it.
    expect(await acme.call(createThing, { body: { n: 2 } })).toEqual({});
    expect(server.requests.map((seen) => String(seen.body))).toEqual(['{"n":2}']);
    await dispatcher.close();
  });
});
