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

/** How many requests may be sent. */
export interface RateLimiterOptions {
  /** Requests in any span of `perMs`. Left out, `null` or `Infinity`: only what the server's answers say counts (see `learn`). */
  readonly requests?: number | null | undefined;
  /** The span, in milliseconds. Default 1,000. */
  readonly perMs?: number;
  /** Longest wait for a token, in milliseconds. 0: no wait. `null` or `Infinity`: no limit. Default 30,000. */
  readonly maxWaitMs?: number | null;
  /** Shown in errors and stats. Default `default`. */
  readonly name?: string;
  readonly clock?: Clock;
}

const NAMES = namesOf<RateLimiterOptions>({ requests: 1, perMs: 1, maxWaitMs: 1, name: 1, clock: 1 });
const KEY = namesOf<Pick<RateLimitRequest, 'key'>>({ key: 1 });
const countOrNull = orNull(count);

/** What is asked of a limiter that keeps several senders apart. */
export interface RateLimitRequest extends WaitOptions {
  /** The sender: each key has its own tokens. Default: one for all. */
  readonly key?: string | undefined;
}

/** A rate limiter at one moment, all senders together. Names no sender: keys may hold credentials. */
export interface RateLimiterStats {
  readonly name: string;
  /** Null: only the server's word counts. */
  readonly requests: number | null;
  readonly perMs: number;
  /** Senders with tokens of their own. */
  readonly senders: number;
  /** Waiting now. */
  readonly queued: number;
  /** Got a token, at once or after a wait. */
  readonly granted: number;
  /** Had to wait for it. */
  readonly waited: number;
  /** Refused: the wait would have been too long. */
  readonly rejected: number;
  /** Left the queue by themselves. */
  readonly aborted: number;
  /** Tokens given back because the request was never sent. */
  readonly refunded: number;
}

/** How many senders are remembered. Beyond it, idle senders are removed first: they lose nothing. */
const MAX_LANES = 10_000;

/**
 * Keeps requests within a rate: at most `requests` in any span of `perMs`, and no more than the server's own answers leave. Those over the
 * limit wait in line, if their turn comes within the time they have, and are refused at once if not.
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

  /** @throws {ConfigurationError} */
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

  /** The tokens of one sender. */
  lane(key = ''): RateLane {
    let lane = this.#lanes.get(key);
    if (lane !== undefined) return lane;
    if (this.#lanes.size >= this.#maxLanes) this.#evict();
    lane = new RateLane(this.#clock, new TokenBucket(this.requests ?? Number.POSITIVE_INFINITY, this.perMs), this.#counters);
    this.#lanes.set(key, lane);
    return lane;
  }

  /**
   * Takes a token, at once or after a wait.
   *
   * @throws {RateLimitedError} at once, where the wait would be longer than `maxWaitMs`.
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

  /** Takes a token if there is one now. */
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

  /** Takes an answer's word for what is left: `X-RateLimit-*`, `RateLimit-*`, and the wait that a 429 asks for. Header names in lower case. */
  learn(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>, key = ''): void {
    this.heard(this.lane(key), status, headers);
  }

  /** @internal */
  heard(lane: RateLane, status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    if (status !== 429 && !saysOfRate(headers)) return;
    const hints = rateHints(status, headers, this.#clock.wallNow());
    if (hints !== undefined) lane.learn(hints, this.#clock.now());
  }

  /** Milliseconds that a request would have to wait now; 0 where it need not. */
  retryAfterMs(key = ''): number {
    return this.#lanes.get(key)?.retryAfterMs(this.#clock.now()) ?? 0;
  }

  /** Requests that may be sent now; Infinity where nothing limits them. */
  available(key = ''): number {
    return this.#lanes.get(key)?.available(this.#clock.now()) ?? this.requests ?? Number.POSITIVE_INFINITY;
  }

  /** A fresh error that says how long the limit lasts. */
  limitedError(retryAfterMs: number, where: ErrorPlace = { service: undefined, operation: undefined }): RateLimitedError {
    return withoutStack(() => new RateLimitedError(where, this.name, retryAfterMs));
  }

  /** True if a new limiter would let the same requests through: no wait, no token taken, no limit from an answer. */
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
   * Takes over what the server's answers told another limiter of each sender.
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

  /** Idle senders go; where all are busy, the one first seen and without a queue. */
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

/** A day: no token is kept account of for longer. */
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
