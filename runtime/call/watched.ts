import type { TransportController, TransportHandler } from './transport/types.js';

/** What wants to know of a request besides its attempt. */
interface Watcher {
  heard(status: number, headers: Record<string, string | string[] | undefined>): void;
  letGo(): void;
}

/**
 * Passes everything on to the attempt, and tells when the transport is done with the request: an attempt that has timed out has settled, but
 * its request may still be on the wire, or wait for a connection.
 */
export class Watched implements TransportHandler {
  readonly #handler: TransportHandler;
  readonly #watcher: Watcher;
  #over = false;

  constructor(handler: TransportHandler, watcher: Watcher) {
    this.#handler = handler;
    this.#watcher = watcher;
  }

  onRequestStart(controller: TransportController, context: unknown): void {
    this.#handler.onRequestStart(controller, context);
  }

  onResponseStart(
    controller: TransportController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    message?: string,
  ): void {
    this.#watcher.heard(status, headers);
    this.#handler.onResponseStart(controller, status, headers, message);
  }

  onResponseData(controller: TransportController, chunk: Uint8Array): void {
    this.#handler.onResponseData(controller, chunk);
  }

  onResponseEnd(controller: TransportController, trailers: Record<string, string | string[] | undefined>): void {
    try {
      this.#handler.onResponseEnd(controller, trailers);
    } finally {
      this.#end();
    }
  }

  onResponseError(controller: TransportController | null, error: Error): void {
    try {
      this.#handler.onResponseError(controller, error);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#watcher.letGo();
  }
}
