/** The bits of one call in a window. */
export const FAILED = 1;
export const SLOW = 2;

/** The recent calls of a circuit, as sums that each call updates. */
export interface CallWindow {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** Calls that failed, were slow, or both. A call that was both counts once. */
  readonly failedOrSlow: number;
  /** The place of the call that was added last. Places grow. */
  readonly place: number;
  /** Returns true if the call at that place is still in the window. */
  holds(place: number): boolean;
  /** Adds a call that ended now. `bits` is `FAILED`, `SLOW`, both or 0. */
  record(bits: number, now: number): void;
  /** Removes the calls that are too old at `now`. */
  advance(now: number): void;
  /** Removes all calls. */
  clear(): void;
}
