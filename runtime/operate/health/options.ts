import type { Clock } from '../../clock.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenMethods } from '../../errors/given.js';
import { checkedLater, type OptionTable } from '../../errors/option-table.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { HealthStatus } from '../monitor/health-monitor.js';
import type { AdminAction } from './actions.js';
import type { Metrics } from './metrics.js';
import type { Route } from './route.js';
import { isLiteral } from './route-table.js';
import type { Tokens } from './tokens.js';

/** The options of `healthHandler`. */
export interface HealthOptions {
  /** The registry whose circuits are shown. Default: the registry that clients share. */
  readonly registry?: BreakerRegistry | undefined;
  /**
   * The bearer token for reading, with 16 characters or more. A list while tokens are rotated. Without a token anyone can read, and a warning says so.
   * `false` means that this is intended.
   */
  readonly token?: Tokens | false | undefined;
  /** The bearer token for changing circuits, which can also read. Without it, there are no routes that change circuits. */
  readonly adminToken?: Tokens | undefined;
  /** The source of `GET /metrics`: a prom-client registry, or a function. Without it, there is no such route. Its errors make a 500. */
  readonly metrics?: Metrics | undefined;
  /** The monitor whose last results `GET /health/dependencies` shows. It is not asked to check. */
  readonly monitor?: { status(): HealthStatus } | undefined;
  /**
   * The HTTP status of `/health/circuit-breakers` and `/health/dependencies` while they report `critical`, when no circuit lets calls through.
   * Default 200. Use 503 for a balancer that sends traffic elsewhere and reads only the status.
   */
  readonly criticalStatus?: 200 | 503 | undefined;
  /** Additional routes, such as those of the dashboard. Their errors make a 500. */
  readonly routes?: readonly Route[] | undefined;
  /** The prefix of all paths, such as `/ops`. Default: none. A framework that mounts the handler removes its own prefix. */
  readonly basePath?: string | undefined;
  /** Called after each action, for an audit log. Its errors are dropped. */
  readonly onAction?: ((action: AdminAction) => void) | undefined;
  /** Called with the error behind each 500, which the response does not show. Its errors are dropped. Default: `warn` with the route and the error's name. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Called with warnings for operators. Its errors are dropped. Default: a warning of the process, else of the console. */
  readonly warn?: ((message: string) => void) | undefined;
  /** The source of timestamps. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

export const HEALTH_OPTIONS: OptionTable<HealthOptions> = {
  registry: givenMethods('a BreakerRegistry', 'list'),
  token: checkedLater,
  adminToken: checkedLater,
  metrics: checkedLater,
  monitor: givenMethods('a HealthMonitor', 'status'),
  criticalStatus: (option, value: unknown) => {
    if (value !== 200 && value !== 503) throw new ConfigurationError(option, value, '200 or 503');
  },
  routes: checkedLater,
  basePath: (option, value: unknown) => {
    if (value !== '' && !isBasePath(value)) throw new ConfigurationError(option, value, "a path such as '/ops'");
  },
  onAction: givenFunction,
  onError: givenFunction,
  warn: givenFunction,
  clock: givenClock,
};

function isBasePath(path: unknown): boolean {
  return typeof path === 'string' && path.startsWith('/') && path.slice(1).split('/').every(isLiteral);
}
