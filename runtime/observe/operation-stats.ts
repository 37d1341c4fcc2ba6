/** Upper bounds of the buckets that durations of calls are counted in, in milliseconds. One more bucket takes what is longer. */
export const LATENCY_BUCKETS_MS: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/**
 * Counts of one operation over all clients of a registry, since its first call. Plain fields: counting costs an addition. Each call that was
 * begun ends in one of `successes`, `failures`, `cancelled`, `cacheAnswers` and `fallbackAnswers`, whatever happened on the way.
 */
export class OperationStats {
  /** The service answered. */
  successes = 0;
  /** The caller got an error. */
  failures = 0;
  /** The caller aborted. */
  cancelled = 0;
  /** The last good response stood in. */
  cacheAnswers = 0;
  /** Another fallback stood in. */
  fallbackAnswers = 0;
  /** Requests handed to the transport. Calls that share one count it once. */
  attempts = 0;
  /** Of these, repetitions: the second attempt of a call and those after it. */
  retries = 0;
  /** Of these, ended by a deadline: that of the attempt, or what was left of the call's. */
  timeouts = 0;
  /** Requests that the circuit refused. */
  rejected = 0;
  /** Requests that the bulkhead or the rate limiter refused. */
  limited = 0;
  /** Calls under way. */
  inFlight = 0;
  /**
   * Calls by duration, waits and retries included: one count per bucket of `LATENCY_BUCKETS_MS` and one for what is longer, not cumulative.
   * Cancelled calls are left out: they say how long the caller waited, not how long the service took. Undefined before the first.
   */
  durationBuckets: Float64Array | undefined = undefined;
  /** Sum of the durations that are counted in the buckets, in milliseconds. */
  durationSumMs = 0;

  constructor(
    readonly service: string,
    /** `namespace.name`. */
    readonly operation: string,
  ) {}

  /** Counts the duration of a call that has ended, other than by its caller's abort. */
  took(durationMs: number): void {
    this.durationBuckets ??= new Float64Array(LATENCY_BUCKETS_MS.length + 1);
    const buckets = this.durationBuckets;
    let at = 0;
    while (durationMs > (LATENCY_BUCKETS_MS[at] ?? Number.POSITIVE_INFINITY)) at++;
    buckets[at] = (buckets[at] ?? 0) + 1;
    this.durationSumMs += durationMs;
  }
}
