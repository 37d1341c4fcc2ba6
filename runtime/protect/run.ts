import { DeadlineNode } from '../policies/timeout/deadline.js';
import { captureScope, NOT_CAPTURED, type UserScope, userObject } from '../user-code.js';

/** What a protected function is given. */
export interface ProtectContext {
  /**
   * Aborts when the time is up or the caller aborts. Made when first read: a function that does not look at it costs nothing.
   *
   * It ends with the function: once the function has returned, neither the time limits nor the caller's signal abort it. Therefore read the body of a
   * response inside the function, and return what it holds instead of the response. Otherwise a body that hangs is no failure of the circuit, and no
   * limit ends it.
   */
  readonly signal: AbortSignal;
}

export type FunctionToRun = (context: ProtectContext, ...args: never[]) => unknown;

/** Settles the caller's promise. */
export type Settle = (value: unknown) => void;

/** One run of a function: the context that the function gets, and the node in the list of the run's limit. */
export abstract class Run extends DeadlineNode implements ProtectContext {
  /** The function returned, failed or was left behind. What it does later changes nothing. */
  ended = false;
  /** Made if the function asks for its signal, or must stop. */
  #work: WorkSignal | undefined = undefined;

  get signal(): AbortSignal {
    this.#work ??= new WorkSignal();
    return this.#work.signal;
  }

  end(): void {
    this.ended = true;
    this.disarm();
  }

  /** Ends the run although the function is still at work. Follow it by `abort`. */
  leaveBehind(reason: unknown): void {
    this.end();
    this.#work ??= new WorkSignal();
    this.#work.stopped = { reason };
  }

  /** Aborts the signal of a function that was left behind. */
  abort(): void {
    this.#work?.abort();
  }

  /** The promise of the function was fulfilled. */
  abstract returned(value: unknown): void;

  /** The promise of the function was rejected. */
  abstract threw(error: unknown): void;
}

/** The signal of one run. Made when it is first read. */
class WorkSignal {
  /** Why the function must stop, once it must. */
  stopped: { readonly reason: unknown } | undefined = undefined;
  #aborter: AbortController | undefined = undefined;
  /** The context in which the function asked for its signal: the function's listeners belong there. */
  #listeners: UserScope = NOT_CAPTURED;

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      this.#listeners = captureScope();
      // A function may look for the first time long after its time is up.
      if (this.stopped !== undefined) this.#aborter.abort(this.stopped.reason);
    }
    return this.#aborter.signal;
  }

  abort(): void {
    if (this.stopped !== undefined && this.#aborter !== undefined)
      this.#listeners.invoke(userObject(this.#aborter), 'abort', this.stopped.reason);
  }
}

/** Returns true for an `AbortSignal`, also for one of another realm. */
export function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}
