import { limit } from '../errors/checks.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { type ExplainedValue, explainLayers, mergeLayers } from './layers.js';
import type { Rows } from './options/rows.js';
import type { NamedLayer, PolicyValues } from './types.js';

/** The time limits that clients, calls, protected functions and tiers have. */
export const TIME_LIMITS: Rows = [
  ['timeoutMs', 'timeoutMs', limit],
  ['totalTimeoutMs', 'totalTimeoutMs', limit],
];

/** @throws {ConfigurationError} if an attempt may take longer than the whole call; `where` says of which one, `place` stands before the option. */
export function checkTimeouts(
  { timeoutMs, totalTimeoutMs }: Partial<Pick<PolicyValues, 'timeoutMs' | 'totalTimeoutMs'>>,
  where?: string,
  place = '',
): void {
  if (typeof totalTimeoutMs !== 'number' || typeof timeoutMs !== 'number' || timeoutMs <= totalTimeoutMs) return;
  const total = `at most totalTimeoutMs, which is ${totalTimeoutMs}`;
  throw new ConfigurationError(`${place}timeoutMs`, timeoutMs, where === undefined ? total : `${total} for ${where}`);
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

/** Returns every effective value and the layer it comes from, with limits that contradict each other reconciled. */
export function explainReconciled(layers: readonly NamedLayer[]): readonly ExplainedValue[] {
  const policy = reconcileTimeouts(mergeLayers(layers), layers);
  return explainLayers(layers).map((row) => {
    const value = policy[row.key];
    return value === row.value || typeof value === 'object'
      ? row
      : { ...row, value, origin: `${row.origin}, made to fit the stronger limit` };
  });
}
