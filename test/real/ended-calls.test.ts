import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { getThing } from '../support/client.js';
import { PATIENCE_MS } from '../support/patience.js';

const CALLS = 10;
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n{"id":1}';
const LARGE = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n${'x'.repeat(5_000)}`;

let fuseline: typeof import('fuseline');
let answer: string | undefined;
let sockets: Socket[];
let requests: number;
const server = createServer((socket) => {
  sockets.push(socket.on('error', () => undefined));
  socket.on('data', () => {
    requests++;
    if (answer !== undefined) socket.write(answer);
  });
});

beforeEach(async () => {
  // As a process begins: the shared agent is not loaded.
  vi.resetModules();
  fuseline = await import('fuseline');
  sockets = [];
  requests = 0;
  answer = undefined;
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** The connections close because their calls have ended. */
async function allClosed(): Promise<void> {
  await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
}

/** A client over the shared agent, whose calls have no time limit of their own. */
function client(clock?: FakeClock): import('fuseline').ServiceClient {
  const options = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    registry: new fuseline.BreakerRegistry(),
    env: {},
    retry: false,
    timeoutMs: null,
    totalTimeoutMs: null,
    breaker: { failureThreshold: 1_000 },
    maxResponseBytes: 1_000,
    ...(clock === undefined ? {} : { clock }),
  } as const;
  return new fuseline.ServiceClient({ name: 'acme', security: [], policies: {} }, options, { getThing });
}

test.each(['timeout', 'aborted', 'response'] as const)('calls that end by %s leave no connection, and open no other', async (kind) => {
  if (kind === 'response') answer = LARGE;
  const clock = kind === 'timeout' ? new FakeClock() : undefined;
  const acme = client(clock);
  const aborter = new AbortController();
  const given = { timeoutMs: kind === 'timeout' ? 1_000 : null, signal: aborter.signal };
  await acme.ready();
  const calls = Array.from({ length: CALLS }, (_, id) => acme.call(getThing, { id }, given).result());
  await expect.poll(() => requests, { timeout: PATIENCE_MS }).toBe(CALLS);
  await clock?.advance(1_000);
  if (kind === 'aborted') aborter.abort();
  for (const result of await Promise.all(calls)) expect(result).toMatchObject({ ok: false, error: { kind } });
  await allClosed();
  answer = ANSWER;
  expect(await acme.call(getThing, { id: 1 })).toEqual({ id: 1 });
  expect([sockets.length, requests]).toEqual([CALLS + 1, CALLS + 1]);
  await acme.close();
});

test('calls that wait for a connection get one when a call before them is aborted', async () => {
  vi.stubEnv('FUSELINE_MAX_CONNECTIONS', '1');
  const acme = client();
  const aborter = new AbortController();
  const held = acme.call(getThing, { id: 0 }, { signal: aborter.signal }).result();
  await expect.poll(() => requests, { timeout: PATIENCE_MS }).toBe(1);
  answer = ANSWER;
  const waiting = Array.from({ length: CALLS }, (_, id) => acme.call(getThing, { id }));
  aborter.abort();
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ id: 1 })));
  expect(await held).toMatchObject({ ok: false });
  expect([sockets.length, requests]).toEqual([2, CALLS + 1]);
  await acme.close();
  vi.unstubAllEnvs();
});
