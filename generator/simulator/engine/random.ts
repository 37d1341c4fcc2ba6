/** Mixes a number so that neighbouring numbers become unrelated (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Random numbers from 0 to below 1. The same seed gives the same sequence (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** @internal Restarts the sequence. */
  restart(state: number): void {
    this.#state = state;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns a standard normal number (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Returns an exponential number with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }
}

/**
 * Randomness that depends only on the seed and the time. The service's behaviour at a time is then the same for every caller and every
 * configuration. Two configurations differ by their decisions, not by luck.
 */
export class MomentChance {
  readonly #random = new Random(0);
  readonly #seed: number;
  readonly #time = new Float64Array(1);
  readonly #words = new Uint32Array(this.#time.buffer);
  #repeats = 0;

  constructor(seed: number) {
    this.#seed = mix(seed);
  }

  /** Returns the sequence of that time. A second request for the same time returns another sequence. */
  at(now: number): Random {
    this.#repeats = now === this.#time[0] ? this.#repeats + 1 : 0;
    this.#time[0] = now;
    const low = this.#words[0] ?? 0;
    const high = this.#words[1] ?? 0;
    this.#random.restart(mix(mix(mix(low ^ this.#seed) + high) + this.#repeats));
    return this.#random;
  }
}

/** Returns a separate start for each use of one seed. */
export function subSeed(seed: number, use: string): number {
  let hash = seed >>> 0;
  for (const character of use) hash = mix((hash ^ (character.codePointAt(0) ?? 0)) + 0x9e3779b9);
  return hash;
}
