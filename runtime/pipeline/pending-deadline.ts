import type { Clock } from '../clock.js';
import { DeadlineNode, startDeadline } from '../policies/deadline.js';

/** The call's deadline while it waits for a token: there is no attempt yet that could carry it. */
export class PendingDeadline extends DeadlineNode {
  readonly #onEnd: () => void;

  constructor(clock: Clock, totalAt: number, now: number, onEnd: () => void) {
    super();
    this.#onEnd = onEnd;
    if (totalAt !== Number.POSITIVE_INFINITY) startDeadline(clock, this, Math.max(0, totalAt - now), now, false);
  }

  override onDeadline(): void {
    this.#onEnd();
  }

  end(): void {
    this.disarm();
  }
}
