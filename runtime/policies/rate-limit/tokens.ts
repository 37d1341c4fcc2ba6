import type { ErrorPlace } from '../../errors/base.js';
import type { CallEvents } from '../call-events.js';
import { LIMITED, type LimitCount, type QueueCircuit, QueuedFlow, type QueueLink } from '../queue/queued-flow.js';
import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import type { RateLane } from './rate-lane.js';
import type { RateLimiter } from './rate-limiter.js';

/** A flow whose attempts take tokens. */
export interface LimitedFlow extends Flow {
  /** The tokens of its sender. */
  lane: RateLane | undefined;
  /** Number of attempts made when the flow took its token; -1 if it has none. */
  tokenAt: number;
  /** The entry in the queue while the flow waits for a token. */
  ticket: Ticket | undefined;
  /** The key of the sender. Each sender has its own tokens. */
  readonly laneKey: string;
}

/** The entry of a flow in the queue for a token. */
export type Ticket = QueuedFlow<LimitedFlow>;

/** The link of the rate limit. Each attempt takes one token. The token is given back if the request was not sent. */
export class Tokens<F extends LimitedFlow> extends Link<F> implements QueueLink<F> {
  readonly #limiter: RateLimiter;
  readonly #events: CallEvents;
  readonly #where: ErrorPlace;
  readonly #counts: LimitCount;
  readonly #circuit: QueueCircuit;

  constructor(limiter: RateLimiter, events: CallEvents, where: ErrorPlace, counts: LimitCount, circuit: QueueCircuit) {
    super();
    this.#circuit = circuit;
    this.#limiter = limiter;
    this.#events = events;
    this.#where = where;
    this.#counts = counts;
  }

  override enter(flow: F, now: number): void {
    const lane = this.#limiter.lane(flow.laneKey);
    flow.lane = lane;
    if (lane.enter(now)) {
      flow.tokenAt = flow.attempts;
      this.inner.enter(flow, now);
      return;
    }
    // An open circuit refuses the call anyway, so the call does not wait for a token first.
    if (this.#circuit.isOpen(now)) {
      this.inner.enter(flow, now);
      return;
    }
    const ticket = new QueuedFlow<LimitedFlow>(this, flow);
    flow.ticket = ticket;
    const retryAfterMs = lane.wait(ticket, Math.min(flow.settings.tokenWaitMs, flow.until - now), now);
    if (retryAfterMs > 0) this.refused(flow, retryAfterMs, now);
    else this.#circuit.openings.add(ticket);
  }

  /** Called when the flow gets a token. */
  granted(flow: F, now: number): void {
    this.#waitsNoMore(flow);
    flow.tokenAt = flow.attempts;
    this.inner.enter(flow, now);
  }

  /** Called when no token is available in time. `retryAfterMs` is the wait that the flow would need, in milliseconds. */
  refused(flow: F, retryAfterMs: number, now: number): void {
    this.#waitsNoMore(flow);
    this.#counts.limited++;
    this.#events.limited(flow, 'rate_limit', retryAfterMs);
    if (flow.over) return;
    const error = this.#limiter.limitedError(retryAfterMs, this.#where);
    this.outer.failed(flow, { ...LIMITED, error, cause: error.kind }, now);
  }

  /** Called when the circuit opens while the flow waits. The circuit refuses the flow, so the flow needs no token. */
  circuitOpened(flow: F, ticket: Ticket, now: number): void {
    // A listener can have closed the circuit again.
    if (!this.#circuit.isOpen(now)) {
      this.#circuit.openings.add(ticket);
      return;
    }
    this.#waitsNoMore(flow);
    flow.lane?.withdraw(ticket);
    this.inner.enter(flow, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    this.#refundUnsent(flow);
    this.outer.failed(flow, failure, now);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    const { ticket } = flow;
    if (ticket !== undefined) {
      this.#waitsNoMore(flow);
      flow.lane?.withdraw(ticket);
      return 'released';
    }
    const outcome = this.inner.leave(flow, now, expiry);
    this.#refundUnsent(flow);
    return outcome;
  }

  override heard(flow: F, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (flow.lane !== undefined) this.#limiter.heard(flow.lane, status, headers);
    this.outer.heard(flow, status, headers);
  }

  #waitsNoMore(flow: F): void {
    if (flow.ticket !== undefined) this.#circuit.openings.delete(flow.ticket);
    flow.ticket = undefined;
  }

  #refundUnsent(flow: F): void {
    if (flow.tokenAt !== flow.attempts) return;
    flow.tokenAt = -1;
    flow.lane?.refund();
  }
}
