import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { count, countFrom0 } from '../../errors/checks.js';
import { givenClock, givenFunction, givenName, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { BulkheadFullError } from '../../errors/limit-errors.js';
import { dispose } from '../../observe/subscription.js';
import { CURRENT, userFunction } from '../../user-code.js';
import { PromiseWaiter, type WaitOptions, waitMsOf, waitOptions } from '../queue/promise-waiter.js';
import { type Waiter, WaitQueue } from '../queue/wait-queue.js';
import { startDeadline } from '../timeout/deadline.js';

/** Options of a bulkhead. */
export interface BulkheadOptions {
  /** Largest number of calls that run concurrently. At least 1. */
  readonly maxConcurrent: number;
  /** Largest number of calls that wait for a place, first in, first out. Default 0: no call waits. */
  readonly maxQueue?: number;
  /** Longest wait for a place, in milliseconds. `null` or `Infinity` means no limit. Default: no limit. */
  readonly maxWaitMs?: number | null;
  /** Name in errors and stats. Default `default`. */
  readonly name?: string;
  readonly clock?: Clock;
}

const NAMES = namesOf<BulkheadOptions>({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 1, name: 1, clock: 1 });

/** A snapshot of a bulkhead. Counters start at 0 when the bulkhead is created. */
export interface BulkheadStats {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  /** Places taken now. */
  readonly active: number;
  /** Calls waiting now. */
  readonly queued: number;
  /** Calls that got a place, immediately or after a wait. */
  readonly admitted: number;
  /** Calls refused immediately: no place was free and the queue was full. */
  readonly rejected: number;
  /** Calls refused because they waited for `maxWaitMs`. */
  readonly timedOut: number;
  /** Calls that left the queue because their caller aborted, or because their circuit opened. */
  readonly aborted: number;
  /** Largest number of places taken at the same time. */
  readonly mostActive: number;
}

/**
 * Limits the number of concurrent calls, so that one slow service does not take every socket and all the memory. A call holds its place until its
 * work has ended, even if its caller no longer waits.
 *
 * @example
 * const bulkhead = new Bulkhead({ maxConcurrent: 10, maxQueue: 50, maxWaitMs: 2_000 });
 * const report = await bulkhead.call(() => reports.render(id), { signal });
 */
export class Bulkhead {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  readonly maxWaitMs: number;
  readonly #clock: Clock;
  readonly #queue = new WaitQueue((waiter, now) => {
    this.#timedOut++;
    waiter.onRefused(0, now);
  });
  #active = 0;
  #mostActive = 0;
  #admitted = 0;
  #rejected = 0;
  #timedOut = 0;
  #aborted = 0;
  #granting = false;

  /** @throws {ConfigurationError} if an option is invalid or unknown. */
  constructor(options: BulkheadOptions) {
    refuseUnknown('a bulkhead', givenObject('bulkhead', options), NAMES, 'bulkhead.');
    const { maxConcurrent, maxQueue = 0, maxWaitMs = Number.POSITIVE_INFINITY, name = 'default', clock = systemClock } = options;
    this.name = givenName('bulkhead.name', name);
    this.maxConcurrent = count('bulkhead.maxConcurrent', maxConcurrent) as number;
    this.maxQueue = countFrom0('bulkhead.maxQueue', maxQueue) as number;
    this.maxWaitMs = waitMsOf('bulkhead.maxWaitMs', maxWaitMs);
    this.#clock = guardedClock(givenClock('bulkhead.clock', clock));
  }

  /** Takes a place if one is free and no call waits for it. The caller must give back each place with one call of `leave`. */
  enter(): boolean {
    if (this.#active >= this.maxConcurrent || this.#queue.size > 0) return false;
    this.#take();
    return true;
  }

  /**
   * Queues the waiter for at most `maxWaitMs` milliseconds. Returns false if the queue is full or `maxWaitMs` is not positive. `shared` is true if
   * other waiters use the same time limit.
   */
  wait(
    waiter: Waiter,
    maxWaitMs: number = this.maxWaitMs,
    now: number = this.#clock.now(),
    shared = maxWaitMs === this.maxWaitMs,
  ): boolean {
    if (this.#queue.size >= this.maxQueue || !(maxWaitMs > 0)) {
      this.#rejected++;
      return false;
    }
    this.#queue.push(waiter);
    if (maxWaitMs !== Number.POSITIVE_INFINITY) startDeadline(this.#clock, waiter, maxWaitMs, now, shared, true);
    else waiter.expiresAt = maxWaitMs;
    return true;
  }

  /** Removes a waiter from the queue. Returns false if it no longer waits. */
  withdraw(waiter: Waiter): boolean {
    if (!this.#queue.remove(waiter)) return false;
    this.#aborted++;
    return true;
  }

  /** Gives a place back. */
  leave(): void {
    this.#active--;
    // A granted waiter can give its place back synchronously. The loop that already runs passes the place on, so the stack does not grow.
    if (this.#granting || this.#queue.size === 0) return;
    this.#granting = true;
    try {
      for (let next = this.#queue.head; next !== undefined && this.#active < this.maxConcurrent; next = this.#queue.head) {
        const now = this.#clock.now();
        // The wait has expired, but the timer is late because the event loop was blocked.
        if (next.expiresAt <= now) {
          this.#queue.expired(next, now);
          continue;
        }
        this.#queue.remove(next);
        this.#take();
        next.onGranted(now);
      }
    } finally {
      this.#granting = false;
    }
  }

  /**
   * Takes a place, immediately or after a wait. Give it back with `release()` or `using`.
   *
   * @throws {BulkheadFullError} if no place is free and the queue is full, or if the wait exceeds `maxWaitMs`.
   */
  acquire(options: WaitOptions = {}): Promise<BulkheadPermit> {
    return new Promise((resolve, reject) => {
      const { signal, maxWaitMs } = waitOptions(options, this.maxWaitMs);
      if (signal?.aborted === true) reject(signal.reason);
      else if (this.enter()) resolve(new BulkheadPermit(this));
      else {
        const refused = (): Error => this.fullError('wait_timeout');
        const waiter = new PromiseWaiter<BulkheadPermit>(resolve, reject, { granted: () => new BulkheadPermit(this), refused });
        if (this.wait(waiter, maxWaitMs)) waiter.heed(signal, () => this.withdraw(waiter));
        else reject(this.fullError('queue_full'));
      }
    });
  }

  /**
   * Runs `fn` as soon as there is a place. The signal ends only the wait: `fn` must react to it itself. The place is held until `fn` has ended.
   *
   * @throws {BulkheadFullError} without running `fn`, if there is no place in time.
   */
  async call<T>(fn: () => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    givenFunction('fn', fn);
    const permit = await this.acquire(options);
    try {
      options.signal?.throwIfAborted();
      return await CURRENT.call(userFunction(fn));
    } finally {
      permit.release();
    }
  }

  /** Creates an error that reports why there was no place. */
  fullError(reason: BulkheadFullError['reason'], where: ErrorPlace = { service: undefined, operation: undefined }): BulkheadFullError {
    return withoutStack(() => new BulkheadFullError(where, this.name, reason, this.maxConcurrent, this.maxQueue));
  }

  /** True if no call holds a place or waits for one. */
  get idle(): boolean {
    return this.#active === 0 && this.#queue.size === 0;
  }

  stats(): BulkheadStats {
    return {
      name: this.name,
      maxConcurrent: this.maxConcurrent,
      maxQueue: this.maxQueue,
      active: this.#active,
      queued: this.#queue.size,
      admitted: this.#admitted,
      rejected: this.#rejected,
      timedOut: this.#timedOut,
      aborted: this.#aborted,
      mostActive: this.#mostActive,
    };
  }

  toJSON(): BulkheadStats {
    return this.stats();
  }

  #take(): void {
    this.#active++;
    this.#admitted++;
    if (this.#active > this.#mostActive) this.#mostActive = this.#active;
  }
}

/** One place of a bulkhead. */
export class BulkheadPermit {
  #bulkhead: Bulkhead | undefined;

  /** @internal */
  constructor(bulkhead: Bulkhead) {
    this.#bulkhead = bulkhead;
  }

  /** Gives the place back. Further calls do nothing, because a place given back twice would admit one call too many. */
  release(): void {
    const bulkhead = this.#bulkhead;
    this.#bulkhead = undefined;
    bulkhead?.leave();
  }

  [dispose](): void {
    this.release();
  }
}
