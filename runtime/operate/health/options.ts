import type { Clock } from '../../clock.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { HealthStatus } from '../monitor/health-monitor.js';
import type { AdminAction } from './actions.js';
import type { Metrics } from './metrics.js';
import type { Route } from './route.js';
import type { Tokens } from './tokens.js';

/** What a health handler is made from. */
export interface HealthOptions {
  /** Whose circuits it shows. Default: the one that clients share. */
  readonly registry?: BreakerRegistry | undefined;
  /**
   * Bearer token for reading, 16 characters or more; several while one is rotated. Without one anybody may read, and a warning says so;
   * `false` says that this is meant.
   */
  readonly token?: Tokens | false | undefined;
  /** Bearer token for changing circuits; may read, too. Without one the routes that change something are not there. */
  readonly adminToken?: Tokens | undefined;
  /** What `GET /metrics` answers: a prom-client registry, or a function. Without it the route is not there. */
  readonly metrics?: Metrics | undefined;
  /** Whose last results `GET /health/dependencies` shows beside the circuits. It is not made to check anything. */
  readonly monitor?: { status(): HealthStatus } | undefined;
  /**
   * HTTP status of `/health/circuit-breakers` and `/health/dependencies` while they say `critical`: no circuit lets calls through. Default 200;
   * 503 is for what sends traffic elsewhere, and knows nothing but statuses.
   */
  readonly criticalStatus?: 200 | 503 | undefined;
  /** More routes, such as the dashboard's. */
  readonly routes?: readonly Route[] | undefined;
  /** What all paths begin with, such as `/ops`. Default: nothing. A framework that mounts the handler cuts its prefix off by itself. */
  readonly basePath?: string | undefined;
  /** Told of each action that was done, for an audit log. What it throws is dropped. */
  readonly onAction?: ((action: AdminAction) => void) | undefined;
  /** Told of the error behind each 500, which the response does not show. Default: `warn` hears the route and the error's name. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Receives warnings for whoever runs the process. Default: a warning of the process, else of the console. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Source of the timestamps. Default: the machine's. */
  readonly clock?: Clock | undefined;
}
