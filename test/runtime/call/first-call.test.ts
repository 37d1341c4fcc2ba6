import { FakeClock } from 'fuseline/testing';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import type { DispatcherLike, TransportHandler, TransportRequest } from '../../../runtime/call/transport/types.js';
import { errorOf, getThing } from '../../support/client.js';
import { noUnhandledRejections } from '../../support/unhandled.js';
import { withResolvers } from '../../support/with-resolvers.js';

let loads = 0;

/** Stands for undici: loading the real one is what these tests control. */
class Agent implements DispatcherLike {
  dispatch(_: TransportRequest, handler: TransportHandler): boolean {
    const controller = { abort: () => undefined };
    handler.onRequestStart(controller, undefined);
    handler.onResponseStart(controller, 200, { 'content-type': 'application/json' }, 'OK');
    handler.onResponseData(controller, Buffer.from('{"id":1}'));
    handler.onResponseEnd(controller, {});
    return true;
  }
}

// Each test begins as a process does: no transport has been loaded.
let fuseline: typeof import('fuseline');
let open: () => void;
let fail: (error: Error) => void;
let clock: FakeClock;

beforeEach(async () => {
  vi.resetModules();
  const gate = withResolvers<void>();
  loads = 0;
  vi.doMock('undici', async () => {
    loads++;
    await gate.promise;
    return { Agent };
  });
  open = gate.resolve;
  fail = gate.reject;
  gate.promise.catch(() => undefined);
  clock = new FakeClock();
  fuseline = await import('fuseline');
});

const client = (baseUrl: string, options: object = {}) =>
  new fuseline.ServiceClient(
    { name: 'acme', security: [], policies: {} },
    { baseUrl, clock, registry: new fuseline.BreakerRegistry(), env: {}, retry: false, totalTimeoutMs: 100, ...options },
    { getThing },
  );

afterAll(() => vi.doUnmock('undici'));

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

const NOWHERE = 'http://127.0.0.1:9';

test.each([
  ['without limits', {}],
  ['with limits, whose code is loaded meanwhile', { bulkhead: { maxConcurrent: 2 } }],
])('R9 the first call is not charged for the load of the transport: %s', async (_, options) => {
  const call = client(NOWHERE, options).call(getThing, { id: 1 });
  await clock.advance(5_000);
  open();
  expect(await call).toEqual({ id: 1 });
});

test('the deadline begins when the transport is there: a token that does not come is charged', async () => {
  const call = errorOf(
    client(NOWHERE, { token: () => new Promise(() => undefined) }).call({ ...getThing, security: [{ type: 'bearer' }] }, { id: 1 }),
  );
  await clock.advance(5_000);
  open();
  await vi.waitFor(() => expect(clock.pendingTimers).toBe(1));
  await clock.advance(99);
  await clock.advance(1);
  expect(await call).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 100, phase: 'preparing' });
});

test('loading begins with the client, not with its first call', async () => {
  client(NOWHERE);
  await vi.waitFor(() => expect(loads).toBe(1));
  open();
});

test.each([[{ transport: 'fetch' }], [{ dispatcher: { dispatch: () => true } }]])('%o: undici is not loaded', async (options) => {
  client(NOWHERE, options);
  client(NOWHERE, options);
  await new Promise((resolve) => setImmediate(resolve));
  expect(loads).toBe(0);
});

test('a load that fails is told by the call, and not as an unhandled rejection', async () => {
  client(NOWHERE);
  const call = errorOf(client(NOWHERE).call(getThing, { id: 1 }));
  fail(new Error('too many open files'));
  expect(await call).toMatchObject({ kind: 'request', message: expect.stringContaining('the transport cannot be loaded (undici)') });
});

test('an abort ends the wait for the transport at once, and leaves no timer', async () => {
  const stop = new AbortController();
  const call = client(NOWHERE, { totalTimeoutMs: null }).call(getThing, { id: 1 }, { signal: stop.signal });
  const ended = expect(call).rejects.toBe('enough');
  stop.abort('enough');
  await ended;
  expect(clock.pendingTimers).toBe(0);
  open();
});

test('a load that never ends fails the call after a limit of its own', async () => {
  const call = errorOf(client(NOWHERE).call(getThing, { id: 1 }));
  await clock.advance(30_000);
  expect(await call).toMatchObject({ kind: 'request', cause: { message: 'it was not loaded within 30000 ms' } });
  open();
});

test('ready has a limit of its own: a transport that is not loaded by then is an error that says so', async () => {
  const acme = client(NOWHERE);
  const [short, usual] = [errorOf(acme.ready({ timeoutMs: 50 })), errorOf(acme.ready())];
  await clock.advance(50);
  expect(await short).toMatchObject({
    kind: 'request',
    message: 'acme: the transport cannot be loaded (undici)',
    cause: { message: 'it was not loaded within 50 ms' },
  });
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(9_950);
  expect(await usual).toMatchObject({ cause: { message: 'it was not loaded within 10000 ms' } });
  open();
  await acme.ready();
  expect(clock.pendingTimers).toBe(0);
});
