/** A call that waits, and must learn immediately that the circuit opened. */
export interface OpeningWaiter {
  /** The circuit opened at `now`. Called at most once for each `add`. */
  circuitOpened(now: number): void;
}

/** A call that waits because the half-open circuit has given all its places to probes. */
export interface PlaceWaiter extends OpeningWaiter {
  /** The circuit closed, or a place for a probe is free. Called at most once for each `addForPlace`, and not after `circuitOpened`. */
  placeFree(now: number): void;
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

/** The calls that wait and depend on the state of a circuit: for their next attempt, for a token, for a place in the bulkhead or among the probes. */
export class Openings {
  readonly #waiters = new Set<OpeningWaiter>();
  readonly #circuit: WaitedFor | undefined;
  /** Those of the waiters that also learn of a free place, in the order in which they came. Created for the first one. */
  #forPlace: Set<PlaceWaiter> | undefined;

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

  addForPlace(waiter: PlaceWaiter): void {
    this.add(waiter);
    this.#forPlace ??= new Set();
    this.#forPlace.add(waiter);
  }

  delete(waiter: OpeningWaiter): void {
    this.#waiters.delete(waiter);
    this.#forPlace?.delete(waiter as PlaceWaiter);
    if (this.#waiters.size === 0) following.delete(this);
  }

  /** Called when the circuit follows other circuits than before. */
  followsChanged(): void {
    if (this.#waiters.size > 0 && this.#circuit?.follows === true) following.add(this);
  }

  /** Tells the calls that wait now if their circuit refuses calls because of one that it follows. */
  tellIfBlocked(): void {
    const now = this.#circuit?.clock.now();
    // Stryker disable next-line OptionalChaining: for the types; only a circuit has a time.
    if (now !== undefined && this.#circuit?.blockedBy(now) !== undefined) this.tell(now);
  }

  /** Notifies the calls that wait now. One of them can end the wait of another, which is then not notified. */
  tell(now: number): void {
    this.#forPlace?.clear();
    for (const waiter of [...this.#waiters]) if (this.#waiters.delete(waiter)) waiter.circuitOpened(now);
    if (this.#waiters.size === 0) following.delete(this);
  }

  /** Notifies the first `places` calls that wait for a place. One of them can end the wait of another, which is then not notified. */
  tellPlaces(now: number, places: number): void {
    let left = places;
    for (const waiter of [...(this.#forPlace ?? [])]) {
      if (left <= 0) return;
      if (!this.#forPlace?.has(waiter)) continue;
      this.delete(waiter);
      left--;
      waiter.placeFree(now);
    }
  }
}

/** Tells the calls that wait at circuits that follow an open circuit, directly or through others. Called when a circuit opens. */
export function tellFollowers(): void {
  for (const openings of [...following]) openings.tellIfBlocked();
}
