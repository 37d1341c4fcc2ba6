import { withPreset } from '../breaker/presets.js';
import { type ExplainedValue, explainLayers, mergeLayers } from '../config/layers.js';
import type { NamedLayer, PolicyLayer, PolicyValues } from '../config/types.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { limitLayer } from './limit-layer.js';
import { count, type Draft, duration, factor, fill, flag, limit, type Rows, statuses, wait } from './option-rows.js';
import type { CallOptions, ClientOptions } from './options.js';
import { recoveryLayer } from './recovery-layer.js';

const CALL: Rows = [
  ['timeoutMs', 'timeoutMs', limit],
  ['totalTimeoutMs', 'totalTimeoutMs', limit],
  ['idempotent', 'idempotent', flag],
  ['maxWaitMs', 'bulkheadMaxWaitMs', wait],
  ['maxWaitMs', 'rateLimitMaxWaitMs', wait],
];

const RETRY: Rows = [
  ['maxAttempts', 'maxAttempts', count],
  ['baseDelayMs', 'baseDelayMs', duration],
  ['maxDelayMs', 'maxDelayMs', duration],
  ['maxRetryAfterMs', 'maxRetryAfterMs', duration],
  ['exponentialBase', 'exponentialBase', factor],
  ['jitter', 'jitter', flag],
  ['statuses', 'retryStatuses', statuses],
];

const BREAKER: Rows = [
  ['enabled', 'enabled', flag],
  ['failureThreshold', 'failureThreshold', count],
  ['successThreshold', 'successThreshold', count],
  ['halfOpenMaxCalls', 'halfOpenMaxCalls', count],
  ['recoveryTimeoutMs', 'recoveryTimeoutMs', duration],
];

/** A client's options as a layer. @throws {ConfigurationError} naming option, value and range. */
export function clientLayer(options: ClientOptions): PolicyLayer {
  const draft: Draft = { ...callLayer(options) };
  // Tuning of all operations at once never turns on what the YAML turned off for one of them.
  if (options.retry !== undefined && options.retry !== false) delete draft.retryEnabled;
  Object.assign(draft, limitLayer(options));
  if (options.breaker === undefined) return draft;
  const breaker = withPreset(options.breaker);
  fill(draft, 'breaker.', breaker, BREAKER);
  return Object.assign(draft, recoveryLayer(breaker));
}

/** The options of one call, and what a client shares with them. @throws {ConfigurationError} */
export function callLayer(options: Pick<CallOptions, 'timeoutMs' | 'totalTimeoutMs' | 'retry' | 'idempotent' | 'maxWaitMs'>): PolicyLayer {
  const draft: Draft = {};
  const { retry } = options;
  fill(draft, '', options, CALL);
  if (retry === undefined) return draft;
  draft.retryEnabled = retry !== false;
  if (retry !== false) fill(draft, 'retry.', retry, RETRY);
  return draft;
}

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
export function reconcileTimeouts(policy: PolicyValues, layers: readonly NamedLayer[]): PolicyValues {
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
