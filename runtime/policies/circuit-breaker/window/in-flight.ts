/** Parts of the slow threshold; a call that hangs is noticed at most one part late. */
const PARTS = 16;
/** The part at hand, and those that are not yet all slow. */
const RING = PARTS + 1;
/** Part numbers are kept modulo this, in the fraction of a permit: 65,536 slow thresholds later a call would be taken for a new one. */
const SPAN = 2 ** 20;

/**
 * How many calls are in flight past the slow threshold, without a list of them: calls are counted by the part of time in which they began,
 * and a part that is past the threshold goes into one sum. The permit carries its part as a fraction, so that a call is taken from where
 * it was put, whatever clock its caller has.
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

  /** Calls that are known to have run for the slow threshold or longer, as of the last `advance`. */
  get slow(): number {
    // A permit given back twice must not hide a call that hangs.
    return Math.max(0, this.#slow);
  }

  /** A call begins. Returns the permit: `epoch` and the part. */
  enter(epoch: number, now: number): number {
    this.advance(now);
    const at = this.#part % RING;
    this.#ring[at] = (this.#ring[at] ?? 0) + 1;
    return epoch + (this.#part % SPAN) / SPAN;
  }

  /** The call with that permit ended, however it did. The permit is of the period since `clear`. */
  exit(permit: number): void {
    const part = (permit - Math.floor(permit)) * SPAN;
    const age = ((this.#part % SPAN) - part + SPAN) % SPAN;
    if (age > PARTS) this.#slow--;
    else {
      const at = (this.#part - age) % RING;
      this.#ring[at] = (this.#ring[at] ?? 0) - 1;
    }
  }

  advance(now: number): void {
    // A clock that is behind changes nothing: parts never go back.
    const part = Math.max(this.#part, Math.floor((now - this.#began) / this.#partMs));
    const steps = Math.min(part - this.#part, RING);
    for (let step = 1; step <= steps; step++) {
      // The place of the part that begins is that of the one that is slow by now.
      const at = (this.#part + step) % RING;
      this.#slow += this.#ring[at] ?? 0;
      this.#ring[at] = 0;
    }
    this.#part = part;
  }

  /** A new period begins: calls of earlier ones are no longer known here. */
  clear(now: number): void {
    this.#ring.fill(0);
    this.#slow = 0;
    this.#began = now;
    this.#part = 0;
  }
}
