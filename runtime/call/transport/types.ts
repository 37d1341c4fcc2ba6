/** An HTTP request for a transport. It has the fields of undici's `dispatch` options that fuseline uses. */
export interface TransportRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, starting with a slash. */
  readonly path: string;
  readonly method: string;
  /** Alternating names and values. */
  readonly headers: string[];
  /** The body. Files and forms are passed as a `Blob`; undici accepts it, although its types do not include it. */
  readonly body: string | Uint8Array | null;
  /** The credentials in the query: `name=value`, encoded, joined by `&`; left out if there are none. A redirect to another origin must not take them along. */
  readonly secretQuery?: string;
  /** Limits of undici in milliseconds; 0 switches one off. Otherwise its default of 300 s would end a request whose own time limit is longer. */
  readonly headersTimeout?: number;
  readonly bodyTimeout?: number;
}

/** The redirects that one attempt has followed. What answers it then is not the request that was written. */
export interface Redirect {
  /** A request went to another origin. It and all after it were sent without credentials, also one that came back. */
  readonly elsewhere: boolean;
  /** A request that is not idempotent was sent to another origin, without its idempotency key. */
  readonly unkeyed: boolean;
}

/** Lets the handler abort a request. */
export interface TransportController {
  /** True if the transport has undone the content codings of the body, as fetch does. The headers can still name them. Default false. */
  readonly decoded?: boolean;
  abort(reason: Error): void;
}

/** Receives one response. This is the part of undici's handler interface that fuseline uses. */
export interface TransportHandler {
  /** True if a redirect of that status is an answer that the operation declares, so it is not followed. */
  declares?(status: number): boolean;
  /** Called before the request that a redirect asks for is sent. */
  onRedirect?(redirect: Redirect): void;
  onRequestStart(controller: TransportController, context: unknown): void;
  onResponseStart(
    controller: TransportController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void;
  onResponseData(controller: TransportController, chunk: Uint8Array): void;
  onResponseEnd(controller: TransportController, trailers: Record<string, string | string[] | undefined>): void;
  onResponseError(controller: TransportController | null, error: Error): void;
}

/** An object with undici's `dispatch` method: an `Agent`, a `ProxyAgent`, a composed dispatcher or a mock. */
export interface DispatcherLike {
  /**
   * Whether it can add to a request what tells on whose behalf the request is sent: credentials, or the header of a tenant. `false`: it cannot.
   * Default true: calls share requests and last good responses only if the client or the call has an `identity`.
   */
  readonly signsRequests?: boolean | undefined;
  // Method syntax on purpose: undici's own parameter types are narrower than ours in places, and must still fit.
  dispatch(request: TransportRequest, handler: TransportHandler): boolean;
}

/** The part of undici's agent that the clients of a process share. */
export interface SharedAgent {
  dispatch(request: TransportRequest, handler: TransportHandler): boolean;
  /** Closes idle connections, and the others after their requests. */
  close?(): Promise<void>;
}
