import { ConfigurationError } from '../../errors/configuration-error.js';
import { isList } from '../../errors/readable.js';
import type { Route } from './route.js';

/** The routes of a path. */
export interface Found {
  readonly pattern: string;
  /** The routes by method. */
  readonly methods: ReadonlyMap<Route['method'], Route>;
  /** The variable segments, still encoded. */
  readonly encoded: Readonly<Record<string, string>>;
}

interface Entry {
  readonly pattern: string;
  readonly segments: readonly string[];
  readonly methods: Map<Route['method'], Route>;
}

const PARAM = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
/** The characters of a URL's path that need no encoding (RFC 3986, section 3.3), without those that have a meaning in routers of frameworks. */
const LITERAL = /^[A-Za-z0-9\-._~!$&',;=@]+$/;

/** The routes of a handler, by path and method. Literals are compared without decoding: `/%68ealth` is not `/health`. */
export class RouteTable {
  #entries: Entry[] = [];

  /**
   * `own` are the routes of the handler, `given` those of its user. A route for which `isThere` returns false is checked, but left out.
   *
   * @throws {ConfigurationError} if a route is faulty, or the second one with its method and path.
   */
  constructor(own: readonly Route[], given: readonly Route[], isThere: (route: Route) => boolean) {
    if (!isList(given)) throw new ConfigurationError('routes', given, 'a list of routes');
    for (const [at, route] of [...own, ...given].entries()) {
      const entry = this.#entryFor(route, `routes[${at - own.length}]`);
      if (isThere(route)) entry.methods.set(route.method, route);
    }
    this.#entries = this.#entries.filter(({ methods }) => methods.size > 0);
    // A literal comes before a parameter: `/circuits/all` is not the circuit named `all`.
    this.#entries.sort((a, b) => weight(a).localeCompare(weight(b)));
  }

  /** The paths, each once, with `{name}` for variable segments. */
  get patterns(): readonly string[] {
    return this.#entries.map(({ pattern }) => pattern);
  }

  find(path: string): Found | undefined {
    const segments = path.split('/');
    for (const entry of this.#entries) {
      const encoded = match(entry.segments, segments);
      if (encoded !== undefined) return { pattern: entry.pattern, methods: entry.methods, encoded };
    }
    return undefined;
  }

  #entryFor(route: Route, where: string): Entry {
    const { method, path, permission, handle } = route;
    if (method !== 'GET' && method !== 'POST') throw new ConfigurationError(`${where}.method`, method, "'GET' or 'POST'");
    if (permission !== 'none' && permission !== 'read' && permission !== 'admin')
      throw new ConfigurationError(`${where}.permission`, permission, "'none', 'read' or 'admin'");
    if (typeof handle !== 'function') throw new ConfigurationError(`${where}.handle`, handle, 'a function');
    const segments = segmentsOf(path, `${where}.path`);
    const shape = shapeOf(segments);
    const known = this.#entries.find((other) => shapeOf(other.segments) === shape);
    const entry: Entry = known ?? { pattern: path, segments, methods: new Map() };
    if (known === undefined) this.#entries.push(entry);
    if (entry.methods.has(method)) throw new ConfigurationError(`${where}.path`, path, `a path that no other ${method} route has`);
    // A parameter has the same name for all methods.
    if (entry.pattern !== path) throw new ConfigurationError(`${where}.path`, path, `the same names as '${entry.pattern}'`);
    return entry;
  }
}

function segmentsOf(path: string, where: string): readonly string[] {
  const expected = "a path such as '/circuits/{name}'";
  if (typeof path !== 'string' || !path.startsWith('/')) throw new ConfigurationError(where, path, expected);
  const segments = path.split('/');
  const names = new Set<string>();
  for (const segment of segments.slice(1)) {
    const name = PARAM.exec(segment)?.[1];
    if (name === undefined ? !isLiteral(segment) && path !== '/' : names.has(name)) throw new ConfigurationError(where, path, expected);
    if (name !== undefined) names.add(name);
  }
  return segments;
}

/** Whether a segment is a literal that a request can contain. */
export function isLiteral(segment: string): boolean {
  return LITERAL.test(segment) && segment !== '.' && segment !== '..';
}

function shapeOf(segments: readonly string[]): string {
  return segments.map((segment) => (PARAM.test(segment) ? '{}' : segment)).join('/');
}

/** Returns a key that sorts literals before parameters, segment by segment. */
function weight({ segments }: Entry): string {
  return segments.map((segment) => (PARAM.test(segment) ? '1' : '0')).join('');
}

function match(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const encoded: [string, string][] = [];
  for (const [at, expected] of pattern.entries()) {
    const segment = segments[at] ?? '';
    const name = PARAM.exec(expected)?.[1];
    if (name === undefined ? segment !== expected : segment === '') return undefined;
    if (name !== undefined) encoded.push([name, segment]);
  }
  return Object.fromEntries(encoded);
}
