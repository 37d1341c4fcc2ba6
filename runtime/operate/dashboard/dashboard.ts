import { hostname } from 'node:os';
import { Background } from '../../background.js';
import { type Clock, systemClock } from '../../clock.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { dispose } from '../../observe/events.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { Route } from '../health/route.js';
import { Feed } from './feed.js';
import { Journal } from './journal.js';
import { operationsOf } from './operations.js';
import { pageRoute } from './page-route.js';
import { Selection } from './selection.js';
import { Traffic } from './traffic.js';

/** What a dashboard is made from. */
export interface DashboardOptions {
  /** Whose circuits it shows. Default: the one that clients share. */
  readonly registry?: BreakerRegistry | undefined;
  /** Name of this process at the top of the page: circuits are per process. Default: host name and process id. */
  readonly instance?: string | undefined;
  /** Pages that may be connected at once; one more is told to try later. Default 20. */
  readonly maxConnections?: number | undefined;
  /** Circuits that it shows; where there are more, those that are not well and those with the most requests. Default 1,000. */
  readonly maxCircuits?: number | undefined;
  /** State changes that the timeline keeps. Default 500. */
  readonly history?: number | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** The routes of a dashboard. It listens from now on, and until disposed (`using` works). */
export type Dashboard = readonly Route[] & {
  /** Stops listening and ends the streams of all open pages. */
  [Symbol.dispose](): void;
};

/**
 * A page that shows every circuit live, and lets whoever has the admin token reset one or hold it open: `GET /dashboard` of the health
 * handler that its routes are given to. The page itself holds no data and is open to all; what it shows needs the handler's tokens.
 *
 * @throws {ConfigurationError} where an option cannot work.
 * @example
 * const health = healthHandler({ token, adminToken, routes: dashboard() });
 */
export function dashboard(options: DashboardOptions = {}): Dashboard {
  const { registry = defaultRegistry, instance = `${hostname()}, process ${process.pid}` } = options;
  const { maxConnections = 20, maxCircuits = 1_000, history = 500 } = options;
  if (typeof registry?.subscribe !== 'function') throw new ConfigurationError('registry', registry, 'a BreakerRegistry');
  if (typeof instance !== 'string') throw new ConfigurationError('instance', instance, 'a name');
  for (const [key, value] of Object.entries({ maxConnections, maxCircuits, history })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new ConfigurationError(key, value, 'a whole number, 1 or more');
  }
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
  // Changes nothing: tells the page whether there are actions (by the methods that it allows) and whether a token may use them.
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
