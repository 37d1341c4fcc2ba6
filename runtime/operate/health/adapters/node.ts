import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '../handler.js';
import { serve } from './serve.js';

/**
 * The handler as a listener of `node:http`, `node:https` or, with its compatible API, `node:http2`. It answers every request; a server with
 * other routes asks `handler.owns` first, or uses one of the frameworks' adapters.
 *
 * @example
 * createServer(nodeListener(healthHandler({ token }))).listen(9090, '127.0.0.1');
 */
export function nodeListener(handler: HealthHandler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void serve(request, response, (converted, path) => handler.handle(converted, path));
}
