import { type CallWindow, FAILED, SLOW } from './call-window.js';

/** The last `size` calls, one byte each, in a ring buffer. A new call replaces the oldest. */
export class CountWindow implements CallWindow {
  calls = 0;
  failed = 0;
  slow = 0;
  failedOrSlow = 0;
  readonly #ring: Uint8Array;
  #next = 0;
  /** Number of the call that was added last. */
  place = 0;

  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  holds(place: number): boolean {
    return place > this.place - this.calls;
  }

  record(bits: number): void {
    this.place++;
    const ring = this.#ring;
    if (this.calls === ring.length) this.#sum(ring[this.#next] ?? 0, -1);
    else this.calls++;
    ring[this.#next] = bits;
    this.#sum(bits, 1);
    this.#next = this.#next + 1 === ring.length ? 0 : this.#next + 1;
  }

  advance(): void {
    // Does nothing: only a new call removes an old one.
  }

  clear(): void {
    // The old bytes stay in the ring. They are overwritten before they are read again.
    this.calls = 0;
    this.failed = 0;
    this.slow = 0;
    this.failedOrSlow = 0;
    this.#next = 0;
  }

  #sum(bits: number, sign: 1 | -1): void {
    if (bits === 0) return;
    if ((bits & FAILED) !== 0) this.failed += sign;
    if ((bits & SLOW) !== 0) this.slow += sign;
    this.failedOrSlow += sign;
  }
}
