import { BreakerCounters } from './counters.js';

/** The counts of removed circuits, summed by service. Without them, the totals of a service would decrease when a circuit is removed. */
export class RetiredCounts {
  readonly #byService = new Map<string, BreakerCounters>();
  readonly #mostServices: number;

  /** `mostServices` is the largest number of sums, equal to the largest number of circuits. Beyond it, the oldest sum is removed. */
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
