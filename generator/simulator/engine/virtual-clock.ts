import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../../runtime/clock.js';

/** Something that happens at a time. */
export abstract class Happening {
  /** @internal */ at = 0;
  /** @internal */ order = 0;

  /** The time has come. */
  abstract happen(): void;
}

class Timer extends Happening implements TimerHandle {
  callback: (() => void) | undefined;

  constructor(callback: () => void) {
    super();
    this.callback = callback;
  }

  unref(): void {
    // Nothing is kept alive by a clock that is moved by hand.
  }

  override happen(): void {
    const run = this.callback;
    this.callback = undefined;
    run?.();
  }
}

/**
 * A clock that goes from one happening to the next, in order of time and, at one time, in the order in which they were planned. No promise
 * settles between them: what runs on it must not wait for one.
 */
export class VirtualClock implements Clock {
  readonly #heap: Happening[] = [];
  readonly #wallStart: number;
  #now = 0;
  #order = 0;

  /** `wallStart`: what the wall clock shows at the beginning, in milliseconds since the epoch. */
  constructor(wallStart: number) {
    this.#wallStart = wallStart;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#wallStart + this.#now;
  }

  /** As Node's: a delay that it cannot hold (too long, or no number) fires after a millisecond. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = new Timer(callback);
    this.plan(timer, delayMs <= MAX_TIMER_MS ? Math.max(0, delayMs) : 1);
    return timer;
  }

  /** It stays in the heap until its time has come, and does nothing then. */
  clearTimeout(handle: TimerHandle): void {
    (handle as Timer).callback = undefined;
  }

  /** Lets something happen `delayMs` from now. */
  plan(happening: Happening, delayMs: number): void {
    happening.at = this.#now + delayMs;
    happening.order = ++this.#order;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Happening;
      // What is planned later has the higher order: at the same time it stays below.
      if (above.at <= happening.at) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  /** Moves the time on to `until`, with everything that happens meanwhile, what is due then included. */
  runTo(until: number): void {
    const heap = this.#heap;
    for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
      this.#takeFirst();
      this.#now = next.at;
      next.happen();
    }
    this.#now = until;
  }

  /** Moves on from one happening to the next until `done`, but not beyond `latest`. */
  runWhile(busy: () => boolean, latest: number): void {
    const heap = this.#heap;
    for (let next = heap[0]; next !== undefined && next.at <= latest && busy(); next = heap[0]) this.runTo(next.at);
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Happening;
    const size = heap.length;
    if (size === 0) return;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && before(heap[right] as Happening, heap[child] as Happening)) child = right;
      const below = heap[child] as Happening;
      if (before(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
