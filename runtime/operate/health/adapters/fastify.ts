import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { belowSegments, segmentsIn } from './mount.js';
import { pathOf } from './request.js';
import { serve } from './serve.js';

/** The used part of a Fastify 5 instance. */
export interface FastifyLike {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(type: string, parser: (request: unknown, payload: unknown, done: (error: Error | null) => void) => void): unknown;
  route(options: FastifyRoute): unknown;
}

/** A route in the form of Fastify. */
export interface FastifyRoute {
  readonly method: string[];
  readonly url: string;
  readonly handler: (request: { readonly raw: IncomingMessage }, reply: FastifyReplyLike) => void;
}

/** The used part of a reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  callNotFound(): unknown;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Returns the handler as a plugin for Fastify 5. If the plugin is registered with a `prefix`, its paths start there. Hooks that run before a handler
 * (`onRequest`, `preHandler`) run for its routes, and the headers that they set are sent. Hooks that receive a payload (`onSend`) do not run, because
 * responses can be streams.
 *
 * @example
 * await app.register(fastifyPlugin(healthHandler({ token })), { prefix: '/ops' });
 */
export function fastifyPlugin(handler: HealthHandler): (instance: FastifyLike) => Promise<void> {
  return async (instance) => {
    const depth = segmentsIn(instance.prefix);
    // The handler reads bodies itself. A plugin has its own scope, so this changes nothing outside.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const url of urlsOf(handler.paths)) {
      instance.route({
        method: METHODS,
        url,
        handler: ({ raw }, reply) => {
          const path = belowSegments(pathOf(raw) ?? '', depth);
          if (!handler.owns(path)) {
            reply.callNotFound();
            return;
          }
          reply.hijack();
          for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
          void serve(raw, reply.raw, (converted) => handler.handle(converted, path));
        },
      });
    }
  };
}

/**
 * Returns the paths in the form of Fastify's router, with a `*` from the first `{name}` on. Parameters of that router have at most 100 characters, and
 * names of circuits can be longer.
 */
function urlsOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map((path) => path.replace(/\{.*$/, '*')));
}
