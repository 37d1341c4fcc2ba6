import { BINS, binOf, percentile } from './histogram.js';

/** The counts of each interval. */
export const FIELD = {
  /** Logical calls that began. */
  calls: 0,
  /** Logical calls that ended with an answer of the service, with a fallback, or with an error. */
  served: 1,
  fallback: 2,
  failed: 3,
  /** Calls that the circuit refused. */
  blocked: 4,
  /** Requests sent. */
  attempts: 5,
  /** Requests that ended, and those of them without a good answer. */
  ended: 6,
  unwell: 7,
} as const;

const FIELDS = Object.keys(FIELD).length;

/** The most intervals. With more, the curves show only noise. */
const MOST = 180;

/** Interval lengths that are easy to read, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

/** Counts of one service over time, in intervals of one length. */
export class Series {
  readonly stepMs: number;
  readonly #count: number;
  readonly #fields: Float64Array;
  readonly #waits: Uint32Array;

  constructor(durationMs: number) {
    const seconds = durationMs / 1_000;
    this.stepMs = (STEPS.find((step) => seconds / step <= MOST) ?? Math.ceil(seconds / MOST)) * 1_000;
    this.#count = Math.max(1, Math.ceil(durationMs / this.stepMs));
    this.#fields = new Float64Array(this.#count * FIELDS);
    this.#waits = new Uint32Array(this.#count * BINS);
  }

  /** Events after the end of the scenario belong to no interval. */
  add(field: number, now: number): void {
    const at = Math.floor(now / this.stepMs);
    if (at >= this.#count) return;
    const index = at * FIELDS + field;
    this.#fields[index] = (this.#fields[index] ?? 0) + 1;
  }

  /** Records the wait of one caller. */
  waited(ms: number, now: number): void {
    const at = Math.floor(now / this.stepMs);
    if (at >= this.#count) return;
    const index = at * BINS + binOf(ms);
    this.#waits[index] = (this.#waits[index] ?? 0) + 1;
  }

  values(field: keyof typeof FIELD): number[] {
    return Array.from({ length: this.#count }, (_, at) => this.#fields[at * FIELDS + FIELD[field]] ?? 0);
  }

  /** Returns a percentile of the callers' waits in milliseconds. Null if no call ended. */
  waits(part: number): (number | null)[] {
    return Array.from({ length: this.#count }, (_, at) => percentile(this.#waits.subarray(at * BINS, (at + 1) * BINS), part) ?? null);
  }
}
