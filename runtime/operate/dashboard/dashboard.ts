import { hostname } from 'node:os';
import { Background } from '../../background.js';
import { type Clock, systemClock } from '../../clock.js';
import { count, text } from '../../errors/checks.js';
import { givenClock, givenMethods } from '../../errors/given.js';
import { givenOptions, type OptionTable } from '../../errors/option-table.js';
import { dispose } from '../../observe/subscription.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { Route } from '../health/route.js';
import { Feed } from './feed.js';
import { Journal } from './journal.js';
import { operationsOf } from './operations.js';
import { pageRoute } from './page-route.js';
import { Selection } from './selection.js';
import { Traffic } from './traffic.js';

/** The options of `dashboard`. */
export interface DashboardOptions {
  /** The registry whose circuits are shown. Default: the registry that clients share. */
  readonly registry?: BreakerRegistry | undefined;
  /** The name of this process at the top of the page, because each process has its own circuits. Default: host name and process id. */
  readonly instance?: string | undefined;
  /** The most connected pages. Further ones get a 503 and try again later. Default 20. */
  readonly maxConnections?: number | undefined;
  /** The most circuits on the page. If there are more, it shows those with problems and those with the most requests. Default 1,000. */
  readonly maxCircuits?: number | undefined;
  /** The most state changes in the timeline. Default 500. */
  readonly history?: number | undefined;
  /** The source of time. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const OPTIONS: OptionTable<DashboardOptions> = {
  registry: givenMethods('a BreakerRegistry', 'subscribe'),
  instance: text,
  maxConnections: count,
  maxCircuits: count,
  history: count,
  clock: givenClock,
};

/** The routes of a dashboard. It listens to events until disposed (`using` works). */
export type Dashboard = readonly Route[] & {
  /** Stops listening, and ends the streams of all open pages. */
  [Symbol.dispose](): void;
};

/**
 * Makes a page that shows every circuit live: `GET /dashboard` of the health handler that gets its routes. With the admin token, users of the page can
 * reset circuits and force them open. The page itself holds no data and needs no token; its data needs the tokens of the handler.
 *
 * @throws {ConfigurationError} if an option cannot work.
 * @example
 * const health = healthHandler({ token, adminToken, routes: dashboard() });
 */
export function dashboard(given: DashboardOptions = {}): Dashboard {
  const options: DashboardOptions = givenOptions('dashboard', given, OPTIONS);
  const { registry = defaultRegistry, instance = `${hostname()}, process ${process.pid}` } = options;
  const { maxConnections = 20, maxCircuits = 1_000, history = 500 } = options;
  const { clock } = new Background(options.clock ?? systemClock);
  const journal = new Journal(registry, { entries: history });
  const selection = new Selection(registry, clock, maxCircuits);
  const traffic = new Traffic(selection, clock);
  const feed = new Feed({ selection, journal, traffic, clock, instance, maxConnections });

  const events: Route = {
    method: 'GET',
    path: '/dashboard/events',
    permission: 'read',
    handle: (request) => {
      const stream = feed.connect(request.signal);
      if (stream === undefined) return new Response(null, { status: 503, headers: { 'retry-after': '10' } });
      return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    },
  };
  const operations: Route = {
    method: 'GET',
    path: '/dashboard/services/{name}',
    permission: 'read',
    handle: (_request, { name = '' }) => Response.json(operationsOf(registry, name)),
  };
  // Changes nothing. Its allowed methods show the page whether there are actions, and its status whether a token permits them.
  const actions: Route = {
    method: 'POST',
    path: '/dashboard/actions',
    permission: 'admin',
    handle: () => new Response(null, { status: 204 }),
  };
  const noActions: Route = { ...actions, method: 'GET', permission: 'none', handle: () => new Response(null, { status: 204 }) };

  return Object.assign([pageRoute, events, operations, actions, noActions], {
    [dispose]: () => {
      journal[dispose]();
      traffic[dispose]();
      feed[dispose]();
    },
  }) as unknown as Dashboard;
}
