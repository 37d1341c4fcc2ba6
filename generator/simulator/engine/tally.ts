import { BINS, binOf, percentile } from './histogram.js';

/** The counts of one operation's calls. */
export class Tally {
  calls = 0;
  network = 0;
  cache = 0;
  fallback = 0;
  failed = 0;
  /** Refused by the circuit, at the first attempt or a later one. */
  blocked = 0;
  /** Refused by a bulkhead or a rate limiter. */
  limited = 0;
  attempts = 0;
  retries = 0;
  waitSumMs = 0;
  worstWaitMs = 0;
  readonly errors = new Map<string, number>();
  readonly waits = new Uint32Array(BINS);

  waited(ms: number): void {
    this.waitSumMs += ms;
    if (ms > this.worstWaitMs) this.worstWaitMs = ms;
    const bin = binOf(ms);
    this.waits[bin] = (this.waits[bin] ?? 0) + 1;
  }

  error(kind: string): void {
    this.failed++;
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }
}

/** The outcomes of calls. */
export interface Totals {
  /** Logical calls that began. */
  readonly calls: number;
  /** Calls that the service answered. */
  readonly served: number;
  /** Calls that the last good response or a fixed value answered. */
  readonly fallback: number;
  readonly fallbackFromCache: number;
  /** Calls that ended with an error. */
  readonly failed: number;
  /** Calls that an open circuit refused. Also counted in `fallback` or `failed`. */
  readonly blocked: number;
  /** Calls that a bulkhead or a rate limiter refused. Also counted in `fallback` or `failed`. */
  readonly limited: number;
  /** Requests sent, and the retries among them. */
  readonly attempts: number;
  readonly retries: number;
  /** Calls that had not ended when the simulation ended. */
  readonly unfinished: number;
  /** The share of callers that got an answer from the service or a fallback: 0 to 100. Null if no call ended. */
  readonly servedPercent: number | null;
  readonly meanWaitMs: number | null;
  readonly p50WaitMs: number | null;
  readonly p99WaitMs: number | null;
  readonly worstWaitMs: number;
  /** Errors of callers by kind: `circuit_open`, `timeout`, ... */
  readonly errors: Readonly<Record<string, number>>;
}

/** Returns the sum of tallies. */
export function totalsOf(tallies: readonly Tally[]): Totals {
  const sum = (key: Exclude<keyof Tally, 'errors' | 'waits' | 'waited' | 'error'>): number =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  const waits = new Uint32Array(BINS);
  const errors: Record<string, number> = {};
  for (const tally of tallies) {
    for (let at = 0; at < BINS; at++) waits[at] = (waits[at] ?? 0) + (tally.waits[at] ?? 0);
    for (const [kind, count] of tally.errors) errors[kind] = (errors[kind] ?? 0) + count;
  }
  const [served, fallback, failed] = [sum('network'), sum('cache') + sum('fallback'), sum('failed')];
  const ended = served + fallback + failed;
  const worst = Math.max(0, ...tallies.map((tally) => tally.worstWaitMs));
  // A bin gives only its middle, so percentiles are limited to the worst wait.
  const wait = (part: number): number | null => (ended === 0 ? null : Math.min(worst, percentile(waits, part) ?? 0));
  return {
    calls: sum('calls'),
    served,
    fallback,
    fallbackFromCache: sum('cache'),
    failed,
    blocked: sum('blocked'),
    limited: sum('limited'),
    attempts: sum('attempts'),
    retries: sum('retries'),
    unfinished: sum('calls') - ended,
    servedPercent: ended === 0 ? null : ((served + fallback) / ended) * 100,
    meanWaitMs: ended === 0 ? null : sum('waitSumMs') / ended,
    p50WaitMs: wait(0.5),
    p99WaitMs: wait(0.99),
    worstWaitMs: worst,
    errors: Object.fromEntries(Object.entries(errors).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
