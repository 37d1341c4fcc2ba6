import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import { expressMiddleware, fastifyPlugin, type HealthHandler, type HealthOptions, honoMiddleware, nodeListener } from 'fuseline/health';
import { Hono } from 'hono';

/** A server on loopback with a handler at `mount`. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** How a user would serve a handler below `/ops`: one entry per framework and way of mounting. `make` makes the handler. */
export const MOUNTED: Readonly<Record<string, (make: (options?: HealthOptions) => HealthHandler) => Promise<Running>>> = {
  'node:http, by basePath': async (make) => listen(nodeListener(make({ basePath: '/ops' }))),
  'express, mounted': async (make) => {
    const app = express();
    app.use('/ops', expressMiddleware(make()));
    app.use((_request, response) => void response.status(404).send('not ours'));
    return listen(app);
  },
  'express, in a router': async (make) => {
    const app = express();
    const router = express.Router();
    router.use(expressMiddleware(make()));
    app.use(express.json());
    app.use('/ops', router);
    app.use((_request, response) => void response.status(404).send('not ours'));
    return listen(app);
  },
  fastify: async (make) => {
    const app = Fastify();
    await app.register(fastifyPlugin(make()), { prefix: '/ops' });
    app.setNotFoundHandler((_request, reply) => void reply.code(404).send('not ours'));
    return listenFastify(app);
  },
  hono: async (make) => {
    const app = new Hono();
    app.use('/ops/*', honoMiddleware(make()));
    app.notFound((context) => context.text('not ours', 404));
    return listening(createAdaptorServer(app) as ReturnType<typeof createServer>);
  },
  'hono, an app of its own': async (make) => {
    const app = new Hono();
    const ops = new Hono();
    ops.use(honoMiddleware(make()));
    app.route('/ops', ops);
    app.notFound((context) => context.text('not ours', 404));
    return listening(createAdaptorServer(app) as ReturnType<typeof createServer>);
  },
};

export async function listen(listener: RequestListener): Promise<Running> {
  return listening(createServer(listener));
}

export async function listenFastify(app: FastifyInstance): Promise<Running> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
  };
  return { port: (app.server.address() as AddressInfo).port, stop };
}

async function listening(server: ReturnType<typeof createServer>): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

/** What came back, its body read to the end. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** One request, with its path as it stands: `fetch` would normalise it. Headers as a list, so that one can be sent twice. */
export async function ask(port: number, method: string, path: string, headers: readonly string[] = [], body?: string): Promise<Received> {
  const response = await open(port, method, path, headers, body);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** As `ask`, as soon as the headers are there. Nothing of the body is read. */
export function open(port: number, method: string, path: string, headers: readonly string[] = [], body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const all = [
      ...headers,
      'host',
      `127.0.0.1:${port}`,
      ...(body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]),
    ];
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: all as unknown as Record<string, string>, agent: false });
    request.on('response', resolve).on('error', reject);
    request.end(body);
  });
}
