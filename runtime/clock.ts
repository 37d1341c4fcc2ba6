/**
 * The source of all time. Nothing in the runtime reads another clock or sets another timer, and tests inject a `FakeClock`.
 *
 * A clock must not throw. If it does, its last reading is used; see `guardedClock`.
 */
export interface Clock {
  /** Monotonic milliseconds. Steps of the wall clock do not move it. */
  now(): number;
  /** Milliseconds since the epoch; used for what people read, never to decide when something happens. */
  wallNow(): number;
  /** Runs `callback` once, `delayMs` from now. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** What `setTimeout` returns; `unref` lets the process exit although the timer is pending, `ref` undoes it. */
export interface TimerHandle {
  ref?(): unknown;
  unref?(): unknown;
}

/** The longest delay that timers of Node hold; a longer one would fire after 1 ms (https://nodejs.org/api/timers.html). */
export const MAX_TIMER_MS = 2_147_483_647;

const realSetTimeout = setTimeout;
const realPerformance = performance;

/**
 * The machine's own clocks. They follow the fake timers of test runners, which replace the global `setTimeout` and `performance`.
 *
 * `performance` is a getter, and reading it costs a fifth of reading the clock: it is read again only if `setTimeout` was replaced.
 */
export const systemClock: Clock = {
  now: () => (setTimeout === realSetTimeout ? realPerformance : performance).now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

const guarded = new WeakMap<Clock, Clock>();

/**
 * Returns a clock that never throws, because an error in a callback would leave a call pending. If a reading throws, the last reading is used. If setting
 * a timer throws, the system's clock sets it.
 */
export function guardedClock(given: Clock): Clock {
  if (given === systemClock || given instanceof GuardedClock) return given;
  let clock = guarded.get(given);
  if (clock === undefined) {
    clock = new GuardedClock(given);
    guarded.set(given, clock);
  }
  return clock;
}

class GuardedClock implements Clock {
  readonly #given: Clock;
  #now = 0;
  #wallNow = 0;
  #failed = false;

  constructor(given: Clock) {
    this.#given = given;
  }

  now(): number {
    try {
      this.#now = this.#given.now();
    } catch {}
    return this.#now;
  }

  wallNow(): number {
    try {
      this.#wallNow = this.#given.wallNow();
    } catch {}
    return this.#wallNow;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    try {
      return this.#given.setTimeout(callback, delayMs);
    } catch {
      this.#failed = true;
      return systemClock.setTimeout(callback, delayMs);
    }
  }

  clearTimeout(handle: TimerHandle): void {
    try {
      this.#given.clearTimeout(handle);
    } catch {}
    if (this.#failed) systemClock.clearTimeout(handle);
  }
}
