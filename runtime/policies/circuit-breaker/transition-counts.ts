import type { Shown } from './shown-state.js';

/** The upper bounds of the recovery buckets, in milliseconds. One more bucket counts longer recoveries. */
export const RECOVERY_BUCKETS_MS: readonly number[] = [
  1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000,
];

/** The possible changes between visible states. */
export const CHANGES = [
  ['closed', 'open'],
  ['open', 'half_open'],
  ['half_open', 'closed'],
  ['half_open', 'open'],
  ['open', 'closed'],
] as const satisfies readonly (readonly [Shown, Shown])[];

/** Counts the changes of state of a circuit, and its recovery times. Created at the first change, because most circuits have none. */
export class TransitionCounts {
  /** One count per entry of `CHANGES`. */
  readonly changes = new Float64Array(CHANGES.length);
  recoveries = 0;
  /** Recoveries by the time for which the circuit was not closed: one count per bucket, not cumulative. */
  readonly recoveryBuckets = new Float64Array(RECOVERY_BUCKETS_MS.length + 1);
  /** In whole milliseconds, so that a sum over several circuits does not depend on their order, and never decreases. */
  recoverySumMs = 0;

  /** Counts a change. `downMs` is the time for which the circuit was not closed; undefined unless it closes now. */
  moved(from: Shown, to: Shown, downMs: number | undefined): void {
    const at = CHANGES.findIndex(([before, after]) => before === from && after === to);
    // Stryker disable next-line ConditionalExpression: an array of numbers keeps nothing at -1.
    if (at >= 0) this.changes[at] = (this.changes[at] ?? 0) + 1;
    if (downMs === undefined) return;
    this.recoveries++;
    this.recoverySumMs += Math.round(downMs);
    const bucket = RECOVERY_BUCKETS_MS.findIndex((bound) => downMs <= bound);
    const slot = bucket < 0 ? RECOVERY_BUCKETS_MS.length : bucket;
    this.recoveryBuckets[slot] = (this.recoveryBuckets[slot] ?? 0) + 1;
  }

  /** Adds the counts of another circuit. */
  add(other: TransitionCounts): void {
    for (const [at, count] of other.changes.entries()) this.changes[at] = (this.changes[at] ?? 0) + count;
    for (const [at, count] of other.recoveryBuckets.entries()) this.recoveryBuckets[at] = (this.recoveryBuckets[at] ?? 0) + count;
    this.recoveries += other.recoveries;
    this.recoverySumMs += other.recoverySumMs;
  }
}
