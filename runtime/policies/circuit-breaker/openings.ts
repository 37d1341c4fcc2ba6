/** A call that waits, and must learn at once that the circuit opened. */
export interface OpeningWaiter {
  /** The circuit opened at `now`. Called at most once for each `add`. */
  circuitOpened(now: number): void;
}

/** A call that waits because the half-open circuit has given all its places to probes. */
export interface PlaceWaiter extends OpeningWaiter {
  /** The circuit closed, or a place for a probe is free. Called at most once for each `addForPlace`, and not after `circuitOpened`. */
  placeFree(now: number): void;
}

/** The calls that wait and depend on the state of a circuit: for their next attempt, for a token, for a place in the bulkhead or among the probes. */
export class Openings {
  readonly #waiters = new Set<OpeningWaiter>();
  /** Those of the waiters that also learn of a free place, in the order in which they came. Created for the first one. */
  #forPlace: Set<PlaceWaiter> | undefined;

  /** Number of calls that wait. */
  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: OpeningWaiter): void {
    this.#waiters.add(waiter);
  }

  addForPlace(waiter: PlaceWaiter): void {
    this.#waiters.add(waiter);
    this.#forPlace ??= new Set();
    this.#forPlace.add(waiter);
  }

  delete(waiter: OpeningWaiter): void {
    this.#waiters.delete(waiter);
    this.#forPlace?.delete(waiter as PlaceWaiter);
  }

  /** Tells the calls that wait now that the circuit opened. What one of them does can end the wait of another, which is then not told. */
  tell(now: number): void {
    this.#forPlace?.clear();
    for (const waiter of [...this.#waiters]) if (this.#waiters.delete(waiter)) waiter.circuitOpened(now);
  }

  /** Tells the first `places` calls that wait for a place. What one of them does can end the wait of another, which is then not told. */
  tellPlaces(now: number, places: number): void {
    let left = places;
    for (const waiter of [...(this.#forPlace ?? [])]) {
      if (left <= 0) return;
      if (!this.#forPlace?.delete(waiter)) continue;
      this.#waiters.delete(waiter);
      left--;
      waiter.placeFree(now);
    }
  }
}
