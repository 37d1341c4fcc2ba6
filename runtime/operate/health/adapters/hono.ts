import type { HealthHandler } from '../handler.js';
import { belowSegments, segmentsIn } from './mount.js';

/** What is needed of a context of Hono 4. */
export interface HonoContextLike {
  readonly req: {
    readonly raw: Request;
    /** Path that the middleware was registered for. */
    readonly routePath?: string;
  };
}

/**
 * The handler as middleware of Hono 4, on whatever Hono runs on. What is not one of its paths goes on to the next. Its paths begin at the root
 * or, registered for a path (`app.use('/ops/*', ...)`, or in an app that is a route of another), there.
 *
 * @example
 * app.use('/ops/*', honoMiddleware(healthHandler({ token })));
 */
export function honoMiddleware(
  handler: HealthHandler,
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  return async ({ req }, next) => {
    const whole = new URL(req.raw.url).pathname;
    // For `app.all('/health/*', ...)` the path is whole; below a mount it is what the mount leaves.
    const path = handler.owns(whole) ? whole : belowSegments(whole, segmentsIn(req.routePath ?? ''));
    if (handler.owns(path)) return handler.handle(req.raw, path);
    await next();
    return undefined;
  };
}
