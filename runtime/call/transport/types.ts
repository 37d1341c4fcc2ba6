/** One HTTP request as a transport gets it: the fields of undici's `dispatch` that fuseline uses. */
export interface TransportRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: string[];
  /** A Blob comes here, too, as files and forms do; undici takes one, although its types do not say so. */
  readonly body: string | Uint8Array | null;
}

/** Lets the receiver end a request. */
export interface TransportController {
  abort(reason: Error): void;
}

/** Receives one response: undici's handler interface, as far as fuseline uses it. */
export interface TransportHandler {
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

/** Anything with undici's `dispatch`: an `Agent`, a `ProxyAgent`, a composed dispatcher, a mock. */
export interface DispatcherLike {
  /**
   * Whether it can add to a request what tells on whose behalf the request is sent: credentials, or the header of a tenant. `false`: it cannot.
   * Default true: calls share requests and last good responses only if the client or the call has an `identity`.
   */
  readonly signsRequests?: boolean | undefined;
  // Method syntax on purpose: undici's own parameter types are narrower than ours in places, and must still fit.
  dispatch(request: TransportRequest, handler: TransportHandler): boolean;
}
