import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { pathOf } from './request.js';
import { serve } from './serve.js';

/**
 * The handler as middleware of Express 5 or 4, or of what takes the same functions. What is not one of its paths goes on to `next`. Mounted
 * under a path (`app.use('/ops', ...)`), its own paths begin there.
 *
 * @example
 * app.use('/ops', expressMiddleware(healthHandler({ token })));
 */
export function expressMiddleware(
  handler: HealthHandler,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    // `url` is what is left below the mount; `originalUrl` is not asked.
    const path = pathOf(request);
    if (path === undefined || !handler.owns(path)) next();
    else void serve(request, response, (converted) => handler.handle(converted, path));
  };
}
