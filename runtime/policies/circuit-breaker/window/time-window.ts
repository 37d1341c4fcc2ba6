import { type CallWindow, FAILED, SLOW } from './call-window.js';

/** How many numbers one slot has: calls, failed, slow, and failed or slow. */
const FIELDS = 4;

/** More than the error of a product and a quotient together, relative to their size. */
const ROUNDING = 4 * Number.EPSILON;

/**
 * The calls that ended in the last `durationMs`, summed by slot. The current slot is still filling and the oldest one is forgotten whole, so the
 * window looks back between `durationMs` less one slot and `durationMs`. The cost of a call does not depend on the number of earlier calls. A
 * slot that ends costs one subtraction; after a pause there are at most as many subtractions as slots.
 */
export class TimeWindow implements CallWindow {
  calls = 0;
  failed = 0;
  slow = 0;
  failedOrSlow = 0;
  readonly #slots: number;
  readonly #slotMs: number;
  readonly #sums: Float64Array;
  /** The number of the current slot, counted from the clock's zero. */
  #current = Number.NEGATIVE_INFINITY;
  /** Where the sums of the current slot begin. */
  #at = 0;
  /** When the next slot begins. Until then `advance` has nothing to do. */
  #until = Number.NEGATIVE_INFINITY;

  constructor(durationMs: number, slots: number) {
    this.#slots = slots;
    this.#slotMs = durationMs / slots;
    this.#sums = new Float64Array(slots * FIELDS);
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
    if (now < this.#until) return;
    // A result that arrives late belongs to the current slot: slots never go back.
    const slot = Math.max(this.#current, Math.floor(now / this.#slotMs));
    // Stryker disable next-line EqualityOperator: to forget all slots one by one gives the same result.
    if (slot - this.#current >= this.#slots) this.clear();
    else for (let ended = this.#current + 1; ended <= slot; ended++) this.#forget(this.#offset(ended));
    this.#current = slot;
    this.#at = this.#offset(slot);
    const end = (slot + 1) * this.#slotMs;
    // The division above may put a time just below this product into the next slot already: near the end the division decides.
    this.#until = end - Math.abs(end) * ROUNDING;
  }

  clear(): void {
    this.#sums.fill(0);
    this.calls = 0;
    this.failed = 0;
    this.slow = 0;
    this.failedOrSlow = 0;
  }

  #offset(slot: number): number {
    // The clock can show times below zero.
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
