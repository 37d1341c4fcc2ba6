import { BreakerRegistry } from 'fuseline';
import { type AdminAction, type HealthOptions, healthHandler, type Route } from 'fuseline/health';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, MOUNTED, type Running } from './servers.js';

const READ = ['authorization', 'Bearer read-token-0123456789'];
const ADMIN = ['authorization', 'Bearer admin-token-0123456789'];
/** Longer than what Fastify's router takes for a parameter, and with every sign that a URL gives a meaning to. */
const NAME = `ghl@services.leadconnectorhq.com/v2?a=b#3-3-60000-2&%2F ✓ ${'x'.repeat(120)}`;

describe.each(Object.entries(MOUNTED))('%s', (_name, start) => {
  let registry: BreakerRegistry;
  let running: Running;
  let actions: AdminAction[];
  const echo: Route = { method: 'POST', path: '/echo', permission: 'read', handle: async (request) => new Response(await request.text()) };
  const root: Route = { method: 'GET', path: '/', permission: 'none', handle: () => new Response('the page') };

  beforeEach(async () => {
    const clock = new FakeClock();
    registry = new BreakerRegistry({ clock });
    registry.obtain(NAME, 'ghl', {});
    actions = [];
    const options: HealthOptions = {
      registry,
      clock,
      token: 'read-token-0123456789',
      adminToken: 'admin-token-0123456789',
      metrics: () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' }),
      routes: [echo, root],
      onAction: (action) => actions.push(action),
    };
    running = await start((more) => healthHandler({ ...options, ...more }));
  });
  afterEach(() => running.stop());

  const act = (word: string, name: string = NAME, headers = ADMIN) =>
    ask(running.port, 'POST', `/ops/circuit-breakers/${encodeURIComponent(name)}/${word}`, headers);

  test('GET /health/circuit-breakers', async () => {
    const { status, headers, text } = await ask(running.port, 'GET', '/ops/health/circuit-breakers?any=1', READ);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ overall_status: 'healthy', circuit_breakers: { [NAME]: { state: 'closed' } } });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('GET /health/dependencies and /metrics', async () => {
    expect(JSON.parse((await ask(running.port, 'GET', '/ops/health/dependencies', READ)).text)).toMatchObject({ status: 'healthy' });
    const { headers, text } = await ask(running.port, 'GET', '/ops/metrics', READ);
    expect([headers['content-type'], text]).toEqual(['text/plain; version=0.0.4; charset=utf-8', 'up 1\n']);
  });

  test('the root of the mount', async () => {
    expect((await ask(running.port, 'GET', '/ops/')).text).toBe('the page');
    expect((await ask(running.port, 'GET', '/ops')).text).toBe('the page');
  });

  test('actions on a circuit whose name needs encoding', async () => {
    const opened = await act('force-open');
    expect(JSON.parse(opened.text)).toMatchObject({ action: 'force_open', circuit: NAME, state: 'open', forced: 'open' });
    expect(registry.get(NAME)?.snapshot().forced).toBe('open');
    expect((await act('force-close')).status).toBe(200);
    expect(registry.get(NAME)?.snapshot().forced).toBe('closed');
    expect((await act('reset')).status).toBe(200);
    expect(registry.get(NAME)?.snapshot().forced).toBeNull();
    expect((await ask(running.port, 'POST', '/ops/circuit-breakers/reset-all', ADMIN)).status).toBe(200);
    expect(actions.map(({ action, circuit }) => [action, circuit])).toEqual([
      ['force_open', NAME],
      ['force_close', NAME],
      ['reset', NAME],
      ['reset_all', '*'],
    ]);
  });

  test('401, 403, 404 and 405 are JSON', async () => {
    const seen = [
      await act('reset', NAME, []),
      await act('reset', NAME, READ),
      await act('reset', 'nobody'),
      await ask(running.port, 'DELETE', '/ops/health/circuit-breakers', READ),
      await ask(running.port, 'GET', '/ops/circuit-breakers/reset-all', ADMIN),
    ];
    expect(seen.map(({ status }) => status)).toEqual([401, 403, 404, 405, 405]);
    expect(seen.map(({ text }) => (JSON.parse(text) as { error: string }).error)).toEqual([
      'unauthorized',
      'forbidden',
      'not_found',
      'method_not_allowed',
      'method_not_allowed',
    ]);
    expect([seen[0]?.headers['www-authenticate'], seen[3]?.headers.allow, seen[4]?.headers.allow]).toEqual([
      'Bearer realm="fuseline"',
      'GET, HEAD, OPTIONS',
      'POST, OPTIONS',
    ]);
  });

  test('HEAD and OPTIONS', async () => {
    const get = await ask(running.port, 'GET', '/ops/health/dependencies', READ);
    const head = await ask(running.port, 'HEAD', '/ops/health/dependencies', READ);
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', get.headers['content-length']]);
    const options = await ask(running.port, 'OPTIONS', '/ops/health/dependencies');
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });

  test('two Authorization headers are none', async () => {
    expect((await ask(running.port, 'GET', '/ops/health/dependencies', [...READ, ...ADMIN])).status).toBe(401);
    expect((await ask(running.port, 'GET', '/ops/health/dependencies', [...READ, ...READ])).status).toBe(401);
  });

  test('a body arrives, whatever its type; a large one is 413', async () => {
    const type = ['content-type', 'application/json'];
    expect((await ask(running.port, 'POST', '/ops/echo', [...READ, ...type], '{"a":1}')).text).toBe('{"a":1}');
    expect((await ask(running.port, 'POST', '/ops/echo', [...READ, 'content-type', 'text/odd'], 'as it is')).text).toBe('as it is');
    const large = await ask(running.port, 'POST', '/ops/echo', READ, 'x'.repeat(70_000));
    expect([large.status, JSON.parse(large.text)]).toEqual([413, expect.objectContaining({ error: 'content_too_large' })]);
    const wish = await ask(running.port, 'POST', '/ops/circuit-breakers/reset-all', [...ADMIN, ...type], '{"for":60}');
    expect([wish.status, actions]).toEqual([400, []]);
    expect((await ask(running.port, 'POST', '/ops/circuit-breakers/reset-all', [...ADMIN, ...type], '{}')).status).toBe(200);
  });

  test('what is not ours goes on', async () => {
    for (const path of ['/elsewhere', '/opsimum', '/ops/nothing', '/ops/circuit-breakers/', '/ops/circuit-breakers/a/b/reset']) {
      const { status, text } = await ask(running.port, 'GET', path, ADMIN);
      expect([path, status]).toEqual([path, 404]);
      expect(text).toMatch(/not ours|not_found/);
    }
  });

  test('hostile paths do nothing, and end nothing', async () => {
    const paths = [
      '/ops/circuit-breakers/%2e%2e/reset',
      '/ops/circuit-breakers/../health/../circuit-breakers/x/reset',
      '/ops/circuit-breakers/%/reset',
      '/ops/circuit-breakers/%ff%fe/reset',
      '/ops/circuit-breakers/%00/reset',
      '/ops/circuit-breakers/__proto__/reset',
      '/ops/circuit-breakers/constructor/reset',
      `/ops/circuit-breakers/${'y'.repeat(8_000)}/reset`,
      '//ops/health/circuit-breakers',
      '/ops//health/circuit-breakers',
      '/ops/%68ealth/circuit-breakers',
      '/ops/health/circuit-breakers;a=b',
    ];
    for (const path of paths) {
      const { status, text } = await ask(running.port, 'POST', path, ADMIN);
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
      expect(text).not.toMatch(/\bat .*:\d+|node_modules|yyyy/);
    }
    expect(actions).toEqual([]);
    expect((await act('reset')).status).toBe(200);
  });
});
