import { type CallOptions, type ClientOptions, type Clock, lastGood, type ServiceClient, type TimerHandle } from 'fuseline';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { errorOf, getThing } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';
import { PATIENCE_MS } from '../../support/patience.js';

// Neither FakeClock nor anything else that brings the code along: each test begins as a process does.
let fuseline: typeof import('fuseline');
let optionalCodeModule: typeof import('../../../runtime/call/optional-code.js');
let dispatcher: InMemory;

beforeEach(async () => {
  vi.resetModules();
  [fuseline, optionalCodeModule] = await Promise.all([import('fuseline'), import('../../../runtime/call/optional-code.js')]);
  dispatcher = new InMemory(answers(200, { list: [1] }));
});

/** A clock on which each deadline comes as soon as it is set. */
class Hasty implements Clock {
  #now = 0;
  now(): number {
    return this.#now;
  }
  wallNow(): number {
    return this.#now;
  }
  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    this.#now += delayMs;
    queueMicrotask(callback);
    return {};
  }
  clearTimeout(): void {}
}

function client(options: ClientOptions): ServiceClient {
  const service = { name: 'acme', security: [{ type: 'bearer' }], policies: {} } as const;
  const registry = new fuseline.BreakerRegistry();
  return new fuseline.ServiceClient(
    service,
    { baseUrl: 'http://acme.test', token: 't', registry, dispatcher, env: {}, retry: false, ...options },
    { getThing },
  );
}

describe('the code of the limits', () => {
  test('is not there before a client wants it, and then comes by itself', async () => {
    await client({}).call(getThing, { id: 1 });
    expect(optionalCodeModule.optionalCode()).toBeUndefined();
    client({ bulkhead: { maxConcurrent: 1 } });
    await vi.waitFor(() => expect(optionalCodeModule.optionalCode()).toBeDefined(), PATIENCE_MS);
  });

  test('is waited for by the first calls: the limit holds, in their order', async () => {
    dispatcher.react(waits);
    const acme = client({ bulkhead: { maxConcurrent: 2, maxQueue: 1 } });
    const aborter = new AbortController();
    const calls = [1, 2, 3, 4].map((id) => errorOf(acme.call(getThing, { id }, { signal: aborter.signal })));
    expect(dispatcher.requests).toEqual([]);
    expect(await calls[3]).toMatchObject({ kind: 'bulkhead_full' });
    expect(dispatcher.requests.map(({ path }) => path)).toEqual(['/things/1', '/things/2']);
    aborter.abort();
    await Promise.all(calls);
  });

  test('is waited for by a call that alone wants to share', async () => {
    // Not before the second has joined.
    dispatcher.react((...request) => queueMicrotask(() => queueMicrotask(() => answers(200, { list: [1] })(...request))));
    const acme = client({});
    const calls = [1, 1].map((id) => acme.call(getThing, { id }, { coalesce: true }));
    expect(await Promise.all(calls)).toEqual([{ list: [1] }, { list: [1] }]);
    expect(dispatcher.requests).toHaveLength(1);
  });

  test.each<[string, CallOptions, object]>([
    ['its caller', { signal: AbortSignal.abort() }, { name: 'AbortError' }],
    [
      'the limit of the load, as its deadline does not run',
      { totalTimeoutMs: 5 },
      { kind: 'request', cause: { message: 'it was not loaded within 30000 ms' } },
    ],
  ])('a call that waits for it is ended by %s, and sends nothing', async (_, options, error) => {
    const acme = client({ clock: new Hasty() });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { ...options, coalesce: true }))).toMatchObject(error);
    await optionalCodeModule.loadOptionalCode();
    expect(dispatcher.requests).toEqual([]);
  });

  test('an abort while a call waits for it', async () => {
    const acme = client({});
    const aborter = new AbortController();
    const call = errorOf(acme.call(getThing, { id: 1 }, { coalesce: true, signal: aborter.signal }));
    aborter.abort();
    expect(await call).toBe(aborter.signal.reason);
    await optionalCodeModule.loadOptionalCode();
    expect(dispatcher.requests).toEqual([]);
  });

  test('that cannot be loaded ends the call with an error', async () => {
    vi.doMock('../../../runtime/call/shared/limits.js', () => {
      throw new Error('no such file');
    });
    try {
      expect(await errorOf(client({}).call(getThing, { id: 1 }, { coalesce: true }))).toMatchObject({
        kind: 'request',
        message: expect.stringContaining('the code of the limits cannot be loaded'),
      });
      expect(dispatcher.requests).toEqual([]);
    } finally {
      vi.doUnmock('../../../runtime/call/shared/limits.js');
    }
  });

  test('comes with the fake clock, which would not wait for it', async () => {
    await import('fuseline/testing');
    dispatcher.react(waits);
    const aborter = new AbortController();
    const call = errorOf(
      client({ bulkhead: { maxConcurrent: 1 } }).call(getThing, { id: 1 }, { signal: aborter.signal, fallback: lastGood() }),
    );
    expect(dispatcher.requests).toHaveLength(1);
    aborter.abort();
    await call;
  });
});
