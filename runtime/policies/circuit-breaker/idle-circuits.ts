import type { CircuitBreaker } from './breaker.js';

/** Returns when a circuit was last used or asked for; undefined if it must not be forgotten: open, probing, held by hand, or with calls under way. */
export function idleSince({ machine, counters, askedAt }: CircuitBreaker): number | undefined {
  const { current, isOff } = machine;
  if ((current.kind !== 'closed' && !isOff) || counters.underWay > 0) return undefined;
  return Math.max(current.since, counters.lastSuccessAt, counters.lastFailureAt, askedAt ?? current.since);
}

interface Idle<C> {
  readonly circuit: C;
  readonly usedAt: number;
}

/**
 * Finds circuits that can be removed, least recently used first. A search through all circuits is expensive, so the result of one search is used for
 * many requests. After a search without a result, some requests return undefined without another search.
 */
export class IdleCircuits<C> {
  /** Most recently used first: the next one is taken from the end. */
  #found: Idle<C>[] = [];
  /** Number of requests that return undefined without a search. */
  #skip = 0;

  /** Returns the next circuit to remove. `usedAt` returns when a circuit was last used, or undefined if it must not be removed. */
  next(all: Iterable<C>, usedAt: (circuit: C) => number | undefined): C | undefined {
    const found = this.#pop(usedAt);
    if (found !== undefined || this.#skip-- > 0) return found;
    let looked = 0;
    for (const circuit of all) {
      looked++;
      const at = usedAt(circuit);
      if (at !== undefined) this.#found.push({ circuit, usedAt: at });
    }
    // If several circuits were last used at the same time, the oldest is removed first.
    this.#found.reverse().sort((a, b) => b.usedAt - a.usedAt);
    this.#skip = this.#found.length > 0 ? 0 : Math.ceil(looked / 100);
    return this.#pop(usedAt);
  }

  clear(): void {
    this.#found = [];
    this.#skip = 0;
  }

  #pop(usedAt: (circuit: C) => number | undefined): C | undefined {
    for (let idle = this.#found.pop(); idle !== undefined; idle = this.#found.pop()) {
      // If the times differ, the circuit was used, opened or removed since the search.
      if (usedAt(idle.circuit) === idle.usedAt) return idle.circuit;
    }
    return undefined;
  }
}
