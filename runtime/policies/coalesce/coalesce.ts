import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenFunction, givenSignal } from '../../errors/given.js';
import { CURRENT, userFunction } from '../../user-code.js';
import { AbortFollower, follow } from '../abort-hub.js';
import { copyOf } from '../fallback/fallback.js';

/** One caller that waits for shared work. */
export interface Seat {
  /** The flight that this seat belongs to; undefined once the caller left or the work ended. */
  flight: Flight | undefined;
  /** The time until which the caller waits, in the clock's monotonic time. */
  readonly until: number;
  /**
   * Called when the work succeeded. `value` is this seat's own copy; `work` is the object that did the work. Exactly one of `onLanded` and
   * `onFailed` is called, once, unless the seat left.
   */
  onLanded(value: unknown, work: unknown): void;
  onFailed(error: unknown, work: unknown): void;
}

/** Shared work in flight, and all seats that wait for it. */
export class Flight {
  readonly #seats = new Set<Seat>();
  readonly #onOver: () => void;
  /** Cancels the work. Called when no seat waits for it any more. Set by the code that starts the work. */
  cancel: (timedOut: boolean) => void = () => undefined;
  /** The object that does the work, for seats that need more than its result. */
  work: unknown;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  get seats(): number {
    return this.#seats.size;
  }

  /** The latest time until which a seat waits. */
  get until(): number {
    let until = 0;
    for (const seat of this.#seats) until = Math.max(until, seat.until);
    return until;
  }

  board(seat: Seat): void {
    seat.flight = this;
    this.#seats.add(seat);
  }

  leave(seat: Seat, timedOut: boolean): boolean {
    if (!this.#seats.delete(seat)) return false;
    seat.flight = undefined;
    if (this.#seats.size === 0) {
      // Removed before the cancellation: the next caller must not join work that is being cancelled.
      this.#onOver();
      this.cancel(timedOut);
    }
    return true;
  }

  /** Ends the flight with a value. Every seat gets its own copy of it. */
  land(value: unknown): void {
    const seats = this.#clear();
    // Most flights have one seat, which needs no copy.
    if (seats.length === 1) {
      seats[0]?.onLanded(value, this.work);
      return;
    }
    // All copies are made first: a caller that already has the value could change it.
    const values = seats.map((_, at) => (at === 0 ? { value } : tryCopy(value)));
    for (const [at, seat] of seats.entries()) {
      const own = values[at];
      if (own !== undefined && 'value' in own) seat.onLanded(own.value, this.work);
      else seat.onFailed(own?.error, this.work);
    }
  }

  fail(error: unknown): void {
    for (const seat of this.#clear()) seat.onFailed(error, this.work);
  }

  #clear(): readonly Seat[] {
    this.#onOver();
    const seats = [...this.#seats];
    this.#seats.clear();
    for (const seat of seats) {
      seat.flight = undefined;
    }
    return seats;
  }
}

/** A snapshot of a coalescer. Counters start at 0 when the coalescer is created. */
export interface CoalescerStats {
  /** Runs in flight now. */
  readonly inFlight: number;
  /** Runs started. */
  readonly started: number;
  /** Callers that joined a run already in flight. */
  readonly joined: number;
}

/**
 * Shares one run between callers that ask for the same key at the same time. It is not a cache: once the run has ended, with a result or an error,
 * the next caller starts a new one. Each caller keeps its own signal and gets its own copy of the result. The run is aborted when the last caller
 * leaves.
 *
 * @example
 * const coalescer = new Coalescer();
 * const rates = await coalescer.run('rates/EUR', ({ signal }) => loadRates('EUR', { signal }), { signal: mine });
 */
export class Coalescer {
  readonly #flights = new Map<string, Flight>();
  #started = 0;
  #joined = 0;

  /** Adds the seat to the flight of the key. If there is none, creates a flight and calls `start` with it. */
  join(key: string, seat: Seat, start: (flight: Flight) => void): void {
    const found = this.#flights.get(key);
    if (found !== undefined) {
      this.#joined++;
      found.board(seat);
      return;
    }
    const flight: Flight = new Flight(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    this.#started++;
    flight.board(seat);
    start(flight);
  }

  /**
   * Runs `fn`, or waits for the run already in flight under the same key. The signal passed to `fn` aborts once no caller waits any more. Every
   * caller except the first gets a copy made by `structuredClone`. If the result cannot be copied, those callers get an error.
   *
   * @throws {ConfigurationError} if `key` is not a string, `fn` is not a function, or `signal` is not an `AbortSignal`.
   */
  run<T>(
    key: string,
    fn: (context: { readonly signal: AbortSignal }) => T | PromiseLike<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (typeof key !== 'string') throw new ConfigurationError('key', key, 'a string');
      givenFunction('fn', fn);
      const { signal } = options;
      if (signal !== undefined) givenSignal('signal', signal);
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const seat = new PromiseSeat(resolve as (value: unknown) => void, reject, signal);
      this.join(key, seat, (flight) => {
        const aborter = new AbortController();
        flight.cancel = () => aborter.abort(new DOMException('no one waits for it any more', 'AbortError'));
        // Called inside a promise, so that a synchronous exception becomes a rejection.
        void new Promise<T>((start) => start(CURRENT.call(userFunction(fn), { signal: aborter.signal }))).then(
          (value) => flight.land(value),
          (error: unknown) => flight.fail(error),
        );
      });
    });
  }

  stats(): CoalescerStats {
    return { inFlight: this.#flights.size, started: this.#started, joined: this.#joined };
  }
}

class PromiseSeat implements Seat {
  flight: Flight | undefined = undefined;
  readonly until = Number.POSITIVE_INFINITY;
  readonly #follower: AbortFollower | undefined;

  constructor(
    readonly resolve: (value: unknown) => void,
    readonly reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    if (signal === undefined) return;
    this.#follower = new SeatFollower((reason) => {
      this.flight?.leave(this, false);
      this.reject(reason);
    });
    follow(signal, this.#follower);
  }

  onLanded(value: unknown): void {
    this.#follower?.unfollow();
    this.resolve(value);
  }

  onFailed(error: unknown): void {
    this.#follower?.unfollow();
    this.reject(error);
  }
}

class SeatFollower extends AbortFollower {
  constructor(readonly onCallerAbort: (reason: unknown) => void) {
    super();
  }
}

function tryCopy(value: unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: copyOf(value) };
  } catch (error) {
    return { error };
  }
}
