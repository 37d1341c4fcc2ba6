import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { type HealthOptions, healthHandler, type Route } from 'fuseline/health';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test, vi } from 'vitest';
import { HOSTILE } from '../../../support/thrown.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

const READ = 'read-token-0123456789';
const ADMIN = 'admin-token-0123456789';

function setUp(options: HealthOptions = {}) {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const warn = vi.fn<(message: string) => void>();
  const handler = healthHandler({ registry, clock, warn, token: READ, adminToken: ADMIN, ...options });
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    handler(new Request(`http://localhost${path}`, { method, headers, ...(body === undefined ? {} : { body }) }));
  return { clock, registry, warn, handler, ask };
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const plain = (permission: Route['permission'], path = '/plain'): Route => ({
  method: 'GET',
  path,
  permission,
  handle: () => new Response('plain'),
});

describe('permissions', () => {
  const routes = [plain('none'), plain('read', '/read'), plain('admin', '/admin')];

  test.each([
    ['/plain', {}, 200],
    ['/read', {}, 401],
    ['/read', bearer('wrong-token-0123456789'), 401],
    ['/read', bearer(READ), 200],
    ['/read', bearer(ADMIN), 200],
    ['/admin', {}, 401],
    ['/admin', bearer(READ), 403],
    ['/admin', bearer(ADMIN), 200],
  ])('%s with %o is %i', async (path, headers, status) => {
    const response = await setUp({ routes }).ask('GET', path, headers);
    expect(response.status).toBe(status);
    if (status === 200) return;
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="fuseline"/);
    expect(await response.json()).toEqual({ error: status === 401 ? 'unauthorized' : 'forbidden', message: expect.any(String) });
  });

  test('without an admin token, what changes something is not there', async () => {
    const { ask } = setUp({ adminToken: undefined, routes });
    expect((await ask('GET', '/admin', bearer(READ))).status).toBe(404);
    expect((await ask('POST', '/circuit-breakers/reset-all', bearer(READ))).status).toBe(404);
  });

  test('without a token anybody reads, and a warning says so, once', async () => {
    const { ask, warn } = setUp({ token: undefined, routes });
    expect((await ask('GET', '/read')).status).toBe(200);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('no token')]]);
    expect((await ask('GET', '/admin')).status).toBe(401);
  });

  test('token: false means it', async () => {
    const { ask, warn } = setUp({ token: false, routes });
    expect((await ask('GET', '/read')).status).toBe(200);
    expect(warn).not.toHaveBeenCalled();
  });

  test('the default warning is one of the process', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      healthHandler({ registry: new BreakerRegistry() });
      expect(emitWarning.mock.calls).toEqual([[expect.stringContaining('no token'), 'FuselineWarning']]);
    } finally {
      emitWarning.mockRestore();
    }
  });
});

describe('methods', () => {
  test('another one is 405 with Allow', async () => {
    const { ask } = setUp({ routes: [plain('read')] });
    const response = await ask('DELETE', '/plain');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await ask('GET', '/circuit-breakers/reset-all')).headers.get('allow')).toBe('POST, OPTIONS');
  });

  test('HEAD is a GET without its body', async () => {
    const cancel = vi.fn();
    const handle = () => new Response(new ReadableStream({ cancel }), { headers: { 'x-more': 'yes' } });
    const response = await setUp({ routes: [{ ...plain('none'), handle }] }).ask('HEAD', '/plain');
    expect([response.status, response.headers.get('x-more'), response.body]).toEqual([200, 'yes', null]);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('OPTIONS says what is allowed, and nothing to other origins', async () => {
    const { ask } = setUp({ routes: [plain('read')] });
    const response = await ask('OPTIONS', '/plain', { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await ask('OPTIONS', '/nothing')).status).toBe(404);
  });

  test.each([
    ['/plain', undefined, null],
    ['/read', undefined, 'Bearer realm="fuseline"'],
    ['/read', 'a-token-that-is-wrong', 'Bearer realm="fuseline"'],
    ['/read', READ, null],
    ['/admin', READ, 'Bearer realm="fuseline", error="insufficient_scope"'],
    ['/admin', ADMIN, null],
  ])('OPTIONS of %s with the token %s names the challenge %s', async (path, token, challenge) => {
    const { ask } = setUp({ routes: [plain('none'), plain('read', '/read'), plain('admin', '/admin')] });
    const response = await ask('OPTIONS', path, token === undefined ? {} : bearer(token));
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([204, challenge]);
  });
});

describe('routes of others', () => {
  test('get their parameters decoded', async () => {
    const handle: Route['handle'] = (_, params) => Response.json(params);
    const { ask } = setUp({ routes: [{ method: 'GET', path: '/of/{name}/{part}', permission: 'none', handle }] });
    expect(await (await ask('GET', '/of/a%2Fb%23c/%E2%9C%93')).json()).toEqual({ name: 'a/b#c', part: '✓' });
    expect((await ask('GET', '/of/%zz/x')).status).toBe(400);
    expect((await ask('GET', '/of/%ff/x')).status).toBe(400);
    expect((await ask('GET', '/of//x')).status).toBe(404);
  });

  test('that fail are a 500 that shows nothing', async () => {
    const handle = () => {
      throw new TypeError('secret-in-a-message');
    };
    const { ask, warn } = setUp({ routes: [{ ...plain('none'), handle }] });
    const response = await ask('GET', '/plain');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'internal_error', message: expect.not.stringContaining('secret') });
    expect(warn.mock.calls).toEqual([[expect.stringContaining('GET /plain failed with TypeError')]]);
  });

  test.each(HOSTILE)('with %s are a 500, and reported', async (_, make) => {
    const { ask, warn } = setUp({ routes: [{ ...plain('none'), handle: () => Promise.reject(make()) }] });
    expect((await ask('GET', '/plain')).status).toBe(500);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/GET \/plain failed with (undefined|symbol|object)/)]]);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
  ])('what is told of an error and %s changes nothing', async (_, listener) => {
    let told = 0;
    const hears = (): never => {
      told++;
      return listener() as never;
    };
    const handle = () => Promise.reject(new Error('broken'));
    const routes = [{ ...plain('none'), handle }];
    expect((await setUp({ routes, onError: hears }).ask('GET', '/plain')).status).toBe(500);
    expect((await setUp({ routes, warn: hears, token: undefined }).ask('GET', '/plain')).status).toBe(500);
    // The error to onError; to warn, that there is no token, and then the error.
    expect(told).toBe(3);
  });

  test('keep the headers that they set', async () => {
    const handle = () => new Response('<p>', { headers: { 'content-security-policy': "default-src 'self'", 'content-type': 'text/html' } });
    const { headers } = await setUp({ routes: [{ ...plain('none'), handle }] }).ask('GET', '/plain');
    expect(headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    [{ path: 'plain' }, 'routes[0].path'],
    [{ path: '/a/../b' }, 'routes[0].path'],
    [{ method: 'PUT' as 'POST' }, 'routes[0].method'],
    [{ permission: 'all' as 'none' }, 'routes[0].permission'],
  ])('%o is refused', (given, option) => {
    const make = () => setUp({ routes: [{ ...plain('none'), ...given }] });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(option);
  });
});

describe('the status of the reports', () => {
  const REPORTS = ['/health/circuit-breakers', '/health/dependencies'];

  test.each(REPORTS)('%s is 503 while all is critical, where that is asked for', async (path) => {
    for (const [criticalStatus, expected] of [
      [undefined, 200],
      [200, 200],
      [503, 503],
    ] as const) {
      const { registry, ask } = setUp({ criticalStatus });
      const [ghl, retell] = ['ghl', 'retell'].map((name) => registry.obtain(name, name, {}));
      expect((await ask('GET', path, bearer(READ))).status).toBe(200);
      ghl?.forceOpen();
      expect((await ask('GET', path, bearer(READ))).status).toBe(200);
      retell?.forceOpen();
      const response = await ask('GET', path, bearer(READ));
      expect(response.status).toBe(expected);
      expect(await response.json()).toMatchObject({ [path.endsWith('breakers') ? 'overall_status' : 'status']: 'critical' });
      expect((await ask('HEAD', path, bearer(READ))).status).toBe(expected);
      expect((await ask('GET', path)).status).toBe(401);
    }
  });

  test('no other status than 200 and 503 is taken', () => {
    expect(() => setUp({ criticalStatus: 500 as never })).toThrow(ConfigurationError);
  });
});
