import type { DispatcherLike, TransportHandler, TransportRequest } from './types.js';

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
  const aborter = new AbortController();
  const controller = { abort: (reason: Error): void => aborter.abort(reason) };
  try {
    handler.onRequestStart(controller, undefined);
    aborter.signal.throwIfAborted();
    const headers: [string, string][] = [];
    for (let at = 0; at + 1 < request.headers.length; at += 2) headers.push([request.headers[at] ?? '', request.headers[at + 1] ?? '']);
    const response = await globalThis.fetch(request.origin + request.path, {
      method: request.method,
      headers,
      body: request.body,
      redirect: 'manual',
      signal: aborter.signal,
    });
    handler.onResponseStart(controller, response.status, Object.fromEntries(response.headers), response.statusText);
    if (response.body !== null) {
      const reader = response.body.getReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        if (aborter.signal.aborted) {
          await reader.cancel(aborter.signal.reason);
          return;
        }
        handler.onResponseData(controller, chunk.value);
      }
    }
    handler.onResponseEnd(controller, {});
  } catch (error) {
    handler.onResponseError(controller, error instanceof Error ? error : new Error('fetch failed', { cause: error }));
  }
}
