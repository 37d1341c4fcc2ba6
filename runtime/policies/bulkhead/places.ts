import type { ErrorPlace } from '../../errors/base.js';
import type { CallEvents } from '../call-events.js';
import { LIMITED, type LimitCount, type QueueCircuit, QueuedFlow, type QueueLink } from '../queue/queued-flow.js';
import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import type { Bulkhead } from './bulkhead.js';

/** A flow that needs a place in a bulkhead. */
export interface PlacedFlow extends Flow {
  /** True for a request that several calls share. */
  readonly shared: boolean;
  /** Whether the flow has a place. `over`: the flow has ended, and its requests on the wire still hold the place. */
  place: 'none' | 'held' | 'over';
  /** The entry in the queue while the flow waits. */
  queued: Place | undefined;
}

/** The entry of a flow in the queue for a place. */
export type Place = QueuedFlow<PlacedFlow>;

/**
 * The link of the bulkhead. A call holds one place for all its attempts, until it is over and the transport has released its last request. A
 * request can still be on the wire after its call has timed out.
 */
export class Places<F extends PlacedFlow> extends Link<F> implements QueueLink<F> {
  readonly #bulkhead: Bulkhead;
  readonly #events: CallEvents;
  readonly #where: ErrorPlace;
  readonly #counts: LimitCount;
  readonly #circuit: QueueCircuit;

  constructor(bulkhead: Bulkhead, events: CallEvents, where: ErrorPlace, counts: LimitCount, circuit: QueueCircuit) {
    super();
    this.#circuit = circuit;
    this.#bulkhead = bulkhead;
    this.#events = events;
    this.#where = where;
    this.#counts = counts;
  }

  override enter(flow: F, now: number): void {
    if (this.#bulkhead.enter()) {
      flow.place = 'held';
      this.inner.enter(flow, now);
      return;
    }
    // An open circuit refuses the call anyway, so the call does not wait for a place first.
    if (this.#circuit.isOpen(now)) {
      this.inner.enter(flow, now);
      return;
    }
    const place = new QueuedFlow<PlacedFlow>(this, flow);
    const { placeWaitMs } = flow.settings;
    // A call with a later deadline can join a shared request while it waits. Each of its calls ends its own wait, and the last one that of the request.
    const remaining = flow.shared ? Number.POSITIVE_INFINITY : flow.until - now;
    flow.phase = 'queued';
    flow.queued = place;
    flow.waiting = place;
    if (this.#bulkhead.wait(place, Math.min(placeWaitMs, remaining), now, placeWaitMs <= remaining)) this.#circuit.openings.add(place);
    else this.#full(flow, 'queue_full', now);
  }

  /** Called when the flow gets a place. */
  granted(flow: F, now: number): void {
    flow.place = 'held';
    this.#waitsNoMore(flow);
    flow.phase = 'preparing';
    this.inner.enter(flow, now);
  }

  /** Called when the wait has expired. */
  refused(flow: F, _retryAfterMs: number, now: number): void {
    if (now < flow.until) this.#full(flow, 'wait_timeout', now);
    else {
      this.#waitsNoMore(flow);
      flow.expire(now);
    }
  }

  /** Called when the circuit opens while the flow waits. The circuit refuses the flow, so the flow needs no place. */
  circuitOpened(flow: F, place: Place, now: number): void {
    // A listener can have closed the circuit again.
    if (!this.#circuit.isOpen(now)) {
      this.#circuit.openings.add(place);
      return;
    }
    this.#waitsNoMore(flow);
    this.#bulkhead.withdraw(place);
    flow.phase = 'preparing';
    this.inner.enter(flow, now);
  }

  override succeeded(flow: F, value: unknown, now: number): void {
    this.#end(flow);
    this.outer.succeeded(flow, value, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    // Released before the fallback runs, because a fallback sends nothing to the service.
    this.#end(flow);
    this.outer.failed(flow, failure, now);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    const { queued } = flow;
    if (queued !== undefined) {
      this.#waitsNoMore(flow);
      this.#bulkhead.withdraw(queued);
      return 'released';
    }
    const outcome = this.inner.leave(flow, now, expiry);
    this.#end(flow);
    return outcome;
  }

  override gone(flow: F): void {
    if (flow.place === 'over') this.#end(flow);
    this.outer.gone(flow);
  }

  /** Releases the place of a flow that is over, or lets `gone` release it once the transport has released the flow's requests. */
  #end(flow: F): void {
    if (flow.place === 'none') return;
    if (flow.onWire > 0) {
      flow.place = 'over';
      return;
    }
    flow.place = 'none';
    this.#bulkhead.leave();
  }

  #waitsNoMore(flow: F): void {
    if (flow.queued !== undefined) this.#circuit.openings.delete(flow.queued);
    flow.queued = undefined;
    flow.waiting = undefined;
  }

  #full(flow: F, reason: 'queue_full' | 'wait_timeout', now: number): void {
    this.#waitsNoMore(flow);
    this.#counts.limited++;
    this.#events.limited(flow, 'bulkhead', 0);
    if (flow.over) return;
    const error = this.#bulkhead.fullError(reason, this.#where);
    this.outer.failed(flow, { ...LIMITED, error, cause: error.kind }, now);
  }
}
