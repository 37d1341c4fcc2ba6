import { failedBy, SEVERAL } from '../calls.js';
import type { CallWindow } from './call-window.js';

/**
 * Tells whether the failed and slow calls in a window come from more than one call. It keeps two places: that of the last bad attempt, and that of the
 * last bad attempt of any other call.
 */
export class BadCalls {
  #call: number | undefined = undefined;
  #place = Number.NEGATIVE_INFINITY;
  #otherPlace = Number.NEGATIVE_INFINITY;

  /** Adds a failed or slow attempt at `place`. `call` is the number of its call, see `calls.ts`. */
  add(call: number, place: number): void {
    if (failedBy(this.#call, call) === SEVERAL) this.#otherPlace = this.#place;
    this.#call = failedBy(undefined, call);
    this.#place = place;
  }

  /** Returns true if the window holds bad attempts of more than one call. */
  ofSeveral(window: CallWindow): boolean {
    return window.holds(this.#otherPlace);
  }

  clear(): void {
    this.#call = undefined;
    this.#place = Number.NEGATIVE_INFINITY;
    this.#otherPlace = Number.NEGATIVE_INFINITY;
  }
}
