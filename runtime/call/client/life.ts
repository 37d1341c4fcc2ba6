import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../clock.js';

/** A call that the client has started, as a node in the list of its client. */
export interface CallInFlight {
  earlierCall: CallInFlight | undefined;
  laterCall: CallInFlight | undefined;
  /** Ends the call, because its client closes. */
  onClientClosed(): void;
}

/** The life of a client: its calls in flight, and whether it is closed. The calls are the list nodes, so that a call allocates nothing for it. */
export class ClientLife {
  closed = false;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #latest: CallInFlight | undefined;
  #timer: TimerHandle | undefined;
  /** When the calls are ended, in the clock's monotonic time. */
  #endsAt = Number.POSITIVE_INFINITY;
  #resolve: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  /** `onEnd` is called once, when the client is closed and its last call has ended. */
  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  started(call: CallInFlight): void {
    const latest = this.#latest;
    if (latest !== undefined) latest.laterCall = call;
    call.earlierCall = latest;
    this.#latest = call;
  }

  ended(call: CallInFlight): void {
    const { earlierCall, laterCall } = call;
    if (laterCall !== undefined) laterCall.earlierCall = earlierCall;
    else if (this.#latest === call) this.#latest = earlierCall;
    if (earlierCall !== undefined) earlierCall.laterCall = laterCall;
    call.earlierCall = undefined;
    call.laterCall = undefined;
    if (this.closed && this.#latest === undefined) this.#end();
  }

  /** Closes the client. Calls in flight are ended after `drainMs`; if this is called several times, at the earliest time that was asked for. */
  close(drainMs: number): Promise<void> {
    this.closed = true;
    this.#ending ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (this.#latest === undefined) this.#end();
    else if (drainMs === 0) this.#endCalls();
    else this.#endAt(this.#clock.now() + drainMs, drainMs);
    return this.#ending;
  }

  #endAt(endsAt: number, drainMs: number): void {
    // `Infinity` sets no timer.
    if (endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#endCalls(), Math.min(drainMs, MAX_TIMER_MS));
  }

  #endCalls(): void {
    for (let call = this.#latest; call !== undefined; call = this.#latest) call.onClientClosed();
  }

  #end(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    this.#onEnd();
    resolve();
  }
}
