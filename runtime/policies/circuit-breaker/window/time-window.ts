import { type CallWindow, FAILED, SLOW } from './call-window.js';

/** Numbers per slot: calls, failed, slow, and failed or slow. */
const FIELDS = 4;

/**
 * The calls that ended in the last `durationMs` milliseconds, summed by slot. The oldest slot is removed as a whole, so the window covers between
 * `durationMs` minus one slot and `durationMs`. The cost of a call does not depend on the number of earlier calls. The end of a slot costs one
 * subtraction; after a pause there are at most as many subtractions as slots.
 */
export class TimeWindow implements CallWindow {
  calls = 0;
  failed = 0;
  slow = 0;
  failedOrSlow = 0;
  readonly #slots: number;
  readonly #slotMs: number;
  readonly #sums: Float64Array;
  /** Number of the current slot, counted from time 0 of the clock. */
  #current = Number.NEGATIVE_INFINITY;
  /** Where the sums of the current slot begin. */
  #at = 0;

  constructor(durationMs: number, slots: number) {
    this.#slots = slots;
    this.#slotMs = durationMs / slots;
    this.#sums = new Float64Array(slots * FIELDS);
  }

  get place(): number {
    return this.#current;
  }

  holds(place: number): boolean {
    return place > this.#current - this.#slots;
  }

  record(bits: number, now: number): void {
    this.advance(now);
    const sums = this.#sums;
    const at = this.#at;
    sums[at] = (sums[at] ?? 0) + 1;
    this.calls++;
    if (bits === 0) return;
    if ((bits & FAILED) !== 0) {
      sums[at + 1] = (sums[at + 1] ?? 0) + 1;
      this.failed++;
    }
    if ((bits & SLOW) !== 0) {
      sums[at + 2] = (sums[at + 2] ?? 0) + 1;
      this.slow++;
    }
    sums[at + 3] = (sums[at + 3] ?? 0) + 1;
    this.failedOrSlow++;
  }

  advance(now: number): void {
    // A call with an earlier time is added to the current slot: slots never go back.
    const slot = Math.floor(now / this.#slotMs);
    // Stryker disable next-line EqualityOperator: within the same slot, the lines below change nothing.
    if (slot <= this.#current) return;
    // Stryker disable next-line EqualityOperator: to forget all slots one by one gives the same result.
    if (slot - this.#current >= this.#slots) this.clear();
    else for (let ended = this.#current + 1; ended <= slot; ended++) this.#forget(this.#offset(ended));
    this.#current = slot;
    this.#at = this.#offset(slot);
  }

  clear(): void {
    this.#sums.fill(0);
    this.calls = 0;
    this.failed = 0;
    this.slow = 0;
    this.failedOrSlow = 0;
  }

  #offset(slot: number): number {
    // A clock can return negative times.
    return (((slot % this.#slots) + this.#slots) % this.#slots) * FIELDS;
  }

  #forget(at: number): void {
    const sums = this.#sums;
    this.calls -= sums[at] ?? 0;
    this.failed -= sums[at + 1] ?? 0;
    this.slow -= sums[at + 2] ?? 0;
    this.failedOrSlow -= sums[at + 3] ?? 0;
    sums.fill(0, at, at + FIELDS);
  }
}
