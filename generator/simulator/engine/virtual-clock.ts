import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../../runtime/clock.js';
import { Heap } from './heap.js';

/** An event at a time. */
export abstract class ClockEvent {
  /** @internal */ at = 0;
  /** @internal */ order = 0;

  /** Runs the event when its time has come. */
  abstract run(): void;
}

class Timer extends ClockEvent implements TimerHandle {
  callback: (() => void) | undefined;

  constructor(callback: () => void) {
    super();
    this.callback = callback;
  }

  unref(): void {
    // This clock keeps no process alive.
  }

  override run(): void {
    const run = this.callback;
    this.callback = undefined;
    run?.();
  }
}

/**
 * A clock that jumps from one event to the next: in order of time, and at the same time in the order of planning. No promise settles
 * between events, so that code on this clock must not await one.
 */
export class VirtualClock implements Clock {
  readonly #events = new Heap<ClockEvent>(before);
  readonly #wallStart: number;
  #now = 0;
  #order = 0;

  /** `wallStart` is the wall clock's time at the start, in milliseconds since the epoch. */
  constructor(wallStart: number) {
    this.#wallStart = wallStart;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#wallStart + this.#now;
  }

  /** As in Node, a delay that is too long or not a number fires after a millisecond. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = new Timer(callback);
    this.plan(timer, delayMs <= MAX_TIMER_MS ? Math.max(0, delayMs) : 1);
    return timer;
  }

  /** The event stays planned until its time and then does nothing. */
  clearTimeout(handle: TimerHandle): void {
    (handle as Timer).callback = undefined;
  }

  /** Plans an event `delayMs` from now. */
  plan(event: ClockEvent, delayMs: number): void {
    event.at = this.#now + delayMs;
    event.order = ++this.#order;
    this.#events.add(event);
  }

  /** Advances to `until` and runs all events up to and including that time. */
  runTo(until: number): void {
    const events = this.#events;
    for (let next = events.first; next !== undefined && next.at <= until; next = events.first) {
      events.take();
      this.#now = next.at;
      next.run();
    }
    this.#now = until;
  }

  /** Advances from event to event while `busy` returns true, but not beyond `latest`. */
  runWhile(busy: () => boolean, latest: number): void {
    const events = this.#events;
    for (let next = events.first; next !== undefined && next.at <= latest && busy(); next = events.first) this.runTo(next.at);
  }
}

function before(a: ClockEvent, b: ClockEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
