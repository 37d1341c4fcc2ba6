import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { dashboard } from '../../../../runtime/operate/dashboard/index.js';
import { healthHandler } from '../../../../runtime/operate/health/index.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { ADMIN_TOKEN, PageServer, TOKEN } from './page-server.js';
import { StreamReader } from './stream.js';

function setup(tokens: { readonly token?: string; readonly adminToken?: string } = {}) {
  const registry = new BreakerRegistry();
  const routes = dashboard({ registry, clock: new FakeClock(), instance: 'test', maxConnections: 1 });
  const handler = healthHandler({ registry, token: false, ...tokens, routes });
  const ask = (path: string, method = 'GET', token?: string): Promise<Response> =>
    handler(new Request(`http://localhost${path}`, { method, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }));
  return { registry, routes, ask };
}

describe('the routes of a dashboard', () => {
  it('give the page to everyone: it holds no data, and may do nothing but talk to its own server', async () => {
    const { ask, registry } = setup({ token: TOKEN, adminToken: ADMIN_TOKEN });
    registry.obtain('very-secret-customer', 'ghl', {});
    const response = await ask('/dashboard');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "connect-src 'self'", "script-src 'sha256-", "style-src 'sha256-", "frame-ancestors 'none'"])
      expect(policy).toContain(part);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const secret of ['very-secret-customer', TOKEN, ADMIN_TOKEN]) expect(await response.clone().text()).not.toContain(secret);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('give data to who may read', async () => {
    const { ask } = setup({ token: TOKEN, adminToken: ADMIN_TOKEN });
    for (const path of ['/dashboard/events', '/dashboard/services/ghl']) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, 'GET', 'some-other-token-entirely')).status).toBe(401);
      for (const token of [TOKEN, ADMIN_TOKEN]) {
        const response = await ask(path, 'GET', token);
        expect(response.status).toBe(200);
        await response.body?.cancel();
      }
    }
  });

  it('say whether there are actions and who may use them, without an attempt', async () => {
    const allow = async (tokens: Parameters<typeof setup>[0], token?: string): Promise<readonly (string | null)[]> => {
      const { headers } = await setup(tokens).ask('/dashboard/actions', 'OPTIONS', token);
      return [headers.get('allow'), headers.get('www-authenticate')?.split(' ')[0] ?? null];
    };
    expect(await allow({})).toEqual(['GET, HEAD, OPTIONS', null]);
    expect(await allow({ adminToken: ADMIN_TOKEN })).toEqual(['GET, HEAD, POST, OPTIONS', 'Bearer']);
    expect(await allow({ token: TOKEN, adminToken: ADMIN_TOKEN }, TOKEN)).toEqual(['GET, HEAD, POST, OPTIONS', 'Bearer']);
    expect(await allow({ token: TOKEN, adminToken: ADMIN_TOKEN }, ADMIN_TOKEN)).toEqual(['GET, HEAD, POST, OPTIONS', null]);
  });

  it('stream events, to so many at once', async () => {
    const { ask, registry, routes } = setup();
    registry.obtain('ghl', 'ghl', {});
    const response = await ask('/dashboard/events');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toContain('no-store');
    const page = new StreamReader(response.body as ReadableStream<Uint8Array>);
    const refused = await ask('/dashboard/events');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    await vi.waitFor(
      () => expect(page.last).toMatchObject({ event: 'state', data: { instance: 'test', circuits: [{ name: 'ghl' }] } }),
      PATIENCE_MS,
    );
    routes[Symbol.dispose]();
    await vi.waitFor(() => expect(page.ended).toBe(true), PATIENCE_MS);
    expect((await ask('/dashboard/events')).status).toBe(503);
  });

  it('tell of the operations of a service', async () => {
    const { ask } = setup();
    expect(await (await ask('/dashboard/services/ghl')).json()).toEqual([]);
  });

  it('listen until they are disposed of', () => {
    const registry = new BreakerRegistry();
    const clock = new FakeClock();
    {
      using _routes = dashboard({ registry, clock });
      expect(registry.events.silent).toBe(false);
      expect(clock.pendingTimers).toBe(1);
    }
    expect(registry.events.silent).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [{ maxConnections: 0 }, 'maxConnections'],
    [{ history: 1.5 }, 'history'],
    [{ instance: 7 as unknown as string }, 'instance'],
    [{ registry: {} as BreakerRegistry }, 'registry'],
  ])('refuse an option that cannot work: %j', (options, name) => expect(() => dashboard(options)).toThrow(name));
});

describe('a client that takes nothing', () => {
  it('is cut off, although it never says that it goes', async () => {
    const clock = new FakeClock();
    await using server = await new PageServer({}, { clock, maxConnections: 1 }).start();
    const circuits = Array.from({ length: 400 }, (_, n) => server.circuit(`circuit-${n}`));
    const socket: Socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET /dashboard/events HTTP/1.1\r\nhost: x\r\n\r\n');
    // Each second everything is different, so that the socket's buffers are full at some time; half a minute later patience ends.
    await vi.waitFor(
      async () => {
        for (const circuit of circuits) await circuit.call(() => undefined);
        await clock.advance(2_000);
        const response = await fetch(`${server.origin}/dashboard/events`);
        await response.body?.cancel();
        expect(response.status).toBe(200);
      },
      { timeout: PATIENCE_MS, interval: 1 },
    );
    await vi.waitFor(() => expect(server.sockets[0]?.destroyed).toBe(true), PATIENCE_MS);
    socket.destroy();
  });
});
