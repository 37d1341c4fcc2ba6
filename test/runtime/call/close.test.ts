import { BreakerRegistry, type CallAbortedError, RequestError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { json, Loopback } from '../../support/loopback.js';

/** Answers nothing, and ends as aborted. */
const silent = { dispatch: () => true };

function client(options: object = {}) {
  const clock = new FakeClock();
  return {
    clock,
    acme: testClient({
      clock,
      dispatcher: silent,
      token: 't',
      retry: false,
      baseUrl: 'http://acme.test',
      totalTimeoutMs: null,
      timeoutMs: null,
      ...options,
    }),
  };
}

describe('close', () => {
  test('new calls are refused, and counted nowhere', async () => {
    const { acme } = client();
    await acme.close();
    const error = await errorOf(acme.call(getThing, { id: 1 }));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ message: 'acme things.get: the client is closed; make a new one for further calls' });
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
    await expect(acme.ready()).rejects.toThrow('acme: the client is closed');
  });

  test('calls in flight end within the drain, or are aborted with a reason', async () => {
    const { acme, clock } = client();
    const call = errorOf(acme.call(getThing, { id: 1 }));
    let closed = false;
    const closing = acme.close({ drainMs: 1_000 }).then(() => {
      closed = true;
    });
    await clock.advance(999);
    expect(closed).toBe(false);
    await clock.advance(1);
    const error = (await call) as CallAbortedError;
    expect(error).toMatchObject({ kind: 'aborted', message: 'acme things.get: aborted, because the client was closed' });
    await closing;
    expect(clock.pendingTimers).toBe(0);
    expect(acme.breaker('things.get').snapshot()).toMatchObject({ state: 'closed', stats: { failedRequests: 0 } });
  });

  test('calls in queues are ended, too', async () => {
    const { acme } = client({ bulkhead: { maxConcurrent: 1, maxQueue: 5 } });
    const calls = [1, 2, 3].map((id) => errorOf(acme.call(getThing, { id })));
    await acme.close({ drainMs: 0 });
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'aborted' });
  });

  test('is idempotent; the earliest end applies', async () => {
    const { acme, clock } = client();
    const call = errorOf(acme.call(getThing, { id: 1 }));
    const closings = [acme.close({ drainMs: Number.POSITIVE_INFINITY }), acme.close(), acme.close({ drainMs: 10 })];
    await clock.advance(10);
    await Promise.all(closings);
    expect(await call).toMatchObject({ kind: 'aborted' });
    await acme.close();
  });

  test('other clients go on, and so does one of withOptions', async () => {
    const registry = new BreakerRegistry();
    const server = (await Loopback.start()).answer(json({ id: 1 }));
    const options = { dispatcher: undefined, baseUrl: server.origin, registry };
    const [first, second] = [client(options).acme, client(options).acme];
    const third = first.withOptions({ headers: { 'x-a': 'b' } });
    await first.call(getThing, { id: 1 });
    await first.close();
    expect(await second.call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(await third.call(getThing, { id: 1 })).toEqual({ id: 1 });
    await Promise.all([second.close(), third.close()]);
    await server.stop();
  });

  test('await using', async () => {
    const { acme } = client();
    {
      await using scoped = acme;
      expect(scoped).toBe(acme);
    }
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'request' });
  });

  test('a drain that cannot work, and an option that does not exist, are refused', async () => {
    const { acme } = client();
    await expect(acme.close({ drainMs: -1 })).rejects.toThrow('drainMs');
    await expect(acme.close({ drain: 1 } as never)).rejects.toThrow('drainMs');
    await expect(acme.ready({ conect: true } as never)).rejects.toThrow('connect');
    for (const timeoutMs of [0, -1, Number.NaN, '5']) await expect(acme.ready({ timeoutMs } as never)).rejects.toThrow('timeoutMs');
  });
});

test('ready opens a connection, sends nothing over it, and the first call uses it', async () => {
  const server = (await Loopback.start()).answer(json({ id: 1 }));
  const { acme } = client({ dispatcher: undefined, baseUrl: server.origin });
  await acme.ready({ connect: true });
  expect(server.requests).toEqual([]);
  expect(await acme.call(getThing, { id: 1 })).toEqual({ id: 1 });
  expect([server.connections, server.requests.length]).toEqual([1, 1]);
  await acme.close();
  await server.stop();
});

test('ready does not fail where nothing listens, nor over another transport', async () => {
  const gone = await Loopback.start();
  await gone.stop();
  for (const options of [{ dispatcher: undefined }, { dispatcher: undefined, transport: 'fetch' }, {}]) {
    const { acme } = client({ ...options, baseUrl: gone.origin });
    await acme.ready();
    await acme.ready({ connect: true });
    await acme.close();
  }
});
