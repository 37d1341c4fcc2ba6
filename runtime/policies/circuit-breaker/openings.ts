/** A call that waits, and must learn immediately that the circuit opened. */
export interface OpeningWaiter {
  /** The circuit opened at `now`. Called at most once for each `add`. */
  circuitOpened(now: number): void;
}

/** The circuit of the calls that wait. */
export interface WaitedFor {
  readonly clock: { now(): number };
  readonly follows: boolean;
  /** The open circuit because of which this one refuses calls. */
  blockedBy(now: number): unknown;
}

/** Those of circuits that follow others, while calls wait. A circuit that opens cannot know its followers: they find it by name. */
const following = new Set<Openings>();

/** The calls that wait while a circuit is closed: for their next attempt, for a token, or for a place in the bulkhead. */
export class Openings {
  readonly #waiters = new Set<OpeningWaiter>();
  readonly #circuit: WaitedFor | undefined;

  constructor(circuit?: WaitedFor) {
    this.#circuit = circuit;
  }

  /** Number of calls that wait. */
  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: OpeningWaiter): void {
    this.#waiters.add(waiter);
    this.followsChanged();
  }

  delete(waiter: OpeningWaiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) following.delete(this);
  }

  /** Called when the circuit follows other circuits than before. */
  followsChanged(): void {
    if (this.#waiters.size > 0 && this.#circuit?.follows === true) following.add(this);
  }

  /** Tells the calls that wait now if their circuit refuses calls because of one that it follows. */
  tellIfBlocked(): void {
    const now = this.#circuit?.clock.now();
    if (now !== undefined && this.#circuit?.blockedBy(now) !== undefined) this.tell(now);
  }

  /** Notifies the calls that wait now. One of them can end the wait of another, which is then not notified. */
  tell(now: number): void {
    for (const waiter of [...this.#waiters]) if (this.#waiters.delete(waiter)) waiter.circuitOpened(now);
    if (this.#waiters.size === 0) following.delete(this);
  }
}

/** Tells the calls that wait at circuits that follow an open circuit, directly or through others. Called when a circuit opens. */
export function tellFollowers(): void {
  for (const openings of [...following]) openings.tellIfBlocked();
}
