/** Health over HTTP: circuits, dependencies, metrics and, with a second token, actions. */
export type { AdminAction } from './actions.js';
export { expressMiddleware } from './adapters/express.js';
export { type FastifyLike, type FastifyReplyLike, type FastifyRoute, fastifyPlugin } from './adapters/fastify.js';
export { type HonoContextLike, honoMiddleware } from './adapters/hono.js';
export { nodeListener } from './adapters/node.js';
export { type CircuitBreakersReport, type CircuitReport, circuitBreakersReport } from './circuit-breakers.js';
export {
  type DependenciesReport,
  type DependenciesSource,
  type DependencyCircuit,
  type DependencyReport,
  dependenciesReport,
  type Status,
} from './dependencies.js';
export { type HealthHandler, healthHandler } from './handler.js';
export type { Metrics, MetricsRegister, MetricsText } from './metrics.js';
export type { HealthOptions } from './options.js';
export type { Recommendation } from './recommendations.js';
export type { Permission, Route } from './route.js';
export type { Tokens } from './tokens.js';
