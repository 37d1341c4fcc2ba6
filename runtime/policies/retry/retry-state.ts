import type { TimerHandle } from '../../clock.js';
import type { OpeningWaiter } from '../circuit-breaker/openings.js';

/** The wait of a call between two attempts. */
export interface RetryWait extends OpeningWaiter {
  readonly timer: TimerHandle;
}

/**
 * The retry state of a call that has failed at least once: its errors, the payment for the next attempt, and the wait for it. `F` is what describes a
 * failure.
 */
export class RetryState<F> {
  readonly errors: unknown[] = [];
  wait: RetryWait | undefined;
  /** The failure of the last attempt. */
  failure: F | undefined;
  /** When the call waits no longer for a place of the half-open circuit. Undefined before it found the places taken. */
  placeUntil: number | undefined;
  /** Number of attempts made when the next one was paid for; -1 if none is paid for. */
  paidAt = -1;
  /** True if the attempt that was paid for follows a throttled one. Such a retry costs less. */
  throttled = false;

  get last(): unknown {
    return this.errors.at(-1);
  }
}
