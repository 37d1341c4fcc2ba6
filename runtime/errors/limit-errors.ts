import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';

/** The bulkhead had no place for the call, or none within its longest wait: no request was made. */
export class BulkheadFullError extends FuselineError {
  readonly kind = 'bulkhead_full';
  readonly code = 'EBULKHEADFULL';

  constructor(
    where: ErrorPlace,
    /** Name of the bulkhead. */
    readonly bulkhead: string,
    /** `queue_full`: refused at once. `wait_timeout`: it waited as long as it may. */
    readonly reason: 'queue_full' | 'wait_timeout',
    /** Calls that may run at once, and calls that may wait. */
    readonly maxConcurrent: number,
    readonly maxQueue: number,
  ) {
    super(
      `${placeName(where)}: ${reason === 'queue_full' ? 'no place is free' : 'no place came free in time'} in bulkhead '${bulkhead}' (${maxConcurrent} at once, ${maxQueue} waiting); no request was made`,
      where,
    );
  }
}

/** The rate limit leaves no request within the time that the call may wait: no request was made. */
export class RateLimitedError extends FuselineError {
  readonly kind = 'rate_limited';
  readonly code = 'ERATELIMITED';

  constructor(
    where: ErrorPlace,
    /** Name of the rate limiter. */
    readonly limiter: string,
    /** Milliseconds until a request would be let through. */
    readonly retryAfterMs: number,
  ) {
    super(
      `${placeName(where)}: rate limit '${limiter}' is used up for another ${(retryAfterMs / 1000).toFixed(retryAfterMs < 10_000 ? 1 : 0)} s, longer than the call may wait; no request was made`,
      where,
    );
  }

  /** The same in seconds, rounded up. */
  get retryAfter(): number {
    return Math.ceil(this.retryAfterMs / 1000);
  }
}

brand(BulkheadFullError, 'BulkheadFullError', 'bulkhead', 'reason', 'maxConcurrent', 'maxQueue');
brand(RateLimitedError, 'RateLimitedError', 'limiter', 'retryAfterMs');
