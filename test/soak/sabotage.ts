import type { TimerHandle } from '../../runtime/clock.js';
import { CircuitBreaker } from '../../runtime/index.js';
import { CountingClock } from './counting-clock.js';

/** What can be broken on purpose, to see that the soak finds it. */
export const SABOTAGES = ['permit', 'timer', 'listener'] as const;

export type Sabotage = (typeof SABOTAGES)[number];

/** One in this many is lost. */
const EVERY = 10;

/** A runtime that sets some of its timers again when they fire, and clears none of these. There are few: most calls share theirs. */
export class ForgetfulClock extends CountingClock {
  override setTimeout(callback: () => void, delayMs: number): TimerHandle {
    if (this.set % 5 !== 0) return super.setTimeout(callback, delayMs);
    const again = (): void => {
      callback();
      super.setTimeout(again, delayMs).unref?.();
    };
    return super.setTimeout(again, delayMs);
  }
}

/** A runtime that gives some permits never back. */
export function loseExits(): void {
  const { exit } = CircuitBreaker.prototype;
  let exits = 0;
  CircuitBreaker.prototype.exit = function (this: CircuitBreaker, ...given: Parameters<typeof exit>) {
    if (++exits % EVERY !== 0) exit.apply(this, given);
  };
}

/** A runtime that leaves its listeners on a signal. */
export function keepListeners(signal: AbortSignal): void {
  signal.removeEventListener = () => undefined;
}
