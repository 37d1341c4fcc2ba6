import type { TransportController, TransportHandler } from 'fuseline';
import { answers, type Reaction } from './in-memory.js';

/** Requests that a test takes, and answers when it likes. */
export class Held {
  readonly #open: { readonly handler: TransportHandler; readonly controller: TransportController }[] = [];

  /** What a transport does with them. */
  readonly reaction: Reaction = (handler, _, controller) => {
    this.#open.push({ handler, controller });
    handler.onRequestStart(controller, undefined);
  };

  get size(): number {
    return this.#open.length;
  }

  /** The handler and the controller of the request of that number, counted from 0. */
  at(at: number): { readonly handler: TransportHandler; readonly controller: TransportController } {
    const request = this.#open[at];
    if (request === undefined) throw new Error(`no request ${at}`);
    return request;
  }

  /** Answers the request of that number, counted from 0. */
  answer(at: number, status = 200, body?: unknown): void {
    const { handler, controller } = this.at(at);
    answers(status, body)(handler, undefined as never, controller);
  }
}
