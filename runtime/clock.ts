/**
 * The source of all time. Nothing in the runtime reads another clock or sets another timer, and tests inject a `FakeClock`.
 *
 * A clock must not throw, and its readings are numbers. Otherwise the system's clock stands in; see `guardedClock`.
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
 * Returns a clock that never throws and always gives numbers and timers, because an error in a callback would leave a call pending. If a reading throws
 * or is not a number, time goes on from the last reading by the system's clock. If setting a timer throws, the system's clock sets it.
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
  readonly #now: Reading;
  readonly #wallNow: Reading;

  constructor(given: Clock) {
    this.#given = given;
    this.#now = new Reading(() => given.now(), systemClock.now);
    this.#wallNow = new Reading(() => given.wallNow(), systemClock.wallNow);
  }

  now(): number {
    return this.#now.read();
  }

  wallNow(): number {
    return this.#wallNow.read();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    try {
      return new GuardedTimer(this.#given, this.#given.setTimeout(callback, delayMs));
    } catch {
      return new GuardedTimer(systemClock, systemClock.setTimeout(callback, delayMs));
    }
  }

  clearTimeout(handle: TimerHandle): void {
    if (handle instanceof GuardedTimer) handle.clear();
  }
}

/** A timer of a given clock. The clock's own handle can be anything, also nothing, and its methods can throw. */
class GuardedTimer implements TimerHandle {
  readonly #clock: Clock;
  readonly #handle: TimerHandle | null | undefined;

  constructor(clock: Clock, handle: TimerHandle | null | undefined) {
    this.#clock = clock;
    this.#handle = handle;
  }

  ref(): void {
    try {
      this.#handle?.ref?.();
    } catch {}
  }

  unref(): void {
    try {
      this.#handle?.unref?.();
    } catch {}
  }

  clear(): void {
    try {
      this.#clock.clearTimeout(this.#handle as TimerHandle);
    } catch {}
  }
}

/** The readings of a given clock. While they fail, time goes on by the system's clock: deadlines that never passed would leave calls pending. */
class Reading {
  readonly #read: () => unknown;
  readonly #system: () => number;
  #last: number | undefined = undefined;
  /** The system's time at the first of the failing readings; undefined while the readings are good. */
  #lostAt: number | undefined = undefined;

  constructor(read: () => unknown, system: () => number) {
    this.#read = read;
    this.#system = system;
  }

  read(): number {
    try {
      const value = this.#read();
      if (typeof value === 'number' && Number.isFinite(value)) {
        this.#last = value;
        this.#lostAt = undefined;
        return value;
      }
    } catch {
      // Handled like a value that is no number.
    }
    const now = this.#system();
    if (this.#last === undefined) return now;
    this.#lostAt ??= now;
    return this.#last + (now - this.#lostAt);
  }
}
