/** What one instance has put into the store. */
export interface StoredReport {
  /** Whose it is. */
  readonly instance: string;
  /** As that instance wrote it. */
  readonly report: string;
  /** For how long it has been there, in milliseconds, by the store's own clock. */
  readonly ageMs: number;
}

/** Where processes leave what they know for one another. There is `redisStore`, and `memoryStore` within one process. */
export interface SharedStateStore {
  /**
   * Puts `report` in the place of what this instance left before, to be forgotten after `leaseMs` (0: at once), and returns what all others have left and is
   * not forgotten: in one step, by one clock, that of the store. It touches nobody else's report. An answer that comes after `signal` has been
   * aborted is not looked at. May throw, reject, hang and return nonsense: calls do not notice.
   */
  exchange(instance: string, report: string, leaseMs: number, signal: AbortSignal): PromiseLike<readonly StoredReport[]>;
}
