import { createServer, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, connect, createServer as createPlain, type Socket } from 'node:net';
import { inspect } from 'node:util';
import type { ClientOptions, RetryExhaustedError } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { AT_ONCE, createThing, errorOf, getThing } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

/** A proxy that opens tunnels, and notes their targets and credentials. */
class Tunnels {
  readonly targets: string[] = [];
  readonly credentials: (string | undefined)[] = [];
  readonly #sockets: Socket[] = [];
  readonly #server: Server = createServer((_request, response) => response.writeHead(405).end());

  async start(): Promise<string> {
    this.#server.on('connect', (request, client: Socket) => {
      const [host = '', port = ''] = (request.url ?? '').split(':');
      this.targets.push(request.url ?? '');
      this.credentials.push(request.headers['proxy-authorization']);
      const target = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        client.pipe(target).pipe(client);
      });
      for (const socket of [client, target]) this.#sockets.push(socket.on('error', () => socket.destroy()));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let fuseline: typeof import('fuseline');
let proxy: Tunnels;
let address: string;
let server: Loopback;

beforeEach(async () => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']) vi.stubEnv(name, undefined);
  // As a process begins: the shared agent is not loaded.
  vi.resetModules();
  fuseline = await import('fuseline');
  proxy = new Tunnels();
  [address, server] = await Promise.all([proxy.start(), Loopback.start()]);
  server.answer(json({ id: 1 }));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([proxy.stop(), server.stop()]);
});

function client(baseUrl: string, retry: ClientOptions['retry'] = false): import('fuseline').ServiceClient {
  const options = { baseUrl, registry: new fuseline.BreakerRegistry(), env: {}, retry, breaker: { failureThreshold: 1_000 } };
  return new fuseline.ServiceClient({ name: 'acme', security: [], policies: {} }, options, { getThing, createThing });
}

describe('the proxy of the environment', () => {
  test('without the variables no proxy is used', async () => {
    expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(proxy.targets).toEqual([]);
  });

  test.each(['HTTP_PROXY', 'http_proxy'])('%s: requests go through its tunnel, with its credentials', async (name) => {
    vi.stubEnv(name, `http://user:secret@${address}`);
    expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(proxy.targets).toEqual([new URL(server.origin).host]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:secret').toString('base64')}`]);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('a proxy without a scheme is one with HTTP', async () => {
    vi.stubEnv('HTTP_PROXY', `user:secret@${address}`);
    expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(proxy.targets).toEqual([new URL(server.origin).host]);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:secret').toString('base64')}`]);
  });

  test('a proxy that is no URL fails the call, which names the variable and never the value', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://user:hunter2@proxy:port');
    const error = await errorOf(client(server.origin).call(getThing, { id: 1 }));
    expect(error).toMatchObject({ kind: 'request', message: expect.stringContaining('HTTPS_PROXY is '), cause: { kind: 'configuration' } });
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('hunter2');
  });

  test.each(['example.com,127.0.0.1', ' * ', 'none.invalid,*'])(
    'NO_PROXY=%j: the hosts that it names are reached directly',
    async (hosts) => {
      vi.stubEnv('HTTP_PROXY', `http://${address}`);
      vi.stubEnv('NO_PROXY', hosts);
      expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
      expect([proxy.targets.length, server.requests.length]).toEqual([0, 1]);
    },
  );

  test.each([
    ['no_proxy', { NO_PROXY: '*', no_proxy: 'none.invalid' }, 1],
    ['an empty http_proxy', { http_proxy: '' }, 0],
  ])('%s overrides the name in upper case', async (_, variables, tunnels) => {
    vi.stubEnv('HTTP_PROXY', `http://${address}`);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(proxy.targets).toHaveLength(tunnels);
  });

  test('HTTPS_PROXY: TLS goes through the tunnel to the service, so its certificate is checked here', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://${address}`);
    const secure = createSecure(selfSigned(), (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(secure.address() as AddressInfo).port}`;
    const error = await errorOf(client(`https://${host}`).call(getThing, { id: 1 }));
    expect(error).toMatchObject({ kind: 'network', fault: 'tls', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(proxy.targets).toEqual([host]);
    // The other protocol has no proxy.
    expect(await client(server.origin).call(getThing, { id: 1 })).toEqual({ id: 1 });
    expect(proxy.targets).toHaveLength(1);
    secure.closeAllConnections();
    await new Promise((resolve) => secure.close(resolve));
  });

  test('a proxy that is not there is a network error', async () => {
    vi.stubEnv('HTTP_PROXY', `http://${address}`);
    await proxy.stop();
    expect(await errorOf(client(server.origin).call(getThing, { id: 1 }))).toMatchObject({
      kind: 'network',
      fault: 'proxy',
      reason: 'EPROXY_ECONNREFUSED',
      maybeSent: false,
      cause: { message: `the proxy ${address} opened no tunnel` },
    });
    expect(server.requests).toEqual([]);
    await proxy.start();
  });

  test.each([
    ['closes the connection', (socket: Socket) => socket.end(), 'EPROXY_SOCKET', 3],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy(), 'EPROXY_ECONNRESET', 3],
    ['answers 502', (socket: Socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'), 'EPROXY_502', 3],
    ['answers 407', (socket: Socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'), 'EPROXY_407', 1],
  ] as const)('a proxy that %s at CONNECT: one tunnel is asked for per attempt, also for a POST', async (_, answer, reason, attempts) => {
    let asked = 0;
    const broken = createPlain((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        asked++;
        answer(socket);
      });
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(broken.address() as AddressInfo).port}`);
    const acme = client('https://vendor.test', AT_ONCE);
    const last = { kind: 'network', fault: 'proxy', reason, host: 'vendor.test', maybeSent: false };
    const failed = await Promise.all([acme.call(getThing, { id: 1 }), acme.call(createThing, { body: {} })].map(errorOf));
    for (const error of failed) expect(attempts === 1 ? error : (error as RetryExhaustedError).lastError).toMatchObject(last);
    // undici connects again when the connection has closed. By the next failed call, it has.
    await errorOf(acme.call(getThing, { id: 2 }));
    expect(asked).toBe(3 * attempts);
    await acme.close();
    await new Promise((resolve) => broken.close(resolve));
  });
});
