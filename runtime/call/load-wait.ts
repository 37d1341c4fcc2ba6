import { DeadlineNode, startDeadline } from '../policies/timeout/deadline.js';
import type { Preparation, RequestFlow } from './flow.js';

/**
 * Longest wait of a call for code that is being loaded, in milliseconds. A load that has not ended by then counts as failed. Loading takes less than a
 * second on a busy machine.
 */
export const LOAD_LIMIT_MS = 30_000;

/**
 * The wait of a flow for code that is being loaded: the transport, or the limits. The total deadline of the flow does not run meanwhile, because the
 * load is no part of the call. The wait has a limit of its own.
 */
export class LoadWait extends DeadlineNode implements Preparation {
  over = false;
  readonly #flow: RequestFlow;
  readonly #onLimit: (now: number) => void;

  /** `onLimit` is called if the load takes too long. The wait has ended then. */
  constructor(flow: RequestFlow, onLimit: (now: number) => void) {
    super();
    this.#flow = flow;
    this.#onLimit = onLimit;
    flow.preparation = this;
    const { clock } = flow.op.client;
    const now = clock.now();
    flow.pauseDeadline(now);
    startDeadline(clock, this, LOAD_LIMIT_MS, now, false, true);
  }

  /** The code is loaded: the deadline of the flow runs again. */
  loaded(): void {
    if (this.over) return;
    this.disarm();
    this.#flow.resumeDeadline(this.#flow.op.client.clock.now());
  }

  /** Ends the wait. Returns false if the flow has left meanwhile. */
  end(): boolean {
    if (this.over) return false;
    this.loaded();
    this.over = true;
    this.#flow.preparation = undefined;
    return true;
  }

  override onDeadline(now: number): void {
    if (this.end()) this.#onLimit(now);
  }
}
