import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { CircuitOpenError } from '../../errors/call-errors.js';
import { timeoutCause } from '../../errors/cause.js';
import type { CallEvents } from '../call-events.js';
import { type Expiry, type Failure, type Flow, Link } from '../stage.js';
import { type CircuitBreaker, REFUSED } from './breaker.js';
import type { Openings } from './openings.js';
import type { Outcome } from './state.js';

/** Counts the calls that the circuit refused. */
export interface RefusalCount {
  rejected: number;
}

/**
 * The link of the circuit. Only this link takes permits and gives them back. It ends a flow whose deadline has passed before it takes a permit.
 */
export class Permits<F extends Flow> extends Link<F> {
  readonly #circuit: CircuitBreaker;
  readonly #events: CallEvents;
  readonly #place: ErrorPlace;
  readonly #counts: RefusalCount | undefined;

  constructor(circuit: CircuitBreaker, events: CallEvents, place: ErrorPlace, counts?: RefusalCount) {
    super();
    this.#circuit = circuit;
    this.#events = events;
    this.#place = place;
    this.#counts = counts;
  }

  override enter(flow: F, now: number): void {
    // A timer fires late if the event loop was blocked.
    if (now >= flow.until) {
      flow.expire(now);
      return;
    }
    const permit = this.#circuit.enter(now, flow.settings.leaseMs, flow);
    if (permit === REFUSED) {
      this.#refuse(flow, now);
      return;
    }
    // The change to half-open emits an event, and a listener can have aborted the call.
    if (flow.over) {
      this.#circuit.exit(permit, 'released', now, 0, false, flow);
      return;
    }
    flow.permit = permit;
    flow.permitAt = now;
    this.inner.enter(flow, now);
  }

  /** The calls that wait, and end their wait when the circuit opens. */
  get openings(): Openings {
    return this.#circuit.openings;
  }

  /** Returns true if the circuit would refuse a call now. Counts nothing. With it, an outer link can avoid work for a call that is refused. */
  isOpen(now: number): boolean {
    return this.#circuit.retryAfterMs(now) > 0;
  }

  override succeeded(flow: F, value: unknown, now: number): void {
    this.#giveBack(flow, taken(flow), 'success', now, false);
    this.outer.succeeded(flow, value, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    const permit = taken(flow);
    if (failure.outcome === 'failure') this.#events.failed(flow, failure.cause);
    this.#giveBack(flow, permit, failure.outcome, now, failure.timedOut);
    this.outer.failed(flow, failure, now);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    if (flow.permit === REFUSED) return 'released';
    const permit = taken(flow);
    const outcome = this.inner.leave(flow, now, expiry);
    if (outcome === 'failure') this.#events.failed(flow, timeoutCause(flow.phase));
    this.#giveBack(flow, permit, outcome, now, expiry !== undefined);
    this.inner.drop(flow);
    return outcome;
  }

  #giveBack(flow: F, permit: number, outcome: Outcome, now: number, timedOut: boolean): void {
    this.#circuit.exit(permit, outcome, now, now - flow.permitAt, timedOut, flow);
  }

  #refuse(flow: F, now: number): void {
    const circuit = this.#circuit;
    if (this.#counts !== undefined) this.#counts.rejected++;
    const retryAfterMs = circuit.retryAfterMs(now);
    const reason = circuit.refusalReason(now);
    const dependency = circuit.blockedBy(now)?.name;
    this.#events.rejected(flow, retryAfterMs, reason, dependency);
    const why = circuit.openReason(now);
    const make = (): CircuitOpenError =>
      withoutStack(() => new CircuitOpenError(this.#place, circuit.name, retryAfterMs, reason, dependency, why));
    if (!flow.over) this.outer.failed(flow, new CircuitRefusal(make), now);
  }
}

/** Removes the permit from the flow. Called before any event: a listener can end the flow, and the outcome of the attempt must still be counted. */
function taken(flow: Flow): number {
  const { permit } = flow;
  flow.permit = REFUSED;
  return permit;
}

/** The failure of a refused call. The error is created when first read: if a fallback supplies the result, it may never be read. */
class CircuitRefusal implements Failure {
  readonly cause = 'circuit_open';
  readonly outcome = 'released';
  readonly timedOut = false;
  readonly refused = true;
  readonly transient = false;
  readonly neverSent = true;
  readonly throttled = false;
  readonly waitMs = undefined;
  readonly answerable = true;
  readonly #make: () => CircuitOpenError;
  #error: CircuitOpenError | undefined;

  constructor(make: () => CircuitOpenError) {
    this.#make = make;
  }

  get error(): CircuitOpenError {
    this.#error ??= this.#make();
    return this.#error;
  }
}
