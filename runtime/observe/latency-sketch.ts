/** Percentiles of durations, in milliseconds. */
export interface LatencyPercentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** How long each of the two windows takes samples. */
const WINDOW_MS = 300_000;

/** The finest step: 4 microseconds. */
const UNITS_PER_MS = 256;

/** Longer durations count as this one: 70 minutes. */
const MAX_UNITS = 2 ** 30 - 1;

/** Samples that wait before they are sorted into buckets. Sorting many together costs less. */
const WAITING = 64;

/** Each doubling of the duration has 16 buckets of equal width, so no bucket is wider than a sixteenth of its values. */
const BUCKETS = 16 * 27;

/**
 * Percentiles of the last 5 to 10 minutes, in 4 kB for any number of samples. It counts samples in buckets that widen with the duration. The error is
 * at most 3.1 % for durations from 1/16 of a millisecond to 70 minutes, and at most 4 microseconds below.
 *
 * Two windows take turns: one fills for 5 minutes while the other holds the 5 minutes before.
 */
export class LatencySketch {
  #current: Uint32Array = new Uint32Array(BUCKETS);
  #previous: Uint32Array | undefined;
  /** When the current window ends. */
  #until: number;
  readonly #waiting = new Float64Array(WAITING);
  #waitingCount = 0;

  /** `now`: monotonic milliseconds of the first sample. */
  constructor(now: number) {
    this.#until = now + WINDOW_MS;
  }

  /** Counts one duration that ended at `now`. */
  record(durationMs: number, now: number): void {
    if (now >= this.#until) this.#rotate(now);
    this.#waiting[this.#waitingCount++] = durationMs;
    if (this.#waitingCount === WAITING) this.#sort();
  }

  /** Returns null if the last 5 to 10 minutes have no sample. A percentile is the smallest sample that this share of the samples does not exceed. */
  percentiles(now: number): LatencyPercentiles | null {
    if (now >= this.#until) this.#rotate(now);
    this.#sort();
    const total = sum(this.#current) + (this.#previous === undefined ? 0 : sum(this.#previous));
    if (total === 0) return null;
    return { p50Ms: this.#quantile(0.5, total), p95Ms: this.#quantile(0.95, total), p99Ms: this.#quantile(0.99, total) };
  }

  #quantile(part: number, total: number): number {
    const rank = Math.ceil(part * total);
    let seen = 0;
    for (let at = 0; at < BUCKETS; at++) {
      seen += (this.#current[at] ?? 0) + (this.#previous?.[at] ?? 0);
      if (seen >= rank) return middleOf(at);
    }
    return middleOf(BUCKETS - 1);
  }

  #sort(): void {
    for (let next = 0; next < this.#waitingCount; next++) {
      const at = bucketOf(this.#waiting[next] ?? 0);
      this.#current[at] = (this.#current[at] ?? 0) + 1;
    }
    this.#waitingCount = 0;
  }

  #rotate(now: number): void {
    this.#sort();
    const full = this.#current;
    // After a whole window without a sample, the current one is too old, too.
    if (now - this.#until >= WINDOW_MS) {
      full.fill(0);
      this.#previous?.fill(0);
      this.#until = now + WINDOW_MS;
      return;
    }
    this.#current = this.#previous?.fill(0) ?? new Uint32Array(BUCKETS);
    this.#previous = full;
    this.#until += WINDOW_MS;
  }
}

/** Returns the bucket of a duration. The first 16 are one unit wide. Above, the highest bit is the doubling, and the four bits below are the bucket. */
function bucketOf(durationMs: number): number {
  const scaled = durationMs * UNITS_PER_MS;
  const units = scaled >= MAX_UNITS ? MAX_UNITS : scaled > 0 ? scaled | 0 : 0;
  if (units < 16) return units;
  const doubling = 31 - Math.clz32(units);
  return ((doubling - 3) << 4) + ((units >>> (doubling - 4)) & 15);
}

/** Returns the value with the same relative distance to both ends of the bucket. */
function middleOf(bucket: number): number {
  const shift = bucket < 16 ? 0 : (bucket >>> 4) - 1;
  const low = bucket < 16 ? bucket : (16 + (bucket & 15)) * 2 ** shift;
  const high = low + 2 ** shift;
  return (2 * low * high) / (low + high) / UNITS_PER_MS;
}

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
