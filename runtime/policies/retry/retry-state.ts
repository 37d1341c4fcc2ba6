import type { TimerHandle } from '../../clock.js';

/** What a call that has met a failure keeps: the errors, what it paid for the next attempt, and the wait for it. */
export class RetryState {
  readonly errors: unknown[] = [];
  timer: TimerHandle | undefined;
  /** How many attempts were made when the next one was paid for; -1 if none is paid for. */
  paidAt = -1;
  /** Whether the attempt that was paid for follows a throttled one, which costs less. */
  throttled = false;

  get last(): unknown {
    return this.errors.at(-1);
  }
}
