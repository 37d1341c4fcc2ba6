import { withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import type { Flight, Work } from '../policies/coalesce/flights.js';
import type { Failure, Inner } from '../policies/stage.js';
import { RequestFlow } from './flow.js';

/** The request of all calls that have a seat in a flight. It has no promise, no signal, and no time of its own: those are the calls'. */
export class SharedRequest extends RequestFlow implements Work {
  readonly shared = true;
  readonly #flight: Flight;
  readonly #inner: Inner<RequestFlow>;
  #over = false;
  /** When it settled, by the clock's monotonic time: the end of the calls that wait for it. */
  settledAt: number | undefined = undefined;

  /** `first`: the call that begins it. It runs in that call's context. `inner`: the link where shared requests enter the chain. */
  constructor(flight: Flight, first: RequestFlow, inner: Inner<RequestFlow>) {
    super(first.op, first.settings, first.params, first.options);
    this.#flight = flight;
    this.#inner = inner;
    this.adopt(first);
    flight.work = this;
  }

  get over(): boolean {
    return this.#over;
  }

  get until(): number {
    return this.#flight.until;
  }

  /** The calls that wait end by their own times. */
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

  /** Ends the request, because no call waits for it any more. */
  cancel(timedOut: boolean): void {
    if (this.#over) return;
    this.#over = true;
    const { place, client } = this.op;
    const now = client.clock.now();
    this.settledAt = now;
    const { timeoutMs } = this.settings;
    // The first attempt had all the time of its callers, and a server that let it pass has failed.
    const expiry =
      timedOut && this.attempts === 1
        ? { error: withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs ?? 0, this.phase)), wholeTime: true }
        : undefined;
    this.#inner.leave(this, now, expiry);
  }
}
