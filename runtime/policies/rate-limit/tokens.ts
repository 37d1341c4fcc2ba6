import type { ErrorPlace } from '../../errors/base.js';
import { LIMITED, type LimitCount } from '../bulkhead/places.js';
import type { CallEvents } from '../call-events.js';
import { Waiter } from '../queue/wait-queue.js';
import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import type { RateLane } from './rate-lane.js';
import type { RateLimiter } from './rate-limiter.js';

/** A flow whose attempts take tokens. */
export interface LimitedFlow extends Flow {
  /** The tokens of its sender. */
  lane: RateLane | undefined;
  /** How many attempts were made when its token was taken; -1 without one. */
  tokenAt: number;
  /** Its place in line, while it waits for a token. */
  ticket: Ticket | undefined;
  /** The sender, whose tokens are its own. */
  readonly laneKey: string;
}

/** What tokens need of the circuit further in. */
export interface ClosedOrOpen {
  isOpen(now: number): boolean;
}

/** The rate limit in the chain: one token for each attempt. A token whose request was not sent is given back. */
export class Tokens<F extends LimitedFlow> extends Link<F> {
  readonly #limiter: RateLimiter;
  readonly #events: CallEvents;
  readonly #where: ErrorPlace;
  readonly #counts: LimitCount;
  readonly #circuit: ClosedOrOpen;

  constructor(limiter: RateLimiter, events: CallEvents, where: ErrorPlace, counts: LimitCount, circuit: ClosedOrOpen) {
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
    // A call does not wait for a token to be refused by an open circuit.
    if (this.#circuit.isOpen(now)) {
      this.inner.enter(flow, now);
      return;
    }
    const ticket = new Ticket(this, flow);
    flow.ticket = ticket;
    const retryAfterMs = lane.wait(ticket, Math.min(flow.settings.tokenWaitMs, flow.until - now), now);
    if (retryAfterMs > 0) this.refused(flow, retryAfterMs, now);
  }

  /** The token is there. */
  granted(flow: F, now: number): void {
    flow.ticket = undefined;
    flow.tokenAt = flow.attempts;
    this.inner.enter(flow, now);
  }

  /** The token would come too late. */
  refused(flow: F, retryAfterMs: number, now: number): void {
    flow.ticket = undefined;
    this.#counts.limited++;
    this.#events.limited(flow, 'rate_limit', retryAfterMs);
    if (flow.over) return;
    const error = this.#limiter.limitedError(retryAfterMs, this.#where);
    this.outer.failed(flow, { ...LIMITED, error, cause: error.kind }, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    this.#refundUnsent(flow);
    this.outer.failed(flow, failure, now);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    const { ticket } = flow;
    if (ticket !== undefined) {
      flow.ticket = undefined;
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

  #refundUnsent(flow: F): void {
    if (flow.tokenAt !== flow.attempts) return;
    flow.tokenAt = -1;
    flow.lane?.refund();
  }
}

/** What a place in line tells of its end. */
interface TicketOwner {
  granted(flow: LimitedFlow, now: number): void;
  refused(flow: LimitedFlow, retryAfterMs: number, now: number): void;
}

/** A flow's place in line for a token. */
export class Ticket extends Waiter {
  readonly #tokens: TicketOwner;
  readonly #flow: LimitedFlow;

  constructor(tokens: TicketOwner, flow: LimitedFlow) {
    super();
    this.#tokens = tokens;
    this.#flow = flow;
  }

  override onGranted(now: number): void {
    this.#tokens.granted(this.#flow, now);
  }

  override onRefused(retryAfterMs: number, now: number): void {
    this.#tokens.refused(this.#flow, retryAfterMs, now);
  }
}
