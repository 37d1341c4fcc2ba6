/** The upper bounds of the buckets for durations of calls, in milliseconds. One more bucket counts longer calls. */
export const LATENCY_BUCKETS_MS: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** Causes that are counted for each operation. Only a server that answers with ever other statuses exceeds it. */
const MOST_CAUSES = 30;

/**
 * The counts of one operation over all clients of a registry, since its first call. They are plain fields, so counting costs an addition. Each call
 * counts once, in `successes`, `failures`, `cancelled`, `cacheAnswers` or `fallbackAnswers`.
 */
export class OperationStats {
  /** Calls that the service answered. */
  successes = 0;
  /** Calls whose caller got an error. */
  failures = 0;
  /** Calls that their caller aborted. */
  cancelled = 0;
  /** Calls that the last good response answered. */
  cacheAnswers = 0;
  /** Calls that another fallback answered. */
  fallbackAnswers = 0;
  /** Requests handed to the transport. Calls that share a request count it once. */
  attempts = 0;
  /** Of these, the retries: the second attempt of a call and later ones. */
  retries = 0;
  /** Of these, those that the deadline of the attempt or of the call ended. */
  timeouts = 0;
  /** Attempts that ended in an error, by cause: `http_503`, `refused`, `timeout`, `sign_in`, ... Undefined before the first. */
  attemptFailures: Map<string, number> | undefined = undefined;
  /** Requests that the circuit refused. */
  rejected = 0;
  /** Requests that the bulkhead or the rate limiter refused. */
  limited = 0;
  /** Calls under way. */
  inFlight = 0;
  /**
   * Calls by duration, including waits and retries: one count per bucket of `LATENCY_BUCKETS_MS` and one for longer calls, not cumulative.
   * Cancelled calls are left out, because their durations say nothing about the service. Undefined before the first call.
   */
  durationBuckets: Float64Array | undefined = undefined;
  /** The sum of the durations in the buckets, in milliseconds. */
  durationSumMs = 0;

  constructor(
    readonly service: string,
    /** `namespace.name`. */
    readonly operation: string,
  ) {}

  /** Whether there was a call. The counts exist before, as soon as a client prepares the operation, such as for `describe`. */
  get called(): boolean {
    return this.inFlight + this.successes + this.failures + this.cancelled + this.cacheAnswers + this.fallbackAnswers > 0;
  }

  /** Counts an attempt that ended in an error. Causes beyond the most that are kept count as `other`. */
  attemptFailed(cause: string): void {
    this.attemptFailures ??= new Map();
    const counts = this.attemptFailures;
    const counted = counts.has(cause) || counts.size < MOST_CAUSES ? cause : 'other';
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
  }

  /** Counts the duration of a call that ended, unless its caller aborted it. */
  took(durationMs: number): void {
    this.durationBuckets ??= new Float64Array(LATENCY_BUCKETS_MS.length + 1);
    const buckets = this.durationBuckets;
    let at = 0;
    while (durationMs > (LATENCY_BUCKETS_MS[at] ?? Number.POSITIVE_INFINITY)) at++;
    buckets[at] = (buckets[at] ?? 0) + 1;
    this.durationSumMs += durationMs;
  }
}
