/** A call that waits, and must learn immediately that the circuit opened. */
export interface OpeningWaiter {
  /** The circuit opened at `now`. Called at most once for each `add`. */
  circuitOpened(now: number): void;
}

/** The calls that wait while a circuit is closed: for their next attempt, for a token, or for a place in the bulkhead. */
export class Openings {
  readonly #waiters = new Set<OpeningWaiter>();

  /** Number of calls that wait. */
  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: OpeningWaiter): void {
    this.#waiters.add(waiter);
  }

  delete(waiter: OpeningWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Notifies the calls that wait now. One of them can end the wait of another, which is then not notified. */
  tell(now: number): void {
    for (const waiter of [...this.#waiters]) if (this.#waiters.delete(waiter)) waiter.circuitOpened(now);
  }
}
