import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import type { Flight, Flights, Seat } from './flights.js';

/** A flow that can share its request with other flows. */
export interface SharingFlow extends Flow {
  /** True for a request that several calls share. */
  readonly shared: boolean;
  /** The seat of this flow while it waits for a shared request. */
  seat: Seat | undefined;
  /** Settles a shared request with a value. Every call that waits for it gets the value. */
  finish(value: unknown, now: number): void;
  /** Settles a shared request with a failure. Every call that waits for it gets the failure. */
  fail(failure: Failure, now: number): void;
}

/** Prepares requests and decides which calls can share one. */
export interface Sharer<F> {
  /** Prepares the request of the flow, then calls `next`. */
  prepare(flow: F, now: number, next: (flow: F, now: number) => void): void;
  /** What the call asks for; undefined if it shares its request with no other call. */
  keyOf(flow: F): string | undefined;
  /** Who asks. Calls share a request if they ask for the same, and the sender is the same. */
  senderOf(flow: F): string;
  /** The call's seat in the flight. `landed` and `failed` are called with the flow. */
  seat(flow: F, landed: Landed<F>, failed: Failed<F>): Seat;
  /** Creates the flow of a shared request for all seats of the flight. `first` is the call that starts it. */
  sharedRequest(flight: Flight, first: F): F;
}

type Landed<F> = (flow: F, value: unknown, now: number) => void;
type Failed<F> = (flow: F, failure: Failure, now: number) => void;

/** The link of coalescing. Outside this link a flow is a call; inside it, a flow is a request that calls can share. */
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
    // A timer fires late if the event loop was blocked.
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
