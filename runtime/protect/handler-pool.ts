import type { Run } from './run.js';

/** Largest number of unused pairs kept per function. More pairs exist only while more of its calls are in flight. */
const MAX_FREE = 64;

/**
 * Handlers for the promises of runs. A pair is reused once its promise has settled: two new closures per call would be a fifth of the memory that a
 * call allocates. Fulfilment and rejection are both handled, even if the run timed out before.
 */
export class HandlerPool {
  readonly #free: Handlers[] = [];

  /** Notifies `run` when `promise` settles. */
  watch(promise: Promise<unknown>, run: Run): void {
    const handlers = this.#free.pop() ?? new Handlers(this.#free);
    handlers.run = run;
    promise.then(handlers.returned, handlers.threw);
  }
}

/** A pair of handlers. A promise calls one of the two, once. */
class Handlers {
  run: Run | undefined = undefined;
  readonly #free: Handlers[];

  constructor(free: Handlers[]) {
    this.#free = free;
  }

  readonly returned = (value: unknown): void => this.#take()?.returned(value);
  readonly threw = (error: unknown): void => this.#take()?.threw(error);

  #take(): Run | undefined {
    const { run } = this;
    this.run = undefined;
    if (this.#free.length < MAX_FREE) this.#free.push(this);
    return run;
  }
}
