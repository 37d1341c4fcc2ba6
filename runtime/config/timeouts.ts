import { ConfigurationError } from '../errors/configuration-error.js';
import type { NamedLayer, PolicyValues } from './types.js';

/** @throws {ConfigurationError} where an attempt may take longer than the whole call. */
export function checkTimeouts(policy: Pick<PolicyValues, 'timeoutMs' | 'totalTimeoutMs'>, place: string): void {
  const { timeoutMs, totalTimeoutMs } = policy;
  if (totalTimeoutMs !== null && timeoutMs !== null && timeoutMs > totalTimeoutMs) {
    throw new ConfigurationError('timeoutMs', timeoutMs, `at most totalTimeoutMs, which is ${totalTimeoutMs} for ${place}`);
  }
}

/**
 * Lets the stronger of two limits that contradict each other decide: a total from the client's options shortens the YAML's attempts, an
 * attempt limit above the YAML's total lengthens the total. Both from one layer is a contradiction of its own, which `checkTimeouts` reports.
 */
export function reconcileTimeouts<T extends Pick<PolicyValues, 'timeoutMs' | 'totalTimeoutMs'>>(
  policy: T,
  layers: readonly NamedLayer[],
): T {
  const { timeoutMs, totalTimeoutMs } = policy;
  if (timeoutMs === null || totalTimeoutMs === null || timeoutMs <= totalTimeoutMs) return policy;
  const strongest = layers.findLast(({ values }) => values.timeoutMs !== undefined || values.totalTimeoutMs !== undefined)?.values;
  if (strongest?.timeoutMs === undefined) return { ...policy, timeoutMs: totalTimeoutMs };
  return strongest.totalTimeoutMs === undefined ? { ...policy, totalTimeoutMs: timeoutMs } : policy;
}
