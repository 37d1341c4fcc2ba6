import type { TimerHandle } from '../../clock.js';
import type { OpeningWaiter } from '../circuit-breaker/openings.js';

/** The wait of a call between two attempts. */
export interface RetryWait extends OpeningWaiter {
  readonly timer: TimerHandle;
}

/** The retry state of a call that has failed at least once: its errors, the payment for the next attempt, and the wait for it. */
export class RetryState {
  readonly errors: unknown[] = [];
  wait: RetryWait | undefined;
  /** Number of attempts made when the next one was paid for; -1 if none is paid for. */
  paidAt = -1;
  /** True if the attempt that was paid for follows a throttled one. Such a retry costs less. */
  throttled = false;

  get last(): unknown {
    return this.errors.at(-1);
  }
}
