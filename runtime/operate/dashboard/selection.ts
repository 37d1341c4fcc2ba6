import type { Clock } from '../../clock.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';

/** How long the order by requests holds, in milliseconds: sorting many circuits each second would cost more than showing them. */
const ORDER_MS = 5_000;

/**
 * The circuits that are shown. A registry may hold a hundred thousand, which no page shows and nobody reads: then it is those that are not well,
 * and after them those with the most requests.
 */
export class Selection {
  readonly #registry: BreakerRegistry;
  readonly #clock: Clock;
  readonly #most: number;
  #busiest: readonly CircuitBreaker[] = [];
  #sortedAt = Number.NEGATIVE_INFINITY;

  constructor(registry: BreakerRegistry, clock: Clock, most: number) {
    this.#registry = registry;
    this.#clock = clock;
    this.#most = most;
  }

  /** Those that are shown now, and how many are not. */
  now(): { readonly circuits: readonly CircuitBreaker[]; readonly left: number } {
    const all = this.#registry.list();
    if (all.length <= this.#most) return { circuits: all, left: 0 };
    const chosen = new Set(all.filter(isProblem).slice(0, this.#most));
    const known = new Set(all);
    for (const circuit of this.#byRequests(all)) {
      if (chosen.size === this.#most) break;
      if (known.has(circuit)) chosen.add(circuit);
    }
    return { circuits: [...chosen], left: all.length - chosen.size };
  }

  #byRequests(all: readonly CircuitBreaker[]): readonly CircuitBreaker[] {
    const now = this.#clock.now();
    if (now - this.#sortedAt < ORDER_MS) return this.#busiest;
    this.#sortedAt = now;
    this.#busiest = [...all].sort((a, b) => b.counters.requests - a.counters.requests).slice(0, 2 * this.#most);
    return this.#busiest;
  }
}

function isProblem(circuit: CircuitBreaker): boolean {
  return circuit.state !== 'closed' || circuit.blockedBy() !== undefined;
}
