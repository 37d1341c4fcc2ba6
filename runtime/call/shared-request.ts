import { withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import type { Flight } from '../policies/coalesce/coalesce.js';
import type { Failure, Inner } from '../policies/stage.js';
import { RequestFlow } from './flow.js';

/** A request shared by all calls that have a seat in a flight. It has no promise, signal or deadline of its own; each call has its own. */
export class SharedRequest extends RequestFlow {
  readonly shared = true;
  readonly #flight: Flight;
  readonly #inner: Inner<RequestFlow>;
  #over = false;
  /** The time at which the request settled, in the clock's monotonic time. The waiting calls end at the same time. */
  settledAt: number | undefined = undefined;

  /** `first` is the call that starts the request; the request runs in its context. `inner` is the link at which the request enters the chain. */
  constructor(flight: Flight, first: RequestFlow, inner: Inner<RequestFlow>) {
    super(first.op, first.settings, first.params, undefined);
    this.#flight = flight;
    this.#inner = inner;
    this.adopt(first);
    flight.work = this;
    flight.cancel = (timedOut) => this.#cancel(timedOut);
  }

  get over(): boolean {
    return this.#over;
  }

  get until(): number {
    return this.#flight.until;
  }

  /** Does nothing: each waiting call has its own deadline. */
  expire(): void {}

  disarm(): void {}

  answered(value: unknown, _source: 'cache' | 'fallback', now: number): void {
    this.finish(value, now);
  }

  finish(value: unknown, now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.settledAt = now;
    this.keepAnswer(now);
    this.#flight.land(value);
  }

  fail(failure: Failure, now: number): void {
    if (this.#over) return;
    this.#over = true;
    this.settledAt = now;
    this.#flight.fail(failure);
  }

  /** Cancels the request, because no call waits for it any more. */
  #cancel(timedOut: boolean): void {
    if (this.#over) return;
    this.#over = true;
    const { place, client } = this.op;
    const now = client.clock.now();
    this.settledAt = now;
    const { timeoutMs } = this.settings;
    // If the first attempt had the whole time of its callers and the server did not answer, the circuit counts a failure.
    const expiry =
      timedOut && this.attempts === 1
        ? { error: withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs ?? 0, this.phase)), wholeTime: true }
        : undefined;
    this.#inner.leave(this, now, expiry);
  }
}
