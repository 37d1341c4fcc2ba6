import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../clock.js';
import { type Waiter, WaitQueue } from '../queue/wait-queue.js';
import type { RateHints, TokenBucket } from './token-bucket.js';

/** Counted for all lanes of a limiter together. */
export class RateCounters {
  granted = 0;
  waited = 0;
  rejected = 0;
  aborted = 0;
  refunded = 0;
}

/** The tokens of one sender and the queue for them, first in, first out, on one timer. */
export class RateLane {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #counters: RateCounters;
  // Waiters have no timers of their own: one that cannot be served in time is refused when it comes, or when the server says so.
  readonly #queue = new WaitQueue(() => undefined);
  #timer: TimerHandle | undefined;
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

  /** Queues the waiter and returns 0 if a token will be there within `maxWaitMs`. Otherwise returns the wait that it would need, in milliseconds. */
  wait(waiter: Waiter, maxWaitMs: number, now: number): number {
    const waitMs = this.#bucket.waitMs(now, this.#queue.size + 1);
    // A timer cannot hold more.
    if (waitMs > maxWaitMs || waitMs > MAX_TIMER_MS) {
      this.#counters.rejected++;
      return waitMs;
    }
    waiter.expiresAt = now + maxWaitMs;
    this.#queue.push(waiter);
    this.#counters.waited++;
    if (this.#timer === undefined) this.#arm(waitMs);
    return 0;
  }

  /** Takes a waiter out of the queue: those behind it move up. */
  withdraw(waiter: Waiter): boolean {
    if (!this.#queue.remove(waiter)) return false;
    this.#counters.aborted++;
    if (this.#queue.size === 0) this.#disarm();
    return true;
  }

  /** Gives back the token taken last: its request was never sent. */
  refund(): void {
    this.#bucket.refund();
    this.#counters.refunded++;
    this.#serve();
  }

  /** Takes the server's word, and refuses those whose turn will now come too late. */
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
    return this.#bucket.waitMs(now, this.#queue.size + 1);
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

  /** The server's word narrows the limit at the moment. */
  narrowed(now: number): boolean {
    return this.#bucket.narrowed(now);
  }

  /** Takes over what the server said to another. */
  inherit(other: RateLane): void {
    this.#bucket.inherit(other.#bucket);
  }

  idle(now: number): boolean {
    return this.#queue.size === 0 && this.#bucket.idle(now);
  }

  /** Serves every waiter that has a token, then sets the timer for the next. */
  #serve(): void {
    // What a waiter does with its token may come back here: the loop that is already running goes on.
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
    waiter.onRefused(waitMs, now);
  }

  /** Not unref'd: a caller waits, so the process must not end here. */
  #arm(waitMs: number): void {
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
