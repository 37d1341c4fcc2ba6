import { type Clock, guardedClock, setLastingTimeout } from './clock.js';
import { captureScope, type UserScope, userFunction } from './user-code.js';

/**
 * Work that goes on beside calls, such as alerts or shared state. It runs in the context in which the user started it, whatever woke it. A timer
 * or a connection that it opens while a call fails would otherwise belong to that call, and keep its tenant's store alive.
 */
export class Background {
  /** The context in which the work was started. The user's functions run in it. */
  readonly scope: UserScope = captureScope();
  /** The given clock. Its timers are set and fire in the context of this work. */
  readonly clock: Clock;

  constructor(given: Clock) {
    const clock = guardedClock(given);
    this.clock = {
      now: () => clock.now(),
      wallNow: () => clock.wallNow(),
      setTimeout: (callback, delayMs) => this.run(() => setLastingTimeout(clock, () => this.run(callback), delayMs)),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    };
  }

  /** Does a part of the work that something else asks for, such as a call of `reconfigure`. */
  run<T>(work: () => T): T {
    return this.scope.call(userFunction(work));
  }
}
