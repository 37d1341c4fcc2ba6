import type { Clock } from '../../clock.js';
import { type SignInOutage, signInOutages } from '../../observe/sign-in-outages.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';

/** How long an order by requests is reused, in milliseconds. Sorting many circuits each second would cost more than showing them. */
const ORDER_MS = 5_000;

/**
 * Selects the circuits of the page. A registry can hold a hundred thousand circuits, too many for a page. Then it selects circuits with problems, and
 * after them those with the most requests.
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

  /** Returns the selected circuits, and the number of the others. */
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

  /** The sign-ins that fail until a person mends them. */
  get outages(): readonly SignInOutage[] {
    return signInOutages(this.#registry, this.#clock.wallNow());
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
