import { DeadlineNode } from '../../../../runtime/policies/timeout/deadline.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

/** Notes when it expired. */
export class Node extends DeadlineNode {
  readonly firedAt: number[] = [];

  constructor(
    readonly name: string,
    readonly log: string[] = [],
    readonly then: () => void = () => undefined,
  ) {
    super();
  }

  override onDeadline(now: number): void {
    this.firedAt.push(now);
    this.log.push(this.name);
    this.then();
  }
}

/** A clock that keeps the delays it was asked for and whether the process may end meanwhile. */
export class WatchedClock extends FakeClock {
  readonly delays: number[] = [];
  unrefs = 0;

  override setTimeout(callback: () => void, delayMs: number): { unref(): void } {
    this.delays.push(delayMs);
    return { ...super.setTimeout(callback, delayMs), unref: () => void this.unrefs++ };
  }
}
