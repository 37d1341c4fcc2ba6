import { DeadlineNode } from '../policies/timeout/deadline.js';
import { captureScope, NOT_CAPTURED, type UserScope, userObject } from '../user-code.js';

/** The context that a protected function gets. */
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

/** One run of a function. The object is also the context that the function gets, and the list node of the run's time limit. */
export abstract class Run extends DeadlineNode implements ProtectContext {
  /** True once the function has returned, failed, timed out or was aborted. Its later result is ignored. */
  ended = false;
  /** Created when the function reads its signal, or when it must stop. */
  #work: WorkSignal | undefined = undefined;

  get signal(): AbortSignal {
    this.#work ??= new WorkSignal();
    return this.#work.signal;
  }

  end(): void {
    this.ended = true;
    this.disarm();
  }

  /** Ends the run while the function still runs. The caller must call `abort` after it. */
  leaveBehind(reason: unknown): void {
    this.end();
    this.#work ??= new WorkSignal();
    this.#work.stopped = { reason };
  }

  /** Aborts the signal of a function that still runs after `leaveBehind`. */
  abort(): void {
    this.#work?.abort();
  }

  /** Called when the promise of the function is fulfilled. */
  abstract returned(value: unknown): void;

  /** Called when the promise of the function is rejected. */
  abstract threw(error: unknown): void;
}

/** The signal of one run. */
class WorkSignal {
  /** The reason why the function must stop; undefined as long as it need not stop. */
  stopped: { readonly reason: unknown } | undefined = undefined;
  #aborter: AbortController | undefined = undefined;
  /** The asynchronous context in which the function read its signal. The listeners of the signal run in it. */
  #listeners: UserScope = NOT_CAPTURED;

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      this.#listeners = captureScope();
      // A function can read its signal for the first time after it has timed out.
      if (this.stopped !== undefined) this.#aborter.abort(this.stopped.reason);
    }
    return this.#aborter.signal;
  }

  abort(): void {
    if (this.stopped !== undefined && this.#aborter !== undefined)
      this.#listeners.invoke(userObject(this.#aborter), 'abort', this.stopped.reason);
  }
}

/** Returns true for an `AbortSignal`, including one of another realm. */
export function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return 'aborted' in value && 'addEventListener' in value;
  } catch {
    // A proxy of the user's, as an argument of the function.
    return false;
  }
}
