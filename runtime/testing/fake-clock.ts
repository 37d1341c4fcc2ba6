import { provideOptionalCode } from '../call/optional-code.js';
import * as limits from '../call/shared/limits.js';
import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../clock.js';
import { ConfigurationError } from '../errors/configuration-error.js';

// Loaded now: a call that waits for code waits in real time, and would miss a move of the clock.
provideOptionalCode(limits);

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test moves it. Timers fire in order of time, and promises settle between them. A test of a minute's outage takes a
 * millisecond, and has the same result each time.
 *
 * @example
 * const clock = new FakeClock();
 * const pending = ghl.contacts.get({ contactId: 'abc' });
 * await clock.advance(30_000);
 */
export class FakeClock implements Clock {
  #now = 0;
  #wallOffset: number;
  #order = 0;
  readonly #timers = new Map<number, Timer>();

  /** `wallStart` is the first reading of the wall clock, in milliseconds since the epoch. */
  constructor(wallStart = Date.UTC(2026, 0, 1)) {
    if (!Number.isFinite(wallStart)) throw new ConfigurationError('FakeClock.wallStart', wallStart, 'milliseconds since the epoch');
    this.#wallOffset = wallStart;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.#wallOffset;
  }

  /** Works like `setTimeout` of Node: an invalid delay (too long, or not a number) is one millisecond. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const order = ++this.#order;
    const delay = delayMs <= MAX_TIMER_MS ? Math.max(0, delayMs) : 1;
    this.#timers.set(order, { at: this.#now + delay, order, callback });
    return { order, unref: () => undefined } as TimerHandle;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete((handle as TimerHandle & { readonly order: number }).order);
  }

  /** The number of timers that have not fired yet. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock only, like a correction of the system's time. @throws {ConfigurationError} if `ms` is not finite. */
  stepWall(ms: number): void {
    if (!Number.isFinite(ms)) throw new ConfigurationError('FakeClock.stepWall', ms, 'milliseconds');
    this.#wallOffset += ms;
  }

  /** Moves the time without firing a timer, like a blocked event loop. @throws {ConfigurationError} if `ms` is negative or not finite. */
  jump(ms: number): void {
    this.#now += duration('jump', ms);
  }

  /**
   * Moves the time, and fires each timer at its time. Promises settle before and after each.
   *
   * @throws {ConfigurationError} if `ms` is negative or not finite.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + duration('advance', ms);
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next.order);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
    await settle();
  }

  #next(end: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.at <= end && (best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order))) best = timer;
    }
    return best;
  }
}

/** Checks a duration. With a clock that goes back, a test of timeouts would pass for no reason. */
function duration(method: string, ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) throw new ConfigurationError(`FakeClock.${method}`, ms, 'milliseconds, 0 or more');
  return ms;
}

/** Read when this module is loaded. Fake timers of a test runner replace the global function, and nothing would settle. */
const nextTurn = setImmediate;

/** Lets promises settle. Chains of promises, and macrotasks of mocks, settle within a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => nextTurn(resolve));
}
