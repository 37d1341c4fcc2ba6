import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { count, orNull } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenName, givenObject } from '../../errors/given.js';
import { namesOf, refuseInherited, refuseUnknown } from '../../errors/known-options.js';
import { RateLimitedError } from '../../errors/limit-errors.js';
import { CURRENT, userFunction } from '../../user-code.js';
import { PromiseWaiter, type WaitOptions, waitMsOf, waitOptions } from '../queue/promise-waiter.js';
import { rateHints, saysOfRate } from './rate-hints.js';
import { RateCounters, RateLane } from './rate-lane.js';
import { TokenBucket } from './token-bucket.js';

/** Options of a rate limiter. */
export interface RateLimiterOptions {
  /**
   * Largest number of requests in any span of `perMs`. Undefined, `null` or `Infinity` means no limit of its own: only the limits that responses
   * report apply (see `learn`). Default: no limit of its own.
   */
  readonly requests?: number | null | undefined;
  /** The span, in milliseconds, up to 86,400,000 (one day). Default 1,000. */
  readonly perMs?: number;
  /** Longest wait for a token, in milliseconds. 0 means no wait; `null` or `Infinity` means no limit. Default 30,000. */
  readonly maxWaitMs?: number | null;
  /** Name in errors and stats. Default `default`. */
  readonly name?: string;
  readonly clock?: Clock;
}

const NAMES = namesOf<RateLimiterOptions>({ requests: 1, perMs: 1, maxWaitMs: 1, name: 1, clock: 1 });
const KEY = namesOf<Pick<RateLimitRequest, 'key'>>({ key: 1 });
const countOrNull = orNull(count);

/** Options of one request for a token. */
export interface RateLimitRequest extends WaitOptions {
  /** The sender. Each key has its own tokens. Default: all requests share one set of tokens. */
  readonly key?: string | undefined;
}

/** A snapshot of a rate limiter, summed over all senders. It contains no keys, because keys can contain credentials. */
export interface RateLimiterStats {
  readonly name: string;
  /** Null if only the limits that responses report apply. */
  readonly requests: number | null;
  readonly perMs: number;
  /** Senders with tokens of their own. */
  readonly senders: number;
  /** Requests waiting now. */
  readonly queued: number;
  /** Requests that got a token, immediately or after a wait. */
  readonly granted: number;
  /** Requests that were queued. */
  readonly waited: number;
  /** Requests refused because the wait would have been too long. */
  readonly rejected: number;
  /** Requests that left the queue because their caller aborted, or because their circuit opened. */
  readonly aborted: number;
  /** Tokens given back because the request was never sent. */
  readonly refunded: number;
}

/** Largest number of senders kept. Beyond it, idle senders are removed first, because that loses no state. */
const MAX_LANES = 10_000;

/**
 * Limits requests to at most `requests` in any span of `perMs`, and to the limits that the server's responses report. A request over the limit
 * waits in a queue if it can be served within its time limit. Otherwise it is refused immediately.
 *
 * @example
 * const limiter = new RateLimiter({ requests: 100, perMs: 10_000 });
 * const answer = await limiter.call(() => fetch(url, { signal }), { key: tenant, signal });
 * limiter.learn(answer.status, Object.fromEntries(answer.headers), tenant);
 */
export class RateLimiter {
  readonly name: string;
  readonly requests: number | null;
  readonly perMs: number;
  readonly maxWaitMs: number;
  readonly #clock: Clock;
  readonly #lanes = new Map<string, RateLane>();
  readonly #counters = new RateCounters();
  readonly #maxLanes: number;

  /** @throws {ConfigurationError} if an option is invalid or unknown. */
  constructor(options: RateLimiterOptions, maxLanes = MAX_LANES) {
    refuseUnknown('a rate limiter', givenObject('rateLimit', options), NAMES, 'rateLimit.');
    const { requests = null, perMs = 1_000, maxWaitMs = 30_000, name = 'default', clock = systemClock } = options;
    if (typeof perMs !== 'number' || !(perMs > 0) || perMs > MAX_PER_MS)
      throw new ConfigurationError('rateLimit.perMs', perMs, `milliseconds, more than 0 and up to ${MAX_PER_MS.toLocaleString('en')}`);
    this.name = givenName('rateLimit.name', name);
    this.requests = countOrNull('rateLimit.requests', requests) as number | null;
    this.perMs = perMs;
    this.maxWaitMs = waitMsOf('rateLimit.maxWaitMs', maxWaitMs);
    this.#clock = guardedClock(givenClock('rateLimit.clock', clock));
    this.#maxLanes = maxLanes;
  }

  /** Returns the tokens of one sender. */
  lane(key = ''): RateLane {
    let lane = this.#lanes.get(key);
    if (lane !== undefined) return lane;
    if (this.#lanes.size >= this.#maxLanes) this.#evict();
    lane = new RateLane(this.#clock, new TokenBucket(this.requests ?? Number.POSITIVE_INFINITY, this.perMs), this.#counters);
    this.#lanes.set(key, lane);
    return lane;
  }

  /**
   * Takes a token, immediately or after a wait.
   *
   * @throws {RateLimitedError} immediately, if the wait would exceed `maxWaitMs`; later, if a response lowers the limit so that it does.
   */
  acquire(options: RateLimitRequest = {}): Promise<void> {
    return this.#acquire(options, () => undefined);
  }

  /** Takes a token, and gives what `granted` makes of the lane that it came from. */
  #acquire<T>(options: RateLimitRequest, granted: (lane: RateLane) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal, maxWaitMs, key } = requestOptions(options, this.maxWaitMs);
      const now = this.#clock.now();
      const lane = this.lane(key);
      if (signal?.aborted === true) reject(signal.reason);
      else if (lane.enter(now)) resolve(granted(lane));
      else {
        const refused = (retryAfterMs: number): Error => this.limitedError(retryAfterMs);
        const waiter = new PromiseWaiter<T>(resolve, reject, { granted: () => granted(lane), refused });
        const retryAfterMs = lane.wait(waiter, maxWaitMs, now);
        if (retryAfterMs > 0) reject(this.limitedError(retryAfterMs));
        else waiter.heed(signal, () => lane.withdraw(waiter));
      }
    });
  }

  /** Takes a token if one is free now. Returns false otherwise. */
  tryAcquire(key = ''): boolean {
    return this.lane(key).enter(this.#clock.now());
  }

  /**
   * Runs `fn` as soon as there is a token. If the signal aborts before, `fn` does not run and the token is given back.
   *
   * @throws {RateLimitedError} without running it.
   */
  async call<T>(fn: () => T | PromiseLike<T>, options: RateLimitRequest = {}): Promise<T> {
    givenFunction('fn', fn);
    const lane = await this.#acquire(options, itself);
    const { signal } = options;
    // The token was there at once, or came, and then the caller aborted: `fn` never runs.
    if (signal?.aborted === true) {
      lane.refund();
      throw signal.reason;
    }
    return await CURRENT.call(userFunction(fn));
  }

  /**
   * Applies the limits that a response reports: `X-RateLimit-*`, `RateLimit-*`, and the wait that a 429 asks for. Header names must be in lower case.
   */
  learn(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>, key = ''): void {
    this.heard(this.lane(key), status, headers);
  }

  /** @internal */
  heard(lane: RateLane, status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    if (status !== 429 && !saysOfRate(headers)) return;
    const hints = rateHints(status, headers, this.#clock.wallNow());
    if (hints !== undefined) lane.learn(hints, this.#clock.now());
  }

  /** Returns the milliseconds for which a request would have to wait now; 0 if it need not wait. */
  retryAfterMs(key = ''): number {
    return this.#lanes.get(key)?.retryAfterMs(this.#clock.now()) ?? 0;
  }

  /** Returns the number of requests that can be sent now; Infinity if nothing limits them. */
  available(key = ''): number {
    return this.#lanes.get(key)?.available(this.#clock.now()) ?? this.requests ?? Number.POSITIVE_INFINITY;
  }

  /** Creates an error that reports how long the limit lasts. */
  limitedError(retryAfterMs: number, where: ErrorPlace = { service: undefined, operation: undefined }): RateLimitedError {
    return withoutStack(() => new RateLimitedError(where, this.name, retryAfterMs));
  }

  /** True if a new limiter would behave the same: no request waits, no token is taken, and no limit from a response applies. */
  get idle(): boolean {
    const now = this.#clock.now();
    for (const lane of this.#lanes.values()) if (!lane.idle(now)) return false;
    return true;
  }

  /** True if a request waits or tokens are taken. */
  get underWay(): boolean {
    const now = this.#clock.now();
    for (const lane of this.#lanes.values()) if (lane.underWay(now)) return true;
    return false;
  }

  /**
   * Copies the limits that responses reported to another limiter, for each sender.
   *
   * @internal
   */
  inherit(other: RateLimiter): void {
    const now = this.#clock.now();
    for (const [key, lane] of other.#lanes) if (lane.narrowed(now)) this.lane(key).inherit(lane);
  }

  stats(): RateLimiterStats {
    let queued = 0;
    for (const lane of this.#lanes.values()) queued += lane.queued;
    const { name, requests, perMs } = this;
    return { name, requests, perMs, senders: this.#lanes.size, queued, ...this.#counters };
  }

  toJSON(): RateLimiterStats {
    return this.stats();
  }

  /** Removes all idle senders. If there are none, removes the oldest sender without a queue. */
  #evict(): void {
    const now = this.#clock.now();
    for (const [key, lane] of this.#lanes) if (lane.idle(now)) this.#lanes.delete(key);
    if (this.#lanes.size < this.#maxLanes) return;
    for (const [key, lane] of this.#lanes) {
      if (lane.queued > 0) continue;
      this.#lanes.delete(key);
      return;
    }
  }
}

/** One day. No token is tracked for longer. */
const MAX_PER_MS = 86_400_000;

const itself = (lane: RateLane): RateLane => lane;

/** The options checked, with `maxWaitMs` as a number. @throws {ConfigurationError} */
function requestOptions(
  options: RateLimitRequest,
  usualWaitMs: number,
): { readonly signal: AbortSignal | undefined; readonly maxWaitMs: number; readonly key: string } {
  refuseInherited('a wait', givenObject('options of the wait', options), KEY);
  const { key = '', ...wait } = options;
  return { ...waitOptions(wait, usualWaitMs), key };
}
