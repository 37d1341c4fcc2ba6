import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import { secondsText } from './seconds-text.js';

/** The bulkhead had no place for the call, or none within the longest wait. No request was made. */
export class BulkheadFullError extends FuselineError {
  readonly kind = 'bulkhead_full';
  readonly code = 'EBULKHEADFULL';

  constructor(
    where: ErrorPlace,
    /** The name of the bulkhead. */
    readonly bulkhead: string,
    /** `queue_full`: the call was refused immediately. `wait_timeout`: it waited for as long as it may. */
    readonly reason: 'queue_full' | 'wait_timeout',
    /** Calls that can run concurrently. */
    readonly maxConcurrent: number,
    /** Calls that can wait. */
    readonly maxQueue: number,
  ) {
    super(
      `${placeName(where)}: ${reason === 'queue_full' ? 'no place is free' : 'no place came free in time'} in bulkhead '${bulkhead}' (${maxConcurrent} at once, ${maxQueue} waiting); no request was made`,
      where,
    );
  }
}

/** The rate limit allows no request within the time that the call may wait. No request was made. */
export class RateLimitedError extends FuselineError {
  readonly kind = 'rate_limited';
  readonly code = 'ERATELIMITED';

  constructor(
    where: ErrorPlace,
    /** The name of the rate limiter. */
    readonly limiter: string,
    /** Milliseconds until the limiter allows a request. */
    readonly retryAfterMs: number,
  ) {
    super(
      `${placeName(where)}: rate limit '${limiter}' is used up for another ${secondsText(retryAfterMs)}, longer than the call may wait; no request was made`,
      where,
    );
  }

  /** Seconds until the limiter allows a request, rounded up. */
  get retryAfter(): number {
    return Math.ceil(this.retryAfterMs / 1000);
  }
}

brand(BulkheadFullError, 'BulkheadFullError', 'bulkhead', 'reason', 'maxConcurrent', 'maxQueue');
brand(RateLimitedError, 'RateLimitedError', 'limiter', 'retryAfterMs');
