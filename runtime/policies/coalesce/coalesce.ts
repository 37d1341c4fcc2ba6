import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenFunction, givenSignal } from '../../errors/given.js';
import { CURRENT, captureScope, userFunction, userObject } from '../../user-code.js';
import { AbortFollower, follow } from '../abort-hub.js';
import { copyOf } from '../fallback/fallback.js';

/** One caller that waits for shared work. */
export interface Seat {
  /** The flight in which it sits; undefined once it left or the work ended. */
  flight: Flight | undefined;
  /** How long the caller waits, by the clock's monotonic time. */
  readonly until: number;
  /** The work succeeded; the value is this seat's own copy. One of the two is called, once, unless the seat left. `work` is what did it. */
  onLanded(value: unknown, work: unknown): void;
  onFailed(error: unknown, work: unknown): void;
}

/** One piece of work in flight and all seats that wait for it. */
export class Flight {
  readonly #seats = new Set<Seat>();
  readonly #onOver: () => void;
  /** Ends the work, because no seat waits for it any more. Set by the code that starts the work. */
  cancel: (timedOut: boolean) => void = () => undefined;
  /** The object that does the work, for seats that need more of it than its result. */
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
      // At once: the next caller must not join work that is being ended.
      this.#onOver();
      this.cancel(timedOut);
    }
    return true;
  }

  /** The work succeeded. Every seat gets its own copy of the value. */
  land(value: unknown): void {
    const seats = this.#clear();
    // Most flights have one seat, which needs no copy.
    if (seats.length === 1) {
      seats[0]?.onLanded(value, this.work);
      return;
    }
    // Copied before a caller can change it.
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

/** Coalescing at one moment. Counters run since it was made. */
export interface CoalescerStats {
  /** Pieces of work in flight now. */
  readonly inFlight: number;
  /** Pieces of work started. */
  readonly started: number;
  /** Callers who joined work that was already in flight. */
  readonly joined: number;
}

/**
 * Lets callers who ask for the same thing at the same time share one piece of work. Not a cache: once the work has ended, well or badly, the
 * next caller starts new work. Each caller keeps its own signal and gets a copy of the result. The work ends when its last caller leaves.
 *
 * @example
 * const coalescer = new Coalescer();
 * const rates = await coalescer.run('rates/EUR', ({ signal }) => loadRates('EUR', { signal }), { signal: mine });
 */
export class Coalescer {
  readonly #flights = new Map<string, Flight>();
  #started = 0;
  #joined = 0;

  /** Takes a seat in the flight of that key. If there is no such flight, calls `start` with a new one. */
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
   * Runs `fn`, or waits for the run that is in flight under that key. The signal of `fn` aborts once no caller waits any more. All callers but
   * the first get a copy by `structuredClone`; a result that cannot be copied is an error for them.
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
        // The listeners of its signal belong to the work, and the last caller to leave may be in the context of another tenant.
        const scope = captureScope();
        flight.cancel = () => scope.invoke(userObject(aborter), 'abort', new DOMException('no one waits for it any more', 'AbortError'));
        // In a promise, so that a synchronous throw is a rejection.
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
