import type { TimeoutError } from '../../errors/call-errors.js';
import { copyOf } from '../fallback/fallback.js';

/** One caller that waits for shared work. */
export interface Seat {
  /** The flight in which it sits; undefined once it left or the work ended. */
  flight: Flight | undefined;
  /** How long the caller waits, by the clock's monotonic time. */
  readonly until: number;
  /** The work succeeded; the value is this seat's own copy. One of the two is called, once, unless the seat left. `work` is what did it. */
  onLanded(value: unknown, work: Work | undefined): void;
  onFailed(error: unknown, work: Work | undefined): void;
}

/** The object that does the work of a flight. */
export interface Work {
  /** What the work is doing, for the errors of seats whose time is up. */
  readonly doing?: TimeoutError['phase'];
  /** Ends the work, because no seat waits for it any more. */
  cancel(timedOut: boolean): void;
}

/** One piece of work in flight and all seats that wait for it. */
export class Flight {
  readonly key: string;
  readonly sender: string;
  readonly #flights: Map<string, Flight>;
  /** Most flights have one seat, which needs no set. */
  #only: Seat | undefined;
  #seats: Set<Seat> | undefined = undefined;
  /** Set by the code that starts the work. */
  work: Work | undefined = undefined;

  /** `flights`: where it is found under `key`, until its work ends. */
  constructor(flights: Map<string, Flight>, key: string, sender: string, first: Seat) {
    this.#flights = flights;
    this.key = key;
    this.sender = sender;
    this.#only = first;
    first.flight = this;
  }

  get seats(): number {
    return this.#seats?.size ?? (this.#only === undefined ? 0 : 1);
  }

  /** The latest time until which a seat waits. */
  get until(): number {
    if (this.#seats === undefined) return this.#only?.until ?? 0;
    let until = 0;
    for (const seat of this.#seats) until = Math.max(until, seat.until);
    return until;
  }

  board(seat: Seat): void {
    seat.flight = this;
    if (this.#seats !== undefined) this.#seats.add(seat);
    else if (this.#only === undefined) this.#only = seat;
    else {
      this.#seats = new Set([this.#only, seat]);
      this.#only = undefined;
    }
  }

  leave(seat: Seat, timedOut: boolean): void {
    if (seat.flight !== this) return;
    seat.flight = undefined;
    if (this.#seats === undefined) this.#only = undefined;
    else this.#seats.delete(seat);
    if (this.seats > 0) return;
    // Before the work is ended: the next caller must not join it.
    this.#over();
    this.work?.cancel(timedOut);
  }

  /** The work succeeded. Every seat gets its own copy of the value. */
  land(value: unknown): void {
    this.#over();
    const only = this.#only;
    if (only !== undefined) {
      this.#only = undefined;
      only.flight = undefined;
      only.onLanded(value, this.work);
      return;
    }
    const seats = this.#clear();
    // Copied before a caller can change it.
    const values = seats.map((_, at) => (at === 0 ? { value } : tryCopy(value)));
    for (const [at, seat] of seats.entries()) {
      const own = values[at];
      if (own !== undefined && 'value' in own) seat.onLanded(own.value, this.work);
      else seat.onFailed(own?.error, this.work);
    }
  }

  fail(error: unknown): void {
    this.#over();
    for (const seat of this.#clear()) seat.onFailed(error, this.work);
  }

  #over(): void {
    if (this.#flights.get(this.key) === this) this.#flights.delete(this.key);
  }

  #clear(): readonly Seat[] {
    const seats = this.#only === undefined ? [...(this.#seats ?? [])] : [this.#only];
    this.#only = undefined;
    this.#seats?.clear();
    for (const seat of seats) seat.flight = undefined;
    return seats;
  }
}

/** The flights that callers can join, by what is asked for and who asks. */
export class Flights {
  /** By what is asked for alone, because the name of a sender is long. */
  readonly #byKey = new Map<string, Flight>();
  /** Flights for what was asked for while another sender's flight for the same was under way. */
  readonly #rivals = new Map<string, Flight>();
  started = 0;
  joined = 0;

  get inFlight(): number {
    return this.#byKey.size + this.#rivals.size;
  }

  /** Takes a seat in the flight of that key and sender. If there is no such flight, returns a new one, whose work must be started. */
  board(key: string, sender: string, seat: Seat): Flight | undefined {
    const found = this.#byKey.get(key);
    if (found !== undefined && found.sender === sender) return this.#join(found, seat);
    const rival = found === undefined && this.#rivals.size === 0 ? '' : rivalKey(key, sender);
    const late = rival === '' ? undefined : this.#rivals.get(rival);
    if (late !== undefined) return this.#join(late, seat);
    this.started++;
    const flights = found === undefined ? this.#byKey : this.#rivals;
    const flight = new Flight(flights, found === undefined ? key : rival, sender, seat);
    flights.set(flight.key, flight);
    return flight;
  }

  #join(flight: Flight, seat: Seat): undefined {
    this.joined++;
    flight.board(seat);
  }
}

/** Begins with a length, so that no key of one sender is the key of another sender. */
function rivalKey(key: string, sender: string): string {
  return `${key.length} ${key}${sender}`;
}

function tryCopy(value: unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: copyOf(value) };
  } catch (error) {
    return { error };
  }
}
