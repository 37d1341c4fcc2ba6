import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { belowSegments, segmentsIn } from './mount.js';
import { pathOf } from './request.js';
import { serve } from './serve.js';

/** What is needed of a Fastify 5 instance. */
export interface FastifyLike {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(type: string, parser: (request: unknown, payload: unknown, done: (error: Error | null) => void) => void): unknown;
  route(options: FastifyRoute): unknown;
}

/** A route as Fastify takes it. */
export interface FastifyRoute {
  readonly method: string[];
  readonly url: string;
  readonly handler: (request: { readonly raw: IncomingMessage }, reply: FastifyReplyLike) => void;
}

/** What is needed of a reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  callNotFound(): unknown;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The handler as a plugin of Fastify 5. Registered with a `prefix`, its paths begin there. Hooks of the application that run before a handler
 * (`onRequest`, `preHandler`) run for it, too, and the headers that they set are sent; those that see a payload (`onSend`) do not, because
 * responses may be streams.
 *
 * @example
 * await app.register(fastifyPlugin(healthHandler({ token })), { prefix: '/ops' });
 */
export function fastifyPlugin(handler: HealthHandler): (instance: FastifyLike) => Promise<void> {
  return async (instance) => {
    const depth = segmentsIn(instance.prefix);
    // The handler reads bodies itself. A plugin is a scope of its own: this changes nothing outside.
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
 * Paths as Fastify's router has them: from the first `{name}` on a `*`. A parameter of that router would be 100 characters at most, and names of
 * circuits may be longer.
 */
function urlsOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map((path) => path.replace(/\{.*$/, '*')));
}
