import { adopt, type UserScope } from '../user-code.js';
import type { Run } from './run.js';

/** Largest number of unused pairs kept per function. More pairs exist only while more of its calls are in flight. */
const MAX_FREE = 64;

/**
 * Handlers for the promises of runs. A pair is reused once its promise has settled: two new closures per call would be a fifth of the memory that a
 * call allocates. Fulfilment and rejection are both handled, even if the run timed out before.
 */
export class HandlerPool {
  readonly #free: Handlers[] = [];

  /** Notifies `run` when `returned` settles. Returns false, and does nothing, if it is a plain value. `user` is the context of the call. */
  watch(user: UserScope, returned: unknown, run: Run): boolean {
    const handlers = this.#free.pop() ?? new Handlers(this.#free);
    handlers.run = run;
    const waits = adopt(user, returned, handlers.returned, handlers.threw) !== undefined;
    if (!waits) handlers.take();
    return waits;
  }
}

/** A pair of handlers. Only one of the two is called, once: `adopt` guarantees it. */
class Handlers {
  run: Run | undefined = undefined;
  readonly #free: Handlers[];

  constructor(free: Handlers[]) {
    this.#free = free;
  }

  readonly returned = (value: unknown): void => this.take()?.returned(value);
  readonly threw = (error: unknown): void => this.take()?.threw(error);

  /** Returns the run and gives the pair back to the pool. Does nothing if the run was taken before: the pair can belong to another call by now. */
  take(): Run | undefined {
    const { run } = this;
    if (run === undefined) return undefined;
    this.run = undefined;
    if (this.#free.length < MAX_FREE) this.#free.push(this);
    return run;
  }
}
