/** The report of one instance in the store. */
export interface StoredReport {
  /** The name of the instance. */
  readonly instance: string;
  /** The report, as that instance wrote it. */
  readonly report: string;
  /** The age of the report in milliseconds, by the clock of the store. */
  readonly ageMs: number;
}

/** The place where processes exchange reports: `redisStore`, or `memoryStore` within one process. */
export interface SharedStateStore {
  /**
   * Replaces the report of this instance by `report`, which expires after `leaseMs` (immediately if it is 0), and returns the reports of all other
   * instances that have not expired. It does both in one step, by the clock of the store, and changes no other report.
   *
   * An answer after `signal` aborted is ignored. `exchange` can throw, reject, never settle and return nonsense: calls do not notice.
   */
  exchange(instance: string, report: string, leaseMs: number, signal: AbortSignal): PromiseLike<readonly StoredReport[]>;
}
