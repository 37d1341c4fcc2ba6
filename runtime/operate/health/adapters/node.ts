import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { serve } from './serve.js';

/**
 * Returns the handler as a listener for `node:http`, `node:https`, or the compatible API of `node:http2`. It answers every request. A server with other
 * routes checks `handler.owns` first, or uses the adapter of its framework.
 *
 * @example
 * createServer(nodeListener(healthHandler({ token }))).listen(9090, '127.0.0.1');
 */
export function nodeListener(handler: HealthHandler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void serve(request, response, (converted, path) => handler.handle(converted, path));
}
