import { withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import type { Flight, Work } from '../policies/coalesce/flights.js';
import type { Failure, Inner } from '../policies/stage.js';
import { RequestFlow } from './flow.js';
import { phaseOf } from './phase.js';

/** The request of all calls that have a seat in a flight. It has no promise, no signal, and no time of its own: those are the calls'. */
export class SharedRequest extends RequestFlow implements Work {
  readonly shared = true;
  readonly #flight: Flight;
  readonly #inner: Inner<RequestFlow>;
  /** When its first call began, by the clock's monotonic time. */
  readonly #startedAt: number;
  #over = false;
  /** The time at which the request settled, in the clock's monotonic time. The waiting calls end at the same time. */
  settledAt: number | undefined = undefined;

  /** `first` is the call that starts the request; the request runs in its context. `inner` is the link at which the request enters the chain. */
  constructor(flight: Flight, first: RequestFlow, inner: Inner<RequestFlow>) {
    super(first.op, first.settings, first.params, undefined);
    this.#flight = flight;
    this.#inner = inner;
    const { totalTimeoutMs } = first.settings;
    this.#startedAt = totalTimeoutMs === null ? first.op.client.clock.now() : first.until - totalTimeoutMs;
    this.adopt(first);
    flight.work = this;
  }

  get over(): boolean {
    return this.#over;
  }

  get until(): number {
    return this.#flight.until;
  }

  get doing(): TimeoutError['phase'] {
    return phaseOf(this);
  }

  /** Does nothing: each waiting call has its own deadline. */
  expire(): void {}

  disarm(): void {}

  pauseDeadline(): void {}

  resumeDeadline(): void {}

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
    // The time of all its calls together, from the start of the first to the end of the last.
    const limitMs = now - this.#startedAt;
    const { timeoutMs } = this.settings;
    const expiry = timedOut
      ? { error: withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs ?? limitMs, this.doing)), limitMs }
      : undefined;
    this.#inner.leave(this, now, expiry);
  }
}
