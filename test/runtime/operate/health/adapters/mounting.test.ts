import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { expressMiddleware, fastifyPlugin, healthHandler, honoMiddleware } from 'fuseline/health';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withResolvers } from '../../../../support/with-resolvers.js';
import { ask, listen, listenFastify } from './servers.js';

const make = (basePath?: string) =>
  healthHandler({ registry: new BreakerRegistry(), token: false, adminToken: 'admin-token-0123456789', basePath });
const PATH = '/health/dependencies';

async function statuses(listener: Parameters<typeof listen>[0], ...paths: string[]): Promise<readonly number[]> {
  const running = await listen(listener);
  onTestFinished(() => running.stop());
  return Promise.all(paths.map(async (path) => (await ask(running.port, 'GET', path)).status));
}

async function started(app: FastifyInstance): Promise<number> {
  const running = await listenFastify(app);
  onTestFinished(() => running.stop());
  return running.port;
}

describe('Express', () => {
  test('at the root, and for a pattern whose path stays whole', async () => {
    const atRoot = express();
    atRoot.use(expressMiddleware(make()));
    atRoot.get('/', (_request, response) => void response.send('the application'));
    expect(await statuses(atRoot, PATH, '/', '/none')).toEqual([200, 200, 404]);
    const pattern = express();
    pattern.all('/health/*rest', expressMiddleware(make()));
    expect(await statuses(pattern, PATH, '/circuit-breakers/reset-all')).toEqual([200, 404]);
  });

  test('the functions of version 4, and what has them from connect: a mount cuts `url` and keeps the rest in `originalUrl`', async () => {
    const middleware = expressMiddleware(make());
    const next = (response: ServerResponse) => () => void response.writeHead(418).end();
    const mount = (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse): void => {
      request.originalUrl = request.url ?? '';
      request.url = request.originalUrl.replace(/^\/ops(?=\/|$)/, '') || '/';
      middleware(request, response, next(response));
    };
    expect(await statuses(mount, `/ops${PATH}`, '/ops', '/ops/none')).toEqual([200, 418, 418]);
  });

  test('headers that were set before are sent, unless they are ours', async () => {
    const app = express();
    app.use((_request, response, next) => {
      response.set({ 'x-request-id': '7', 'x-frame-options': 'SAMEORIGIN' });
      next();
    });
    app.use(expressMiddleware(make()));
    const running = await listen(app);
    onTestFinished(() => running.stop());
    expect((await ask(running.port, 'GET', PATH)).headers).toMatchObject({ 'x-request-id': '7', 'x-frame-options': 'DENY' });
  });
});

describe('Fastify', () => {
  test('at the root, under a parameter, and beside routes and parsers of the application', async () => {
    const app = Fastify();
    await app.register(fastifyPlugin(make()));
    await app.register(fastifyPlugin(make()), { prefix: '/:tenant/ops' });
    app.post('/own', (request) => request.body);
    const port = await started(app);
    const get = async (path: string) => (await ask(port, 'GET', path)).status;
    expect(await Promise.all([PATH, `/acme/ops${PATH}`, '/acme/ops', '/none'].map(get))).toEqual([200, 200, 404, 404]);
    expect((await ask(port, 'POST', '/own', ['content-type', 'application/json'], '{"a":1}')).text).toBe('{"a":1}');
  });

  test('hooks run before, and headers that they set are sent, unless they are ours', async () => {
    const app = Fastify();
    app.addHook('onRequest', async (_request, reply) => void reply.headers({ 'x-request-id': '7', 'x-frame-options': 'SAMEORIGIN' }));
    app.addHook('preHandler', async (request, reply) => (request.url.includes('blocked') ? reply.code(429).send('slow down') : undefined));
    await app.register(fastifyPlugin(make()));
    const port = await started(app);
    expect((await ask(port, 'GET', PATH)).headers).toMatchObject({ 'x-request-id': '7', 'x-frame-options': 'DENY' });
    expect((await ask(port, 'GET', `${PATH}?blocked`)).status).toBe(429);
  });

  test('responses are seen by what runs afterwards', async () => {
    const app = Fastify();
    const seen = withResolvers<number>();
    app.addHook('onResponse', async (_request, reply) => seen.resolve(reply.raw.statusCode));
    await app.register(fastifyPlugin(make()));
    await ask(await started(app), 'DELETE', PATH);
    expect(await seen.promise).toBe(405);
  });
});

describe('Hono', () => {
  test('at the root, for a pattern whose path stays whole, and under a parameter', async () => {
    const get = async (app: Hono, path: string) => (await app.request(path)).status;
    const root = new Hono().use(honoMiddleware(make())).get('/', (context) => context.text('the application'));
    expect([await get(root, PATH), await get(root, '/'), await get(root, '/none')]).toEqual([200, 200, 404]);
    const pattern = new Hono().all('/health/*', honoMiddleware(make()));
    expect(await get(pattern, PATH)).toBe(200);
    const tenants = new Hono().use('/:tenant/ops/*', honoMiddleware(make()));
    expect([await get(tenants, `/acme/ops${PATH}`), await get(tenants, '/acme/ops/none')]).toEqual([200, 404]);
  });

  test('headers of other middleware can be added', async () => {
    const app = new Hono();
    app.use(async (context, next) => {
      await next();
      context.header('x-request-id', '7');
    });
    app.use(honoMiddleware(make()));
    const { headers } = await app.request(PATH);
    expect([headers.get('x-request-id'), headers.get('x-frame-options')]).toEqual(['7', 'DENY']);
  });
});

describe('a base path', () => {
  test('is before every path', async () => {
    const handler = make('/internal/ops');
    expect(handler.paths).toContain('/internal/ops/circuit-breakers/{name}/reset');
    const status = async (path: string) => (await handler(new Request(`http://localhost${path}`))).status;
    expect([await status(`/internal/ops${PATH}`), await status(PATH), await status(`/internal/opsx${PATH}`)]).toEqual([200, 404, 404]);
    expect([handler.owns(`/internal/ops${PATH}`), handler.owns(PATH)]).toEqual([true, false]);
  });

  test.each(['ops', '/', '/ops/', '/ops//x', '/{ops}', '/ops?x', '/..', 7 as unknown as string])('%j is refused', (basePath) => {
    expect(() => make(basePath)).toThrow(ConfigurationError);
  });
});
