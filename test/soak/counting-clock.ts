import { type Clock, systemClock, type TimerHandle } from '../../runtime/clock.js';

/** The machine's clock, which knows how many timers are pending, those that are unref'd included. Its wall time never steps back. */
export class CountingClock implements Clock {
  readonly #pending = new Set<TimerHandle>();
  /** Timers set so far. */
  set = 0;

  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return systemClock.now();
  }

  wallNow(): number {
    return performance.timeOrigin + performance.now();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    this.set++;
    const handle = systemClock.setTimeout(() => {
      this.#pending.delete(handle);
      callback();
    }, delayMs);
    this.#pending.add(handle);
    return handle;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#pending.delete(handle);
    systemClock.clearTimeout(handle);
  }
}
