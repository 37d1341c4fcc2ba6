import { type Clock, EARLY_MS, MAX_TIMER_MS, type TimerHandle, wholeMs } from '../../clock.js';
import { type Waiter, WaitQueue } from '../queue/wait-queue.js';
import type { RateHints, TokenBucket } from './token-bucket.js';

/** Counters of a limiter, shared by all its lanes. */
export class RateCounters {
  granted = 0;
  waited = 0;
  rejected = 0;
  aborted = 0;
  refunded = 0;
}

/** The tokens of one sender and the queue for them, first in, first out. One timer serves the whole queue. */
export class RateLane {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #counters: RateCounters;
  // Waiters have no timers. A waiter that cannot be served in time is refused on arrival, or when a response lowers the limit.
  readonly #queue = new WaitQueue(() => undefined);
  #timer: TimerHandle | undefined;
  /** That of the timer: one of another timeline no longer fires. */
  #timeline: unknown;
  #serving = false;

  constructor(clock: Clock, bucket: TokenBucket, counters: RateCounters) {
    this.#clock = clock;
    this.#bucket = bucket;
    this.#counters = counters;
  }

  /** Takes a token if there is one and the queue is empty. */
  enter(now: number): boolean {
    if (this.#queue.size > 0 || !this.#bucket.take(now)) return false;
    this.#counters.granted++;
    return true;
  }

  /** Queues the waiter and returns 0 if a token will be free within `maxWaitMs`. Otherwise returns the wait it would need, in milliseconds. */
  wait(waiter: Waiter, maxWaitMs: number, now: number): number {
    const waitMs = this.#bucket.waitMs(now, this.#queue.size + 1);
    // Node's timers accept no longer delay.
    if (waitMs > Math.max(maxWaitMs, EARLY_MS) || waitMs > MAX_TIMER_MS) {
      this.#counters.rejected++;
      return wholeMs(waitMs);
    }
    waiter.expiresAt = now + Math.max(maxWaitMs, EARLY_MS);
    this.#queue.push(waiter);
    this.#counters.waited++;
    if (this.#timer === undefined || this.#timeline !== this.#clock.timeline?.()) this.#arm(waitMs);
    return 0;
  }

  /** Removes a waiter from the queue. Returns false if it no longer waits. */
  withdraw(waiter: Waiter): boolean {
    if (!this.#queue.remove(waiter)) return false;
    this.#counters.aborted++;
    if (this.#queue.size === 0) this.#disarm();
    return true;
  }

  /** Gives back the token taken last, because its request was never sent. */
  refund(): void {
    this.#bucket.refund();
    this.#counters.refunded++;
    this.#serve();
  }

  /** Applies the limits that a response reported, and refuses the waiters that can no longer be served in time. */
  learn(hints: RateHints, now: number): void {
    if (!this.#bucket.learn(hints, now) || this.#queue.size === 0) return;
    let place = 0;
    for (let waiter = this.#queue.head; waiter !== undefined; ) {
      const next: Waiter | undefined = waiter.nextWaiter;
      const waitMs = this.#bucket.waitMs(now, ++place);
      if (now + waitMs > waiter.expiresAt) {
        place--;
        this.#refuse(waiter, waitMs, now);
      }
      waiter = next;
    }
    this.#serve();
  }

  retryAfterMs(now: number): number {
    return wholeMs(this.#bucket.waitMs(now, this.#queue.size + 1));
  }

  available(now: number): number {
    return this.#queue.size > 0 ? 0 : this.#bucket.available(now);
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** True if a waiter is in the queue or tokens are taken. */
  underWay(now: number): boolean {
    return this.#queue.size > 0 || this.#bucket.isOut(now);
  }

  /** True if a response has lowered the limit and that limit still applies. */
  narrowed(now: number): boolean {
    return this.#bucket.narrowed(now);
  }

  /** Copies the limits that responses reported to another lane. */
  inherit(other: RateLane): void {
    this.#bucket.inherit(other.#bucket);
  }

  idle(now: number): boolean {
    return this.#queue.size === 0 && this.#bucket.idle(now);
  }

  /** Serves every waiter for which there is a token, then sets the timer for the next one. */
  #serve(): void {
    // A served waiter can call back into this method. The loop that already runs continues.
    if (this.#serving) return;
    this.#serving = true;
    this.#disarm();
    try {
      for (let next = this.#queue.head; next !== undefined; next = this.#queue.head) {
        const now = this.#clock.now();
        if (this.#bucket.take(now)) {
          this.#queue.remove(next);
          this.#counters.granted++;
          next.onGranted(now);
          continue;
        }
        const waitMs = this.#bucket.waitMs(now);
        if (now + waitMs > next.expiresAt) this.#refuse(next, waitMs, now);
        else {
          this.#arm(waitMs);
          break;
        }
      }
    } finally {
      this.#serving = false;
    }
  }

  #refuse(waiter: Waiter, waitMs: number, now: number): void {
    if (!this.#queue.remove(waiter)) return;
    this.#counters.rejected++;
    waiter.onRefused(wholeMs(waitMs), now);
  }

  /** The timer keeps the process alive, because a caller waits. */
  #arm(waitMs: number): void {
    this.#timeline = this.#clock.timeline?.();
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#serve();
      },
      Math.min(waitMs, MAX_TIMER_MS),
    );
  }

  #disarm(): void {
    if (this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
