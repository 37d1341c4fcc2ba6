import { createServer, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { errorOf, getThing } from '../support/client.js';
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

function client(baseUrl: string): import('fuseline').ServiceClient {
  const options = { baseUrl, registry: new fuseline.BreakerRegistry(), env: {}, retry: false } as const;
  return new fuseline.ServiceClient({ name: 'acme', security: [], policies: {} }, options, { getThing });
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
    expect(await errorOf(client(server.origin).call(getThing, { id: 1 }))).toMatchObject({ kind: 'network', fault: 'refused' });
    expect(server.requests).toEqual([]);
    await proxy.start();
  });
});
