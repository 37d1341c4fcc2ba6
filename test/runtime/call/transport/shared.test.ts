import { beforeEach, describe, expect, test, vi } from 'vitest';
import { errorOf, getThing } from '../../../support/client.js';
import { hang, Loopback } from '../../../support/loopback.js';

// Each test begins as a process does: no transport has been loaded.
let fuseline: typeof import('fuseline');
let shared: typeof import('../../../../runtime/call/transport/shared.js');

beforeEach(async () => {
  vi.resetModules();
  vi.unstubAllGlobals();
  [fuseline, shared] = await Promise.all([import('fuseline'), import('../../../../runtime/call/transport/shared.js')]);
});

const client = (transport: 'undici' | 'fetch', baseUrl = 'http://acme.test') =>
  new fuseline.ServiceClient(
    { name: 'acme', security: [], policies: {} },
    { baseUrl, transport, registry: new fuseline.BreakerRegistry(), env: {}, retry: false },
    { getThing },
  );

describe('the transports that clients share', () => {
  test.each([
    ['sharedAgent', 'loadedAgent'],
    ['sharedFetch', 'loadedFetch'],
  ] as const)('%s: loaded when it is first asked for, and one for all', async (load, loaded) => {
    expect(shared[loaded]()).toBeUndefined();
    const first = await shared[load]();
    expect(first.dispatch).toBeTypeOf('function');
    expect(shared[loaded]()).toBe(first);
    expect(await shared[load]()).toBe(first);
  });

  test('undici: at most as many connections per origin as FUSELINE_MAX_CONNECTIONS says', async () => {
    vi.stubEnv('FUSELINE_MAX_CONNECTIONS', '2');
    const server = await Loopback.start();
    server.answer(hang);
    const acme = client('undici', server.origin);
    const end = new AbortController();
    const calls = [1, 2, 3, 4, 5].map((id) =>
      errorOf(acme.call(getThing, { id }, { timeoutMs: null, totalTimeoutMs: null, signal: end.signal })),
    );
    await server.request(2);
    // A third connection would be opened by now, and its request sent.
    await errorOf(client('undici', server.origin).call(getThing, { id: 6 }, { timeoutMs: 100 }));
    expect([server.connections, server.requests.length]).toEqual([2, 2]);
    end.abort();
    await Promise.all(calls);
    await server.stop();
    vi.unstubAllEnvs();
  });

  test.each(['0', '1.5', 'many', '-1'])('FUSELINE_MAX_CONNECTIONS=%s is an error that says so', async (value) => {
    vi.stubEnv('FUSELINE_MAX_CONNECTIONS', value);
    const error = await errorOf(client('undici').call(getThing, { id: 1 }));
    const message = `FUSELINE_MAX_CONNECTIONS is "${value}", expected a whole number of at least 1`;
    expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining(message), cause: { kind: 'configuration', message } });
    vi.unstubAllEnvs();
  });

  test.each([
    ['a stub without `dispatch`', { Agent: class {} }],
    ['a stub whose agent cannot be made', { Agent: undefined }],
  ])('undici: fetch takes over from %s', async (_, stub) => {
    vi.doMock('undici', () => stub);
    const server = await Loopback.start();
    try {
      const acme = client('undici', server.origin);
      expect(await Promise.all([1, 2].map((id) => acme.call(getThing, { id })))).toEqual([{}, {}]);
      expect(await acme.call(getThing, { id: 3 })).toEqual({});
      expect(server.requests).toHaveLength(3);
      expect(acme.circuits.map(({ state }) => state)).toEqual(['closed']);
      expect(shared.agentIsFetch()).toBe(true);
    } finally {
      vi.doUnmock('undici');
      await server.stop();
    }
  });

  test('undici: it is used where it works', async () => {
    await shared.sharedAgent();
    await shared.sharedFetch();
    expect(shared.agentIsFetch()).toBe(false);
  });

  test('fetch: the first call waits for its transport', async () => {
    const seen: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
      seen.push(url);
      return new Response('{"id":1}', { headers: { 'content-type': 'application/json' } });
    });
    const acme = client('fetch');
    expect(await Promise.all([1, 2].map((id) => acme.call(getThing, { id })))).toEqual([{ id: 1 }, { id: 1 }]);
    expect(seen).toEqual(['http://acme.test/things/1', 'http://acme.test/things/2']);
  });

  test.each([
    ['undici', 'undici'],
    ['fetch', '../../../../runtime/call/transport/fetch.js'],
  ] as const)('%s: one that cannot be loaded ends the call, which says so', async (transport, module) => {
    vi.doMock(module, () => {
      throw new Error('no such file');
    });
    try {
      const error = await errorOf(client(transport).call(getThing, { id: 1 }));
      expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining('the transport cannot be loaded') });
    } finally {
      vi.doUnmock(module);
    }
  });
});
