import { type FakeSource, fakeSource } from './fake-source.js';

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
  /**
   * Runs `callback` after what has arrived on sockets was read. Left out: immediately. For time limits: if the event loop was blocked, timers fire before
   * the answers are read that arrived meanwhile.
   */
  afterInput?(callback: () => void): void;
  /** Changes when timers set before it no longer fire: a test runner replaced the timers, or put the real ones back. Left out: never. */
  timeline?(): unknown;
}

/** What `setTimeout` returns; `unref` lets the process exit although the timer is pending, `ref` undoes it. */
export interface TimerHandle {
  ref?(): unknown;
  unref?(): unknown;
}

/** The longest delay that timers of Node hold; a longer one would fire after 1 ms (https://nodejs.org/api/timers.html). */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Whether a wait until `until` is over at `now`. Timers of Node fire up to a millisecond early by the clock, because they count in whole milliseconds
 * (https://nodejs.org/api/timers.html). A caller that waited for as long as it was told must not be sent away for that.
 */
export function isOver(until: number, now: number): boolean {
  return now > until - EARLY_MS;
}

/** How early a timer may fire, in milliseconds: less than this. */
export const EARLY_MS = 1;

/** Milliseconds of a wait, as callers are told: whole, and rounded up. Differences of readings are a hair off: 60,000.000000001 ms are a minute. */
export function wholeMs(waitMs: number): number {
  return Math.max(0, Math.ceil(waitMs - 0.001));
}

const guarded = new WeakMap<Clock, Clock>();

/*
 * The machine's clock and timers. Test runners replace the globals (`vi.useFakeTimers()`, Jest's, sinon's, `mock.timers` of node:test) and put them back
 * later. Each replacement of `setTimeout` begins another timeline. The clock goes on through all of them and never goes back: what was decided under fake
 * time, such as an open circuit, ends after as many milliseconds as it said.
 */

const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;
const realPerformance = performance;
const realPerformanceNow = performance.now;
const realDateNow = Date.now;
const realSetImmediate = typeof setImmediate === 'function' ? setImmediate : undefined;

/** True until another timeline is seen than that of the real timers. */
let alone = true;
/** `setTimeout` of the timeline that was seen last. */
let timers = realSetTimeout;
/** The source of its time, if it is a fake one. */
let source: FakeSource = { read: realDateNow, sinceStart: 0, outlives: false };
/** What is added to the source of the timeline. */
let shift = 0;
/** `shift` when the real timers were seen last. */
let realShift = 0;
/** The last reading under fake timers. */
let last = 0;

/** Most programs know one timeline. Their readings are returned as they are: a sum would cost a heap number each. */
function now(): number {
  return alone && setTimeout === realSetTimeout ? realPerformance.now() : nowOfSeveral();
}

function nowOfSeveral(): number {
  if (setTimeout !== timers) changeTimeline();
  if (timers === realSetTimeout) return realPerformance.now() + shift;
  last = fakeNow();
  return last;
}

function fakeNow(): number {
  return Math.max(last, source.read() + shift);
}

function changeTimeline(): void {
  alone = false;
  const before = timers === realSetTimeout ? realPerformance.now() + shift : source.outlives ? fakeNow() : last;
  if (timers === realSetTimeout) realShift = shift;
  timers = setTimeout;
  last = before;
  // Real time that passed beside the fake one is not lost.
  if (timers === realSetTimeout) shift = Math.max(realShift, before - realPerformance.now());
  else {
    source = fakeSource(realPerformance, realPerformanceNow, realDateNow);
    // The switch is noticed late. Fake time that has passed since then is not lost, either.
    last = before + source.sinceStart;
    shift = last - source.read();
  }
  for (const timer of [...lasting]) timer.setAgain();
}

/** Timers of background work that were set in a timeline of fake timers. They are set again in the next one. */
const lasting = new Set<SystemTimer>();

/**
 * Sets a timer of work that goes on beside calls. If it is set under the fake timers of a test runner and outlives them, it is set again for the rest of its
 * time. Otherwise the work would stop for good.
 */
export function setLastingTimeout(clock: Clock, callback: () => void, delayMs: number): TimerHandle {
  const timer = clock.setTimeout(callback, delayMs);
  if (timer instanceof SystemTimer && timers !== realSetTimeout) lasting.add(timer);
  return timer;
}

/** One timer. It fires when its time has come by the clock: a real one that fires early is set again for the rest. */
class SystemTimer implements TimerHandle {
  readonly #callback: () => void;
  readonly #due: number;
  #timers = timers;
  #timer: ReturnType<typeof setTimeout>;
  #held = true;

  constructor(callback: () => void, delayMs: number) {
    this.#callback = callback;
    this.#due = now() + delayMs;
    this.#timer = this.#set(delayMs);
  }

  ref(): void {
    this.#held = true;
    this.#timer.ref?.();
  }

  unref(): void {
    this.#held = false;
    this.#timer.unref?.();
  }

  clear(): void {
    lasting.delete(this);
    if (this.#timers === setTimeout) clearTimeout(this.#timer);
    // Fake timers do not know real ones. A fake timer of another timeline no longer fires.
    else if (this.#timers === realSetTimeout) realClearTimeout(this.#timer);
  }

  /** Sets the timer in the timeline of now for the rest of its time. */
  setAgain(): void {
    this.#timers = timers;
    if (timers === realSetTimeout) lasting.delete(this);
    this.#timer = this.#set(Math.max(0, this.#due - now()));
    if (!this.#held) this.#timer.unref?.();
  }

  #set(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#fire(), wholeMs(delayMs));
  }

  #fire(): void {
    if (this.#timers === realSetTimeout) {
      const leftMs = this.#due - now();
      if (leftMs > 0 && timers === realSetTimeout) {
        this.#timer = this.#set(leftMs);
        if (!this.#held) this.#timer.unref?.();
        return;
      }
    } else if (this.#timers === setTimeout) last = Math.max(last, this.#due);
    lasting.delete(this);
    this.#callback();
  }
}

/** The machine's own clock and timers. They follow the fake timers of test runners. */
export const systemClock: Clock = {
  now,
  wallNow: () => Date.now(),
  setTimeout(callback, delayMs) {
    if (setTimeout !== timers) changeTimeline();
    return new SystemTimer(callback, delayMs);
  },
  clearTimeout(handle) {
    if (handle instanceof SystemTimer) handle.clear();
  },
  afterInput(callback) {
    if (realSetImmediate === undefined || setTimeout !== realSetTimeout) callback();
    else realSetImmediate(callback);
  },
  timeline: () => setTimeout,
};

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
