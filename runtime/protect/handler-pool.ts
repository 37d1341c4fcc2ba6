import type { Run } from './run.js';

/** Free pairs that a function keeps. More are needed only while more of its calls are under way. */
const MAX_FREE = 64;

/**
 * Handlers for the promises of runs. A pair is used again when its promise has settled: two new closures for each call would be a fifth of all
 * that a call allocates. Both ends of a promise are handled, also if its run was left behind long ago.
 */
export class HandlerPool {
  readonly #free: Handlers[] = [];

  /** Tells `run` how `promise` ends. */
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
