import type { Clock } from '../clock.js';
import { DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';

/**
 * A wait before there is an attempt that could carry the call's deadline, so this does: for an async token, for the transport at the first call
 * of all, for code. Exactly one of the three ends is told, and none after `end`: a token that comes too late sends nothing.
 */
export class Preparation extends DeadlineNode {
  readonly #onTimeout: (now: number) => void;
  #over = false;

  constructor(clock: Clock, totalAt: number, now: number, onTimeout: (now: number) => void) {
    super();
    this.#onTimeout = onTimeout;
    if (totalAt !== Number.POSITIVE_INFINITY) startDeadline(clock, this, Math.max(0, totalAt - now), now, false, true);
  }

  async wait<T>(work: Promise<T>, onReady: (value: T) => void, onFailed: (error: unknown) => void): Promise<void> {
    let ready: T;
    try {
      ready = await work;
    } catch (error) {
      if (this.end()) onFailed(error);
      return;
    }
    if (this.end()) onReady(ready);
  }

  override onDeadline(now: number): void {
    if (this.end()) this.#onTimeout(now);
  }

  /** Stops waiting. False where the wait was over already. */
  end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.disarm();
    return true;
  }
}
