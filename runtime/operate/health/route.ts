/** The token that a route requires: none, the read token (or the admin token), or the admin token. */
export type Permission = 'none' | 'read' | 'admin';

/**
 * An additional route of the health handler. The handler checks the method, the path and the token before it calls `handle`, and adds its security
 * headers to the response, unless the response has its own.
 *
 * A response can stream. Its body is read as fast as the client accepts it. If the client disconnects, the body is cancelled and `request.signal`
 * aborts.
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** A path of literals and `{name}` segments, such as `/circuit-breakers/{name}/reset`, relative to the mount of the handler. */
  readonly path: string;
  readonly permission: Permission;
  /** Answers a request. `params` are decoded. The body of a POST has been read, and is within the limit. An error makes a 500. */
  readonly handle: (request: Request, params: Readonly<Record<string, string>>) => Response | Promise<Response>;
}
