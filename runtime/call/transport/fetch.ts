import { fetchFault } from './fetch-limits.js';
import type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from './types.js';

/**
 * A transport that uses the global `fetch`. `fetch` is looked up for each call, so that patches of it apply (MSW, tracing, edge runtimes).
 * Redirects are not followed, so that credentials are never sent to another origin.
 */
export const fetchTransport: DispatcherLike = {
  dispatch(request: TransportRequest, handler: TransportHandler): boolean {
    void run(request, handler);
    return true;
  },
};

async function run(request: TransportRequest, handler: TransportHandler): Promise<void> {
  const exchange = new Exchange(handler);
  try {
    const fault = fetchFault(request.method, request.body);
    // The code of undici, which says that nothing was sent and that another attempt changes nothing.
    if (fault !== undefined) throw Object.assign(new TypeError(fault), { code: 'UND_ERR_INVALID_ARG' });
    handler.onRequestStart(exchange, undefined);
    if (exchange.over) return;
    const headers: [string, string][] = [];
    for (let at = 0; at + 1 < request.headers.length; at += 2) {
      const name = request.headers[at] ?? '';
      // fetch writes it itself, and browsers ignore another. Node's fetch sends it, and hangs if it does not fit the body.
      if (name !== 'content-length') headers.push([name, request.headers[at + 1] ?? '']);
    }
    const response = await globalThis.fetch(request.origin + request.path, {
      method: request.method,
      headers,
      body: request.body,
      redirect: 'manual',
      signal: exchange.signal,
    });
    await exchange.read(response);
  } catch (error) {
    exchange.fail(error instanceof Error ? error : new Error('fetch failed', { cause: error }));
  }
}

/**
 * One request and its response. An abort ends it immediately: a patched `fetch` can ignore the signal, and a body can be one that never ends. Nothing is
 * reported after the end.
 */
class Exchange implements TransportController {
  readonly decoded = true;
  over = false;
  readonly #aborter = new AbortController();
  readonly #handler: TransportHandler;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(handler: TransportHandler) {
    this.#handler = handler;
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  abort(reason: Error): void {
    if (this.over) return;
    this.#aborter.abort(reason);
    const reader = this.#reader;
    this.fail(reason);
    // The stream can be one of a patched `fetch`, so its cancellation can throw or reject.
    if (reader !== undefined) this.#cancel(reader, reason);
  }

  async read(response: Response): Promise<void> {
    const { body, status, headers, statusText } = response;
    if (this.over) {
      // The response came after the abort. Without a reader, its connection would stay open.
      if (body !== null) this.#cancel(body, this.signal.reason);
      return;
    }
    this.#handler.onResponseStart(this, status, Object.fromEntries(headers), statusText);
    if (body !== null) {
      const reader = body.getReader();
      this.#reader = reader;
      for (let chunk = await reader.read(); !chunk.done && !this.over; chunk = await reader.read())
        this.#handler.onResponseData(this, chunk.value);
    }
    if (this.over) return;
    // If the handler cannot read what a patched `fetch` gave, its exception is reported as the error.
    this.#handler.onResponseEnd(this, {});
    this.over = true;
  }

  fail(error: Error): void {
    if (this.over) return;
    this.over = true;
    this.#handler.onResponseError(this, error);
  }

  #cancel(stream: { cancel(reason: unknown): Promise<void> }, reason: unknown): void {
    try {
      stream.cancel(reason).then(undefined, () => undefined);
    } catch {
      // As for a rejection: the exchange is over.
    }
  }
}
