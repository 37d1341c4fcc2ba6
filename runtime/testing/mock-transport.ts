import { getResponse, type RequestHandler } from 'msw';
import type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from '../call/transport/types.js';
import { listOf } from '../errors/checks.js';
import { givenMethods } from '../errors/given.js';

/** A request that the mock received. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** The text of the body; undefined without a body, and for a form or a file. */
  readonly body: string | undefined;
  /** True if the client ended the request before its answer was complete. */
  readonly aborted: boolean;
}

const givenHandlers = listOf(givenMethods('a handler of MSW (a list is spread: `...handlers`)', 'run'));

/**
 * Answers the requests of a client from MSW handlers, on the same path as the real transport: streaming bodies, aborts, delays and
 * `HttpResponse.error()` behave as on a socket. A request without a handler fails with a network error that names it.
 *
 * MSW itself intercepts only the global fetch, and not the dispatchers of undici, which clients use.
 *
 * @example
 * const mock = mockTransport(...ghlHandlers());
 * const ghl = new GhlClient({ dispatcher: mock, token: 'test' });
 */
export class MockTransport implements DispatcherLike {
  /** It adds nothing to a request: calls share requests and kept answers, as over a real connection. */
  readonly signsRequests = false;
  readonly #initial: readonly RequestHandler[];
  #handlers: readonly RequestHandler[];
  readonly #requests: SeenRequest[] = [];

  /** @throws {ConfigurationError} if one of them is not a handler of MSW. */
  constructor(handlers: readonly RequestHandler[]) {
    givenHandlers('handlers', handlers);
    this.#initial = handlers;
    this.#handlers = handlers;
  }

  /** All requests so far, in order. */
  get requests(): readonly SeenRequest[] {
    return this.#requests;
  }

  /** Adds handlers before the present ones. @throws {ConfigurationError} if one of them is not a handler of MSW. */
  use(...handlers: readonly RequestHandler[]): void {
    givenHandlers('handlers', handlers);
    this.#handlers = [...handlers, ...this.#handlers];
  }

  /**
   * Restores the first handlers, or uses the given ones, and forgets all requests.
   *
   * @throws {ConfigurationError} if one of them is not a handler of MSW.
   */
  reset(...handlers: readonly RequestHandler[]): void {
    givenHandlers('handlers', handlers);
    this.#handlers = handlers.length > 0 ? handlers : this.#initial;
    this.#requests.length = 0;
  }

  dispatch(request: TransportRequest, handler: TransportHandler): boolean {
    void this.#answer(request, handler);
    return true;
  }

  async #answer(request: TransportRequest, handler: TransportHandler): Promise<void> {
    const aborter = new AbortController();
    const headers = new Headers();
    const url = request.origin + request.path;
    const seen = {
      method: request.method,
      url,
      headers,
      body: typeof request.body === 'string' ? request.body : undefined,
      aborted: false,
    };
    const controller: TransportController = {
      abort: (reason) => {
        seen.aborted = true;
        aborter.abort(reason);
      },
    };
    let ended = false;
    const fail = (error: unknown): void => {
      if (ended) return;
      ended = true;
      handler.onResponseError(controller, error instanceof Error ? error : new Error('mock transport', { cause: error }));
    };
    aborter.signal.addEventListener('abort', () => fail(aborter.signal.reason), { once: true });
    try {
      handler.onRequestStart(controller, undefined);
      if (aborter.signal.aborted) return;
      for (let at = 0; at + 1 < request.headers.length; at += 2) headers.append(request.headers[at] ?? '', request.headers[at + 1] ?? '');
      this.#requests.push(seen);
      const { method, body } = request;
      const init: RequestInit = { method, headers, signal: aborter.signal };
      if (body !== null && method !== 'GET' && method !== 'HEAD') init.body = body as NonNullable<RequestInit['body']>;
      const response = await getResponse([...this.#handlers], new Request(url, init));
      if (ended) return;
      if (response === undefined) throw networkError('EMOCKUNHANDLED', `no handler for ${method} ${url.split('?')[0]}`);
      if (response.type === 'error') throw networkError('ECONNRESET', 'the mock broke the connection');
      handler.onResponseStart(controller, response.status, headersOf(response), response.statusText);
      if (response.body !== null) await this.#stream(response.body, aborter.signal, controller, handler);
      if (ended) return;
      ended = true;
      handler.onResponseEnd(controller, {});
    } catch (error) {
      fail(error);
    }
  }

  async #stream(
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal,
    controller: TransportController,
    handler: TransportHandler,
  ): Promise<void> {
    const reader = body.getReader();
    const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (signal.aborted) return;
      handler.onResponseData(controller, chunk.value);
    }
    signal.removeEventListener('abort', stop);
  }
}

/** Returns a mock that answers from the given MSW handlers. @throws {ConfigurationError} if one of them is not a handler of MSW. */
export function mockTransport(...handlers: readonly RequestHandler[]): MockTransport {
  return new MockTransport(handlers);
}

/** Returns headers in the form of undici: one text per name, but a list of cookies. */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 1 ? { 'set-cookie': cookies } : {}) };
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
