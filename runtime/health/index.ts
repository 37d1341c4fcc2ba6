/** What whoever is on call asks over HTTP: circuits, dependencies, metrics; and, with a second token, what they may do. */
export type { AdminAction } from './actions.js';
export { type HealthHandler, healthHandler } from './handler.js';
export type { Metrics, MetricsRegister, MetricsText } from './metrics.js';
export type { HealthOptions } from './options.js';
export type { Permission, Route } from './route.js';
export type { Tokens } from './tokens.js';
