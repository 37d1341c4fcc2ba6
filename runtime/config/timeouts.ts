import { limit } from '../errors/checks.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { type ExplainedValue, explainLayers, mergeLayers } from './layers.js';
import type { Rows } from './options/rows.js';
import type { NamedLayer, PolicyValues } from './types.js';

/** The time limits of clients, calls, protected functions and tiers. */
export const TIME_LIMITS: Rows = [
  ['timeoutMs', 'timeoutMs', limit],
  ['totalTimeoutMs', 'totalTimeoutMs', limit],
];

/**
 * Checks the two time limits against each other. `where` names the operation or service in the message; `place` is the prefix of option names.
 *
 * @throws {ConfigurationError} if the limit of an attempt exceeds the limit of the whole call.
 */
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
 * Resolves a contradiction between the two limits: the one with the higher precedence applies, and the other is adjusted. For example, a total from
 * the client's options shortens the attempts of the YAML, and an attempt limit above the YAML's total extends the total. If both come from one layer,
 * nothing is adjusted, and `checkTimeouts` reports the contradiction.
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

/** Returns every effective value and the layer that sets it, after `reconcileTimeouts`. */
export function explainReconciled(layers: readonly NamedLayer[]): readonly ExplainedValue[] {
  const policy = reconcileTimeouts(mergeLayers(layers), layers);
  return explainLayers(layers).map((row) => {
    const value = policy[row.key];
    return value === row.value || typeof value === 'object'
      ? row
      : { ...row, value, origin: `${row.origin}, made to fit the stronger limit` };
  });
}
