import { systemClock } from '../../clock.js';
import { givenOptions } from '../../errors/option-table.js';
import { nameOfThrown } from '../../errors/thrown-value.js';
import { defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { CURRENT, quietly, userFunction, userObject } from '../../user-code.js';
import { actionRoutes } from './actions.js';
import { MAX_BODY_BYTES, withBody } from './body.js';
import { circuitBreakersReport } from './circuit-breakers.js';
import { dependenciesReport } from './dependencies.js';
import { secured } from './headers.js';
import { json, problem } from './json.js';
import { metricsRoutes } from './metrics.js';
import { HEALTH_OPTIONS, type HealthOptions } from './options.js';
import type { Route } from './route.js';
import { type Found, RouteTable } from './route-table.js';
import { TokenGuard } from './tokens.js';

/**
 * Answers health requests, in the style of `fetch`. It never rejects. It makes no request to a service, and shows the results of calls.
 */
export interface HealthHandler {
  (request: Request): Promise<Response>;
  /** Whether the path of a URL belongs to one of its routes, for any method. A server with other routes handles the rest. */
  owns(pathname: string): boolean;
  /** Answers a request for a server that mounts the handler. `path` is the path within the mount, still encoded. */
  handle(request: Request, path: string): Promise<Response>;
  /** The paths of its routes, including `basePath`, with `{name}` for a variable segment. */
  readonly paths: readonly string[];
}

/**
 * Makes a handler with `GET /health/circuit-breakers`, `GET /health/dependencies` and, with an admin token, `POST /circuit-breakers/{name}/reset`,
 * `/force-open`, `/force-close` and `POST /circuit-breakers/reset-all`. The functions in the options run in the async context of their request.
 *
 * @throws {ConfigurationError} if a token, a path or a route cannot work.
 * @example
 * const health = healthHandler({ token: process.env.HEALTH_TOKEN, adminToken: process.env.HEALTH_ADMIN_TOKEN });
 * createServer(nodeListener(health)).listen(9090, '127.0.0.1');
 */
export function healthHandler(given: HealthOptions = {}): HealthHandler {
  const options: HealthOptions = givenOptions('healthHandler', given, HEALTH_OPTIONS);
  const { registry = defaultRegistry, monitor, clock = systemClock, token, adminToken } = options;
  const { routes = [], basePath = '', criticalStatus = 200, onAction, onError } = options;
  const warn = userFunction(options.warn ?? warnProcess);
  const guard = new TokenGuard(token === false ? undefined : token, adminToken);
  const own: readonly Route[] = [
    report('/health/circuit-breakers', () => {
      const body = circuitBreakersReport(registry, clock);
      return json(body.overall_status === 'critical' ? criticalStatus : 200, body);
    }),
    report('/health/dependencies', () => {
      const body = dependenciesReport({ registry, monitor, clock });
      return json(body.status === 'critical' ? criticalStatus : 200, body);
    }),
    ...metricsRoutes(options.metrics),
    ...actionRoutes({ registry, clock, onAction: onAction && userFunction(onAction) }),
  ];
  // Without an admin token, routes that change circuits do not exist. Otherwise anyone could use them.
  const table = new RouteTable(own, routes, ({ permission }) => permission !== 'admin' || guard.hasAdmin);
  if (token === undefined && !guard.guardsReading) quietly(CURRENT, warn, guard.hasAdmin ? OPEN_WARNING : OPEN_WARNING + NO_ADMIN);

  const answer = async (request: Request, found: Found | undefined): Promise<Response> => {
    if (found === undefined) return problem('not_found', 'There is nothing at this path.');
    const allow = allowed(found);
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow, ...challengeOf(guard, found, request) } });
    const route = found.methods.get((request.method === 'HEAD' ? 'GET' : request.method) as Route['method']);
    if (route === undefined) return problem('method_not_allowed', `This path takes ${allow}.`, { allow });
    const refusal = refuse(guard, route, request);
    if (refusal !== undefined) return refusal;
    const params = decoded(found.encoded);
    if (params === undefined) return problem('bad_request', 'The path is not valid percent-encoded UTF-8.');
    const complete = route.method === 'POST' ? await withBody(request) : request;
    if (complete === undefined) return problem('content_too_large', `The body can have at most ${MAX_BODY_BYTES} bytes.`);
    return CURRENT.invoke(userObject(route), 'handle', complete, params);
  };

  const tell = (error: unknown, route: string): void => {
    if (onError !== undefined) quietly(CURRENT, userFunction(onError), error);
    // Only the name: a message can hold secrets, and warnings end up in logs.
    else quietly(CURRENT, warn, `fuseline: ${route} failed with ${nameOfThrown(error)}. Set onError to receive the error itself.`);
  };

  const handle = async (request: Request, path: string): Promise<Response> => {
    const found = table.find(path);
    const bodyless = request.method === 'HEAD';
    try {
      return await secured(await answer(request, found), bodyless);
    } catch (error) {
      // A client that disconnected during its request is not a fault of a route.
      if (!request.signal.aborted) tell(error, `${request.method} ${found?.pattern}`);
      return secured(problem('internal_error', 'The request failed. The process that serves it has reported the cause.'), bodyless);
    }
  };
  const within = (pathname: string): string | undefined => withoutPrefix(pathname, basePath);

  return Object.assign((request: Request) => handle(request, within(new URL(request.url).pathname) ?? ''), {
    owns: (pathname: string) => table.find(within(pathname) ?? '') !== undefined,
    handle: (request: Request, path: string) => handle(request, within(path) ?? ''),
    paths: table.patterns.map((pattern) => (pattern === '/' && basePath !== '' ? basePath : basePath + pattern)),
  });
}

const OPEN_WARNING =
  'fuseline: the health handler has no token, so anyone who can reach it can read the names and states of all circuits. ' +
  'Set `token`, or `token: false` if that is intended';
const NO_ADMIN = '. It has no adminToken either, so it has no routes that change circuits';

/** Returns the part of a path after a prefix, with its leading `/`; undefined if the path does not start with the prefix. */
function withoutPrefix(pathname: string, prefix: string): string | undefined {
  if (prefix === '') return pathname === '' ? '/' : pathname;
  if (pathname === prefix) return '/';
  return pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined;
}

function report(path: string, handle: () => Response): Route {
  return { method: 'GET', path, permission: 'read', handle };
}

function refuse(guard: TokenGuard, { permission }: Route, request: Request): Response | undefined {
  if (permission === 'none' || (permission === 'read' && !guard.guardsReading)) return undefined;
  const grant = guard.grant(request.headers.get('authorization'));
  if (grant === 'admin' || grant === permission) return undefined;
  if (grant === 'read') {
    const challenge = 'Bearer realm="fuseline", error="insufficient_scope"';
    return problem('forbidden', 'This token can read, but not change anything.', { 'www-authenticate': challenge });
  }
  const challenge = 'Bearer realm="fuseline"';
  return problem('unauthorized', 'Send a token that is valid here: Authorization: Bearer <token>.', { 'www-authenticate': challenge });
}

/**
 * Returns the challenge of the methods that the present token cannot use, for answers to OPTIONS. A page in a browser asks first, because each refusal
 * is an error in its console. RFC 9110, section 11.6.1, allows a challenge in answers other than 401.
 */
function challengeOf(guard: TokenGuard, { methods }: Found, request: Request): Readonly<Record<string, string>> {
  const refusals = [...methods.values()].map((route) => refuse(guard, route, request)?.headers.get('www-authenticate'));
  const challenge = refusals.find((found) => typeof found === 'string');
  return typeof challenge === 'string' ? { 'www-authenticate': challenge } : {};
}

function allowed({ methods }: Found): string {
  return [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...(methods.has('POST') ? ['POST'] : []), 'OPTIONS'].join(', ');
}

function decoded(encoded: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(Object.entries(encoded).map(([name, segment]) => [name, decodeURIComponent(segment)]));
  } catch {
    return undefined;
  }
}

function warnProcess(message: string): void {
  if (typeof process !== 'undefined' && typeof process.emitWarning === 'function') process.emitWarning(message, 'FuselineWarning');
  else console.warn(message);
}
