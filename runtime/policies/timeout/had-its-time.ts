/** An attempt that the end of its call's time cuts off. Durations are milliseconds. */
export interface CutOffAttempt {
  /** How long the attempt ran. */
  readonly ranMs: number;
  /** The limit of one attempt. Null or undefined: none. */
  readonly limitMs: number | null | undefined;
  /** 1 is the first. */
  readonly number: number;
  /** The limit of the whole call. */
  readonly callLimitMs: number;
}

/**
 * Returns true if an attempt that the end of its call's time cuts off had enough time to count as a failure of the service. It had if it ran for
 * its whole limit, or if it is the first attempt and had at least half of the call's time. Otherwise the attempt says nothing of the service: a
 * token, a queue or earlier attempts took most of the time, and perhaps only milliseconds were left.
 *
 * Times are rounded up to whole milliseconds. Timers are no finer, and an attempt may begin a fraction of a millisecond after its call.
 */
export function hadItsTime({ ranMs, limitMs, number, callLimitMs }: CutOffAttempt): boolean {
  const ran = Math.ceil(ranMs);
  if (typeof limitMs === 'number' && ran >= limitMs) return true;
  return number === 1 && ran * 2 >= callLimitMs;
}

/**
 * Returns true if the wait for one of our own connections took more of a time limit than a service can be blamed for: more than a tenth. Durations are
 * milliseconds.
 */
export function tookOver(queuedMs: number, limitMs: number): boolean {
  return queuedMs * 10 > limitMs;
}
