import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import type { Flight, Flights, Seat } from './flights.js';

/** A flow that may share its request with others. */
export interface SharingFlow extends Flow {
  /** True for a request that several calls share. */
  readonly shared: boolean;
  /** Its seat, while it waits for a request that it shares. */
  seat: Seat | undefined;
  /** Settles a shared request: every call that waits for it gets the value, or the failure. */
  finish(value: unknown, now: number): void;
  fail(failure: Failure, now: number): void;
}

/** What sharing needs to know of a call before it can share: its request. */
export interface Sharer<F> {
  /** Prepares the flow's request, and then calls `next`. */
  prepare(flow: F, now: number, next: (flow: F, now: number) => void): void;
  /** What the call asks for; undefined if it shares its request with no other call. */
  keyOf(flow: F): string | undefined;
  /** Who asks. Calls share a request if they ask for the same, and the sender is the same. */
  senderOf(flow: F): string;
  /** The call's seat in the flight. `landed` and `failed` are called with the flow. */
  seat(flow: F, landed: Landed<F>, failed: Failed<F>): Seat;
  /** A flow for the request of all that have a seat in the flight, begun by `first`. */
  sharedRequest(flight: Flight, first: F): F;
}

type Landed<F> = (flow: F, value: unknown, now: number) => void;
type Failed<F> = (flow: F, failure: Failure, now: number) => void;

/** Coalescing in the chain. Further out flows are calls; further in they are the requests that calls share. */
export class Sharing<F extends SharingFlow> extends Link<F> {
  readonly #flights: Flights;
  readonly #sharer: Sharer<F>;

  constructor(flights: Flights, sharer: Sharer<F>) {
    super();
    this.#flights = flights;
    this.#sharer = sharer;
  }

  override enter(flow: F, now: number): void {
    this.#sharer.prepare(flow, now, this.#join);
  }

  override succeeded(flow: F, value: unknown, now: number): void {
    if (flow.shared) flow.finish(value, now);
    else this.outer.succeeded(flow, value, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    if (flow.shared) flow.fail(failure, now);
    else this.outer.failed(flow, failure, now);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    const { seat } = flow;
    if (seat === undefined) return this.inner.leave(flow, now, expiry);
    flow.seat = undefined;
    seat.flight?.leave(seat, expiry !== undefined);
    return 'released';
  }

  readonly #join = (flow: F, now: number): void => {
    const key = this.#sharer.keyOf(flow);
    if (key === undefined) {
      this.inner.enter(flow, now);
      return;
    }
    // Timers come late if the event loop was blocked.
    if (now >= flow.until) {
      flow.expire(now);
      return;
    }
    flow.phase = 'waiting';
    const seat = this.#sharer.seat(flow, this.#landed, this.#missed);
    flow.seat = seat;
    const flight = this.#flights.board(key, this.#sharer.senderOf(flow), seat);
    if (flight !== undefined) this.inner.enter(this.#sharer.sharedRequest(flight, flow), now);
  };

  readonly #landed: Landed<F> = (flow, value, now) => {
    flow.seat = undefined;
    this.outer.succeeded(flow, value, now);
  };

  readonly #missed: Failed<F> = (flow, failure, now) => {
    flow.seat = undefined;
    this.outer.failed(flow, failure, now);
  };
}
