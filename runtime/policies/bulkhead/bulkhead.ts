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

/** How much may go on at once. */
export interface BulkheadOptions {
  /** Calls that may run at once, at least 1. */
  readonly maxConcurrent: number;
  /** Calls that may wait for a place, first in, first out. Default 0: no one waits. */
  readonly maxQueue?: number;
  /** Longest wait for a place, in milliseconds. `null` or `Infinity`: no limit, the default. */
  readonly maxWaitMs?: number | null;
  /** Shown in errors and stats. Default `default`. */
  readonly name?: string;
  readonly clock?: Clock;
}

const NAMES = namesOf<BulkheadOptions>({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 1, name: 1, clock: 1 });

/** A bulkhead at one moment. Counters run since it was made. */
export interface BulkheadStats {
  readonly name: string;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  /** Places taken now. */
  readonly active: number;
  /** Waiting now. */
  readonly queued: number;
  /** Got a place, at once or after a wait. */
  readonly admitted: number;
  /** Refused at once: no place and no room to wait. */
  readonly rejected: number;
  /** Waited as long as they may. */
  readonly timedOut: number;
  /** Left the queue of their own accord. */
  readonly aborted: number;
  /** Most places ever taken at once. */
  readonly mostActive: number;
}

/**
 * Limits how many calls go on at once, so that one slow service does not take every socket and all the memory. A place is held until the
 * work has really ended, not until someone has stopped waiting for it.
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

  /** @throws {ConfigurationError} */
  constructor(options: BulkheadOptions) {
    refuseUnknown('a bulkhead', givenObject('bulkhead', options), NAMES, 'bulkhead.');
    const { maxConcurrent, maxQueue = 0, maxWaitMs = Number.POSITIVE_INFINITY, name = 'default', clock = systemClock } = options;
    this.name = givenName('bulkhead.name', name);
    this.maxConcurrent = count('bulkhead.maxConcurrent', maxConcurrent) as number;
    this.maxQueue = countFrom0('bulkhead.maxQueue', maxQueue) as number;
    this.maxWaitMs = waitMsOf('bulkhead.maxWaitMs', maxWaitMs);
    this.#clock = guardedClock(givenClock('bulkhead.clock', clock));
  }

  /** Takes a place if one is free and no one waits for it. Each must be given back by one `leave`. */
  enter(): boolean {
    if (this.#active >= this.maxConcurrent || this.#queue.size > 0) return false;
    this.#take();
    return true;
  }

  /** Waits for a place, for `maxWaitMs` at most; `shared`: others wait as long. False where there is no room to wait, or no time. */
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

  /** Takes a waiter out of the queue: it gets no place. False where it waits no more. */
  withdraw(waiter: Waiter): boolean {
    if (!this.#queue.remove(waiter)) return false;
    this.#aborted++;
    return true;
  }

  /** Gives a place back. */
  leave(): void {
    this.#active--;
    // What a granted waiter does may give a place back at once: the loop that is already running passes it on, and the stack stays flat.
    if (this.#granting) return;
    this.#granting = true;
    try {
      for (let next = this.#queue.head; next !== undefined && this.#active < this.maxConcurrent; next = this.#queue.head) {
        const now = this.#clock.now();
        // Its time is up; only its timer is late, because the event loop was blocked.
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
   * A place, at once or after a wait. `using` gives it back, or `release`.
   *
   * @throws {BulkheadFullError} where there is neither a place nor room to wait, or the wait was too long.
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
   * Runs `fn` as soon as there is a place. The signal ends the wait; whether it ends the work is `fn`'s to decide, and the place is held until
   * the work has ended.
   *
   * @throws {BulkheadFullError} without running `fn`.
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

  /** A fresh error that says why there was no place. */
  fullError(reason: BulkheadFullError['reason'], where: ErrorPlace = { service: undefined, operation: undefined }): BulkheadFullError {
    return withoutStack(() => new BulkheadFullError(where, this.name, reason, this.maxConcurrent, this.maxQueue));
  }

  /** Nobody holds a place or waits for one. */
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

/** One place. */
export class BulkheadPermit {
  #bulkhead: Bulkhead | undefined;

  /** @internal */
  constructor(bulkhead: Bulkhead) {
    this.#bulkhead = bulkhead;
  }

  /** Gives the place back. Harmless when called again: a place given back twice would let one call too many in. */
  release(): void {
    const bulkhead = this.#bulkhead;
    this.#bulkhead = undefined;
    bulkhead?.leave();
  }

  [dispose](): void {
    this.release();
  }
}
