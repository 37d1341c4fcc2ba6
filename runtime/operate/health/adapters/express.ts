import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { pathOf } from './request.js';
import { serve } from './serve.js';

/**
 * Returns the handler as middleware for Express 5 or 4, or a compatible framework. Requests for other paths go to `next`. If the middleware is mounted
 * under a path (`app.use('/ops', ...)`), its paths start there.
 *
 * @example
 * app.use('/ops', expressMiddleware(healthHandler({ token })));
 */
export function expressMiddleware(
  handler: HealthHandler,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    // `url` is the path below the mount, unlike `originalUrl`.
    const path = pathOf(request);
    if (path === undefined || !handler.owns(path)) next();
    else void serve(request, response, (converted) => handler.handle(converted, path));
  };
}
