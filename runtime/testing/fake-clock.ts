import { provideOptionalCode } from '../call/optional-code.js';
import * as limits from '../call/shared/limits.js';
import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../clock.js';
import { ConfigurationError } from '../errors/configuration-error.js';

// A call that waits for code does so in real time, and a clock that is moved meanwhile would find it late.
provideOptionalCode(limits);

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told. Timers fire in order of time, and promises settle between them, so a test of a minute's outage takes
 * a millisecond and gives the same result each time.
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

  /** `wallStart`: the date that the wall clock shows at the beginning, in milliseconds since the epoch. */
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

  /** As Node's: a delay that it cannot hold (too long, or no number) fires after a millisecond. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const order = ++this.#order;
    const delay = delayMs <= MAX_TIMER_MS ? Math.max(0, delayMs) : 1;
    this.#timers.set(order, { at: this.#now + delay, order, callback });
    return { order, unref: () => undefined } as TimerHandle;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete((handle as TimerHandle & { readonly order: number }).order);
  }

  /** Timers that are still to fire. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock only, as a correction of the system's time does. @throws {ConfigurationError} */
  stepWall(ms: number): void {
    if (!Number.isFinite(ms)) throw new ConfigurationError('FakeClock.stepWall', ms, 'milliseconds');
    this.#wallOffset += ms;
  }

  /** Moves the time on at once, without firing a timer: what a blocked event loop looks like. @throws {ConfigurationError} */
  jump(ms: number): void {
    this.#now += duration('jump', ms);
  }

  /** Moves the time on, firing each timer at its time and letting promises settle before and after. @throws {ConfigurationError} */
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

/** Time that goes back, or nowhere at all, would make a test of timeouts pass for no reason. */
function duration(method: string, ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) throw new ConfigurationError(`FakeClock.${method}`, ms, 'milliseconds, 0 or more');
  return ms;
}

/** Taken when loaded: a test runner's fake timers replace the global one, and nothing would ever settle. */
const nextTurn = setImmediate;

/** Promises that depend on one another, and what mocks put on the macrotask queue, settle within a few turns. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => nextTurn(resolve));
}
