import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { type ClientOptions, RetryExhaustedError, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, TRANSPORTS, testClient } from '../../support/client.js';
import { answers, breaks, connects, InMemory, neverConnects, type Reaction, socketError } from '../../support/in-memory.js';
import { type Answer, badGateway, hang, json, Loopback, reset, resetBody, stallBody } from '../../support/loopback.js';

const patchThing = operation({ id: 'things.patch', method: 'PATCH', body: { kind: 'json', contentType: 'application/json' } });
const putThing = operation({ id: 'things.put', method: 'PUT', body: { kind: 'json', contentType: 'application/json' } });
const deleteThing = operation({ id: 'things.delete', method: 'DELETE' });

/** What leaves open whether the server did what it was asked. */
const UNSURE: readonly (readonly [string, Answer])[] = [
  ['500', json({}, 500)],
  ['502 with a page', badGateway],
  ['503', json({}, 503)],
  ['429', json({}, 429)],
  ['a reset', reset],
  ['a reset in the body', resetBody],
  ['a timeout', hang],
  ['a stalled body', stallBody],
];

describe.each(TRANSPORTS)('%s', (_, transport) => {
  let server: Loopback;
  let clock: FakeClock;

  beforeEach(async () => {
    server = await Loopback.start();
    clock = new FakeClock();
  });

  afterEach(() => server.stop());

  const client = (options: ClientOptions = {}): ServiceClient =>
    testClient({
      baseUrl: server.origin,
      token: 't',
      clock,
      timeoutMs: 1_000,
      totalTimeoutMs: 60_000,
      retry: AT_ONCE,
      ...transport,
      ...options,
    });

  /** Lets the attempt at hand run into its timeout, if that is what the server makes it do. */
  const letEnd = async (answer: Answer, requests: number): Promise<void> => {
    const seen = await server.request(requests);
    if (answer === hang || answer === stallBody) await clock.advance(1_000);
    else await seen.end;
  };

  describe.each(UNSURE)('A49 after %s', (_name, answer) => {
    test.each([
      ['POST', createThing],
      ['PATCH', patchThing],
    ] as const)('%s is not sent again', async (_method, post) => {
      server.answer(answer, json({ sent: 'twice' }));
      const acme = client();
      const failed = errorOf(acme.call(post, { body: { n: 1 } }));
      await letEnd(answer, 1);
      expect(await failed).not.toBeInstanceOf(RetryExhaustedError);
      await clock.advance(60_000);
      expect(server.requests).toHaveLength(1);
    });

    test.each([
      ['GET', getThing, {}],
      ['PUT', putThing, {}],
      ['DELETE', deleteThing, {}],
      ['POST with `idempotent: true` of the call', createThing, { idempotent: true }],
    ] as const)('%s is', async (_method, op, options) => {
      server.answer(answer, json({ attempt: 2 }));
      const call = client().call(op, { id: 1, body: { n: 1 } }, options);
      await letEnd(answer, 1);
      const ticking = tick(clock, server.request(2));
      expect(await call).toEqual({ attempt: 2 });
      await ticking;
      expect(server.requests.map((seen) => String(seen.body))).toEqual(
        op === getThing || op === deleteThing ? ['', ''] : ['{"n":1}', '{"n":1}'],
      );
    });

    test('GET is not with `retry: false`', async () => {
      server.answer(answer, json({ attempt: 2 }));
      const failed = errorOf(client({ retry: false }).call(getThing, { id: 1 }));
      await letEnd(answer, 1);
      await failed;
      await clock.advance(60_000);
      expect(server.requests).toHaveLength(1);
    });
  });

  test('after a refused connection even POST is tried again, and reaches the server that has come up', async () => {
    const port = await freePort();
    const events: string[] = [];
    const acme = client({
      baseUrl: `http://127.0.0.1:${port}`,
      retry: { ...AT_ONCE, maxAttempts: 3 },
      onEvent: (event) => events.push(event.type),
    });
    const failed = errorOf(acme.call(createThing, { body: {} }));
    await until(clock, () => events.filter((type) => type === 'call_failed').length === 3);
    expect(await failed).toMatchObject({ kind: 'retry_exhausted', attempts: 3, lastError: { reason: 'ECONNREFUSED', maybeSent: false } });
  });

  test('after a host name that does not exist, too (a label of 64 letters: no resolver is asked)', async () => {
    const acme = client({ baseUrl: `http://${'x'.repeat(64)}.invalid`, retry: { ...AT_ONCE, maxAttempts: 2 } });
    const events: string[] = [];
    const failed = errorOf(acme.withOptions({ onEvent: (event) => events.push(event.type) }).call(createThing, { body: {} }));
    await until(clock, () => events.filter((type) => type === 'call_failed').length === 2);
    expect(await failed).toMatchObject({ kind: 'retry_exhausted', attempts: 2, lastError: { maybeSent: false } });
  });
});

describe('what counts as never sent', () => {
  const post = async (reaction: Reaction): Promise<number> => {
    const dispatcher = new InMemory(reaction, answers(200));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: { ...AT_ONCE, maxAttempts: 2 } });
    await acme.call(createThing, { body: {} }).result();
    return dispatcher.requests.length;
  };

  test.each([
    ['ECONNREFUSED', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['EHOSTUNREACH', 'connect'],
    ['ETIMEDOUT', 'connect'],
    ['UND_ERR_CONNECT_TIMEOUT', undefined],
  ])('%s of %s', async (code, syscall) => {
    expect(await post(breaks(socketError(code, syscall)))).toBe(2);
  });

  test('whatever fails before the transport began to write', async () => {
    expect(await post(neverConnects(socketError('ESOMETHING')))).toBe(2);
  });

  test.each([
    ['EHOSTUNREACH', 'read'],
    ['ENETUNREACH', 'read'],
    ['ETIMEDOUT', 'read'],
    ['ECONNRESET', 'read'],
    ['EPIPE', 'write'],
    ['UND_ERR_SOCKET', undefined],
  ])('not %s of %s: the request was under way', async (code, syscall) => {
    expect(await post(breaks(socketError(code, syscall)))).toBe(1);
  });

  test('a timeout before the transport began to write', async () => {
    const clock = new FakeClock();
    const dispatcher = new InMemory(connects, answers(200));
    const acme = testClient({
      baseUrl: 'http://acme.test',
      token: 't',
      clock,
      dispatcher,
      timeoutMs: 100,
      totalTimeoutMs: 1_000,
      retry: AT_ONCE,
    });
    const call = acme.call(createThing, { body: {} });
    await clock.advance(100);
    expect(await call).toEqual({});
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Moves the clock on until `done`: waits of zero are timers, too. */
async function tick(clock: FakeClock, done: Promise<unknown>): Promise<void> {
  let over = false;
  void done.then(() => {
    over = true;
  });
  await until(clock, () => over);
}

async function until(clock: FakeClock, over: () => boolean): Promise<void> {
  while (!over()) await clock.advance(0);
}
