/** Number of parts of the slow threshold. A hanging call is detected at most one part late. */
const PARTS = 16;
/** Size of the ring buffer: the current part, and the earlier parts whose calls are not all slow yet. */
const RING = PARTS + 1;
/** The fraction of a permit is the part number modulo this value. A call that runs for 65,536 slow thresholds would be mistaken for a new one. */
const SPAN = 2 ** 20;

/**
 * Counts the calls in flight that exceed the slow threshold, without a list of calls. Calls are counted by the part of time in which they started.
 * When a part is older than the threshold, its count is added to one sum. The fraction of a permit is the part, so that the end of a call is
 * subtracted from the count to which its start was added.
 */
export class InFlight {
  readonly #partMs: number;
  readonly #ring = new Int32Array(RING);
  #slow = 0;
  #began = 0;
  #part = 0;

  constructor(slowCallDurationMs: number) {
    this.#partMs = slowCallDurationMs / PARTS;
  }

  /** Number of calls that had run for the slow threshold or longer at the last `advance`. */
  get slow(): number {
    // The sum is negative if a permit was given back twice.
    return Math.max(0, this.#slow);
  }

  /** Counts a call that starts. Returns its permit: `epoch` plus the part as a fraction. */
  enter(epoch: number, now: number): number {
    this.advance(now);
    const at = this.#part % RING;
    this.#ring[at] = (this.#ring[at] ?? 0) + 1;
    return epoch + (this.#part % SPAN) / SPAN;
  }

  /** Removes a call that ended. Its permit must have been given since the last `clear`. */
  exit(permit: number): void {
    const part = (permit - Math.floor(permit)) * SPAN;
    const age = ((this.#part % SPAN) - part + SPAN) % SPAN;
    if (age > PARTS) this.#slow--;
    else {
      const at = (this.#part - age) % RING;
      this.#ring[at] = (this.#ring[at] ?? 0) - 1;
    }
  }

  /** Advances the count to `now`. */
  advance(now: number): void {
    // An earlier time changes nothing: parts never go back.
    const part = Math.floor((now - this.#began) / this.#partMs);
    // Stryker disable next-line EqualityOperator: within the same part, the steps below change nothing.
    if (part <= this.#part) return;
    const steps = Math.min(part - this.#part, RING);
    for (let step = 1; step <= steps; step++) {
      // The new part replaces the part whose calls are all slow by now.
      const at = (this.#part + step) % RING;
      this.#slow += this.#ring[at] ?? 0;
      this.#ring[at] = 0;
    }
    this.#part = part;
  }

  /** Starts a new period without the calls of earlier ones. */
  clear(now: number): void {
    this.#ring.fill(0);
    this.#slow = 0;
    this.#began = now;
    this.#part = 0;
  }
}
