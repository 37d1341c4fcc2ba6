import type { Clock } from '../clock.js';
import { DeadlineNode, startDeadline } from '../policies/deadline.js';
import type { DispatcherLike } from '../transport/types.js';

/** Who waits for a token and a transport. */
export interface Preparing {
  prepared(token: string | undefined, dispatcher: DispatcherLike): void;
  preparationFailed(error: unknown): void;
  preparationTimedOut(): void;
}

/**
 * The wait for an async token, or for the transport at the first call of all. There is no attempt yet that could carry the call's
 * deadline, so this does. Exactly one of the three ends is told, and none after `end`: a token that comes too late sends nothing.
 */
export class Preparation extends DeadlineNode {
  readonly #call: Preparing;
  #over = false;

  constructor(clock: Clock, call: Preparing, totalAt: number, now: number) {
    super();
    this.#call = call;
    if (totalAt !== Number.POSITIVE_INFINITY) startDeadline(clock, this, Math.max(0, totalAt - now), now, false);
  }

  async wait(token: string | undefined | PromiseLike<string>, dispatcher: DispatcherLike | Promise<DispatcherLike>): Promise<void> {
    let ready: string | undefined;
    let transport: DispatcherLike;
    try {
      ready = await token;
      transport = await dispatcher;
    } catch (error) {
      if (this.end()) this.#call.preparationFailed(error);
      return;
    }
    if (this.end()) this.#call.prepared(ready, transport);
  }

  override onDeadline(): void {
    if (this.end()) this.#call.preparationTimedOut();
  }

  /** Stops waiting. False where the wait was over already. */
  end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.disarm();
    return true;
  }
}
