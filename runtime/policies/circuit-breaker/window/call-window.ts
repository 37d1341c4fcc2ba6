/** Bits of one call in a window. */
export const FAILED = 1;
export const SLOW = 2;

/** The calls that ended lately, as sums that are kept up with every call. */
export interface CallWindow {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** Calls that failed, were slow, or both: not the sum of the two. */
  readonly failedOrSlow: number;
  /** Adds a call that ended now. `bits`: `FAILED`, `SLOW`, both or neither. */
  record(bits: number, now: number): void;
  /** Forgets what is too old at `now`. */
  advance(now: number): void;
  /** Forgets everything. */
  clear(): void;
}
