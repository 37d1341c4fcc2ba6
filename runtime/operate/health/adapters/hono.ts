import type { HealthHandler } from '../handler.js';
import { belowSegments, segmentsIn } from './mount.js';

/** The used part of a context of Hono 4. */
export interface HonoContextLike {
  readonly req: {
    readonly raw: Request;
    /** The path that the middleware is registered for. */
    readonly routePath?: string;
  };
}

/**
 * Returns the handler as middleware for Hono 4, on every platform of Hono. Requests for other paths go to `next`. Its paths start at the root, or at the
 * path for which it is registered (`app.use('/ops/*', ...)`, or an app that is mounted in another).
 *
 * @example
 * app.use('/ops/*', honoMiddleware(healthHandler({ token })));
 */
export function honoMiddleware(
  handler: HealthHandler,
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  return async ({ req }, next) => {
    const whole = new URL(req.raw.url).pathname;
    // For `app.all('/health/*', ...)` the whole path counts. Below a mount, the rest of the path counts.
    const path = handler.owns(whole) ? whole : belowSegments(whole, segmentsIn(req.routePath ?? ''));
    if (handler.owns(path)) return handler.handle(req.raw, path);
    await next();
    return undefined;
  };
}
