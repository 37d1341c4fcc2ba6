import type { Flight } from '../policies/coalesce/coalesce.js';
import { Call } from './call.js';
import type { Guard } from './guard.js';
import { send } from './sending.js';
import type { DispatcherLike, TransportRequest } from './transport/types.js';

/** The request of all who have a seat in a flight: a call that nobody waits for but the flight. Signals, deadlines and fallbacks are theirs. */
export class SharedWork extends Call {
  readonly #flight: Flight;

  /** `first`: the call that begins it. */
  constructor(first: Call, flight: Flight) {
    super({ ...first.op, policy: { ...first.op.policy, totalTimeoutMs: null } }, first.params, first.options);
    this.#flight = flight;
    this.resolve = (value) => flight.land(value);
    this.reject = (reason) => flight.fail(reason);
    this.adopt(first);
    flight.work = this;
    flight.cancel = (timedOut) => this.#end(timedOut);
  }

  /** Sends the request that the first call has written. `guard`: the limits that it is under, where there are any. */
  launch(guard: Guard | undefined, request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
    this.guard = guard;
    if (guard !== undefined && !(guard.admit(now) && guard.pass(request, dispatcher, now))) return;
    send(this, request, dispatcher, now);
  }

  override get retryUntil(): number {
    return this.#flight.until;
  }

  override get fallsBack(): boolean {
    return false;
  }

  /** No one waits for it any more. */
  #end(timedOut: boolean): void {
    // The first attempt has had all of its callers' time, and a server that let it pass has failed.
    if (timedOut && this.attempts === 1) this.attempt?.onDeadline();
    this.onCallerAbort(undefined);
  }
}
