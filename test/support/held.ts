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

  /** Answers the request of that number, counted from 0. */
  answer(at: number, status = 200): void {
    const request = this.#open[at];
    if (request === undefined) throw new Error(`no request ${at}`);
    answers(status)(request.handler, undefined as never, request.controller);
  }
}
