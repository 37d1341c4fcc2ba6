import { BreakerCounters } from './counters.js';

/** What the circuits of each service had counted when a registry forgot them: sums over a service must not fall. */
export class RetiredCounts {
  readonly #byService = new Map<string, BreakerCounters>();
  readonly #mostServices: number;

  /** `mostServices`: if each circuit is a service of its own, there are no more sums than there can be circuits. The oldest sum goes first. */
  constructor(mostServices: number) {
    this.#mostServices = mostServices;
  }

  get byService(): ReadonlyMap<string, Readonly<BreakerCounters>> {
    return this.#byService;
  }

  add(service: string, counters: Readonly<BreakerCounters>): void {
    let sum = this.#byService.get(service);
    if (sum === undefined) {
      const oldest = this.#byService.size < this.#mostServices ? undefined : this.#byService.keys().next().value;
      // Stryker disable next-line ConditionalExpression: for the types; there is an oldest one among so many.
      if (oldest !== undefined) this.#byService.delete(oldest);
      sum = new BreakerCounters();
      this.#byService.set(service, sum);
    }
    sum.add(counters);
  }
}
