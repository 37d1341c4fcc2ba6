/** Who may use a route: anyone, whoever has the read token (or the admin token), or whoever has the admin token. */
export type Permission = 'none' | 'read' | 'admin';

/**
 * One route beside those of the health handler. The handler has matched the method, the path and the token before `handle` is called; what
 * `handle` returns goes out with the handler's security headers, except for those that it sets itself.
 *
 * A response may stream. Its body is read as fast as the client takes it, and cancelled when the client goes away; `request.signal` is
 * aborted then, too.
 */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Literal segments and `{name}` segments, e.g. `/circuit-breakers/{name}/reset`. Relative to where the handler is mounted. */
  readonly path: string;
  readonly permission: Permission;
  /** `params` are decoded; the body of a POST has been read, and is below the handler's limit. */
  readonly handle: (request: Request, params: Readonly<Record<string, string>>) => Response | Promise<Response>;
}
