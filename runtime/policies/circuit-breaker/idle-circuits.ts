import type { CircuitBreaker } from './breaker.js';

interface Idle {
  readonly circuit: CircuitBreaker;
  readonly usedAt: number;
}

/**
 * Finds circuits that may be forgotten, the least recently used first. Looking through all of them is dear, so what one look finds lasts for
 * many; and where it found nothing, the next one waits until more were asked for.
 */
export class IdleCircuits {
  /** Most recently used first, so that the end is taken from. */
  #found: Idle[] = [];
  /** Requests that are answered with nothing, without a look. */
  #skip = 0;

  /** `usedAt`: when a circuit was last used; undefined where it must not be forgotten. */
  next(all: Iterable<CircuitBreaker>, usedAt: (circuit: CircuitBreaker) => number | undefined): CircuitBreaker | undefined {
    const found = this.#pop(usedAt);
    if (found !== undefined || this.#skip-- > 0) return found;
    let looked = 0;
    for (const circuit of all) {
      looked++;
      const at = usedAt(circuit);
      if (at !== undefined) this.#found.push({ circuit, usedAt: at });
    }
    // Of those used at one moment the one that was made first goes first.
    this.#found.reverse().sort((a, b) => b.usedAt - a.usedAt);
    this.#skip = this.#found.length > 0 ? 0 : Math.ceil(looked / 100);
    return this.#pop(usedAt);
  }

  clear(): void {
    this.#found = [];
    this.#skip = 0;
  }

  #pop(usedAt: (circuit: CircuitBreaker) => number | undefined): CircuitBreaker | undefined {
    for (let idle = this.#found.pop(); idle !== undefined; idle = this.#found.pop()) {
      // Used, opened or forgotten since.
      if (usedAt(idle.circuit) === idle.usedAt) return idle.circuit;
    }
    return undefined;
  }
}
