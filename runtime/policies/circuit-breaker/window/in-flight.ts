/** The number of parts of the slow threshold. A call that hangs is noticed at most one part late. */
const PARTS = 16;
/** The places of the ring: the current part, and the earlier ones whose calls are not all slow yet. */
const RING = PARTS + 1;
/** Part numbers are kept modulo this in the fraction of a permit. A call that runs for 65,536 slow thresholds would be taken for a new one. */
const SPAN = 2 ** 20;

/**
 * Counts the calls that are in flight past the slow threshold, without a list of them. Calls are counted by the part of time in which they began;
 * when a part is past the threshold, its count goes into one sum. The permit carries the part as its fraction, so a call is taken from the place
 * where it was put, whatever clock its caller reads.
 */
export class InFlight {
  readonly #partMs: number;
  readonly #ring = new Int32Array(RING);
  #slow = 0;
  #began = 0;
  #part = 0;
  /** When the next part begins. Until then `advance` has nothing to do. */
  #until = Number.NEGATIVE_INFINITY;

  constructor(slowCallDurationMs: number) {
    this.#partMs = slowCallDurationMs / PARTS;
  }

  /** The calls that had run for the slow threshold or longer at the last `advance`. */
  get slow(): number {
    // A permit given back twice must not hide a call that hangs.
    return Math.max(0, this.#slow);
  }

  /** Counts a call that begins. Returns its permit: `epoch` plus the part as a fraction. */
  enter(epoch: number, now: number): number {
    this.advance(now);
    const at = this.#part % RING;
    this.#ring[at] = (this.#ring[at] ?? 0) + 1;
    return epoch + (this.#part % SPAN) / SPAN;
  }

  /** Removes a call that ended. Its permit must be of the period since `clear`. */
  exit(permit: number): void {
    const part = (permit - Math.floor(permit)) * SPAN;
    const age = ((this.#part % SPAN) - part + SPAN) % SPAN;
    if (age > PARTS) this.#slow--;
    else {
      const at = (this.#part - age) % RING;
      this.#ring[at] = (this.#ring[at] ?? 0) - 1;
    }
  }

  /** Brings the count to `now`. */
  advance(now: number): void {
    if (now < this.#until) return;
    // A time that is behind changes nothing: parts never go back.
    const part = Math.max(this.#part, Math.floor((now - this.#began) / this.#partMs));
    const steps = Math.min(part - this.#part, RING);
    for (let step = 1; step <= steps; step++) {
      // The part that begins takes the place of the part that is slow by now.
      const at = (this.#part + step) % RING;
      this.#slow += this.#ring[at] ?? 0;
      this.#ring[at] = 0;
    }
    this.#part = part;
    this.#until = this.#began + (part + 1) * this.#partMs;
  }

  /** Begins a new period: calls of earlier ones are forgotten. */
  clear(now: number): void {
    this.#ring.fill(0);
    this.#slow = 0;
    this.#began = now;
    this.#part = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
