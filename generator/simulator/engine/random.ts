/** Mixes a number so that neighbours have nothing in common (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Numbers from 0 up to, not including, 1; the same row for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** @internal Begins anew. */
  restart(state: number): void {
    this.#state = state;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Exponential, with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }
}

/**
 * Chance that depends on the seed and the moment alone. What a service does at a time is the same whoever asks and however often it was asked
 * before: of two configurations each first request meets the same fate, so that they differ by what they do and not by luck.
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

  /** The row of numbers of that moment; asked again for the same one, another row. */
  at(now: number): Random {
    this.#repeats = now === this.#time[0] ? this.#repeats + 1 : 0;
    this.#time[0] = now;
    const low = this.#words[0] ?? 0;
    const high = this.#words[1] ?? 0;
    this.#random.restart(mix(mix(mix(low ^ this.#seed) + high) + this.#repeats));
    return this.#random;
  }
}

/** Where a random row of its own begins, for each use of one seed. */
export function subSeed(seed: number, use: string): number {
  let hash = seed >>> 0;
  for (const character of use) hash = mix((hash ^ (character.codePointAt(0) ?? 0)) + 0x9e3779b9);
  return hash;
}
