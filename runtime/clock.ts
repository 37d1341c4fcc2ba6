/** Where all time comes from. Tests inject a `FakeClock`; nothing else in the runtime reads a clock or sets a timer. */
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
