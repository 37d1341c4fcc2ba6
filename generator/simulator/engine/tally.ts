import { BINS, binOf, percentile } from './histogram.js';

/** Counts of one operation's calls. */
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

/** What became of calls. */
export interface Totals {
  /** Logical calls that began. */
  readonly calls: number;
  /** Answered by the service. */
  readonly served: number;
  /** Answered by something else: the last good response, or a fixed value. */
  readonly fallback: number;
  readonly fallbackFromCache: number;
  /** Callers got an error. */
  readonly failed: number;
  /** Refused by an open circuit; a part of `fallback` and `failed`. */
  readonly blocked: number;
  /** Refused by a bulkhead or a rate limiter; a part of `fallback` and `failed`. */
  readonly limited: number;
  /** Requests sent, and how many of them were retries. */
  readonly attempts: number;
  readonly retries: number;
  /** Still waiting when the simulation ended. */
  readonly unfinished: number;
  /** Percent of callers who got an answer, whoever gave it: 0 to 100; null where no call ended. */
  readonly servedPercent: number | null;
  readonly meanWaitMs: number | null;
  readonly p50WaitMs: number | null;
  readonly p99WaitMs: number | null;
  readonly worstWaitMs: number;
  /** Errors that callers got, by kind: `circuit_open`, `timeout`, ... */
  readonly errors: Readonly<Record<string, number>>;
}

/** The sum of tallies, as people read it. */
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
  // A bin knows its middle only: no percentile lies beyond the worst.
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
