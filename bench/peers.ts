import { ConsecutiveBreaker, circuitBreaker, handleAll, type IPolicy, TimeoutStrategy, timeout, wrap } from 'cockatiel';
import Opossum from 'opossum';

/** The same settings for every library: 5 failures in a row, 60 s until the first probe. */
export const RECOVERY_MS = 60_000;
export const TIMEOUT_MS = 60_000;
export const FAILURES = 5;

export function cockatielBreaker(): ReturnType<typeof circuitBreaker> {
  return circuitBreaker(handleAll, { halfOpenAfter: RECOVERY_MS, breaker: new ConsecutiveBreaker(FAILURES) });
}

/** A breaker around a timeout that also ends functions which ignore their signal, as ours does. */
export function cockatielPolicy(): IPolicy {
  return wrap(cockatielBreaker(), timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive));
}

/** opossum counts by rate; it has no consecutive mode. */
export function opossumBreaker<A extends readonly unknown[], R>(
  action: (...args: A) => Promise<R>,
  timeoutMs: number | false = TIMEOUT_MS,
): Opossum<A, R> {
  return new Opossum(action, { timeout: timeoutMs, errorThresholdPercentage: 50, resetTimeout: RECOVERY_MS, volumeThreshold: FAILURES });
}
