import { withPreset } from '../breaker/presets.js';
import { IDEMPOTENT_METHODS } from '../config/defaults.js';
import type { NamedLayer } from '../config/layers.js';
import type { PolicyLayer, PolicyValues } from '../config/types.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { flag, limitLayer } from './limit-layer.js';
import { count, duration, statuses } from './option-checks.js';
import type { CallOptions, ClientOptions, RetryOptions } from './options.js';
import { recoveryLayer } from './recovery-layer.js';

type Draft = { -readonly [K in keyof PolicyValues]?: PolicyValues[K] };

/** A client's options as a layer. @throws {ConfigurationError} naming option, value and range. */
export function clientLayer(options: ClientOptions): PolicyLayer {
  const draft: Draft = { ...callLayer(options) };
  // Tuning of all operations at once never turns on what the YAML turned off for one of them.
  if (options.retry !== undefined && options.retry !== false) delete draft.retryEnabled;
  Object.assign(draft, limitLayer(options));
  if (options.breaker === undefined) return draft;
  const breaker = withPreset(options.breaker);
  if (breaker.enabled !== undefined) draft.enabled = flag('breaker.enabled', breaker.enabled);
  if (breaker.failureThreshold !== undefined) draft.failureThreshold = count('breaker.failureThreshold', breaker.failureThreshold);
  if (breaker.successThreshold !== undefined) draft.successThreshold = count('breaker.successThreshold', breaker.successThreshold);
  if (breaker.halfOpenMaxCalls !== undefined) draft.halfOpenMaxCalls = count('breaker.halfOpenMaxCalls', breaker.halfOpenMaxCalls);
  if (breaker.recoveryTimeoutMs !== undefined)
    draft.recoveryTimeoutMs = duration('breaker.recoveryTimeoutMs', breaker.recoveryTimeoutMs, 0);
  Object.assign(draft, recoveryLayer(breaker));
  return draft;
}

/** The options of one call, and what a client shares with them. @throws {ConfigurationError} */
export function callLayer(options: Pick<CallOptions, 'timeoutMs' | 'totalTimeoutMs' | 'retry' | 'idempotent' | 'maxWaitMs'>): PolicyLayer {
  const draft: Draft = {};
  if (options.timeoutMs !== undefined) draft.timeoutMs = options.timeoutMs === null ? null : duration('timeoutMs', options.timeoutMs, 1);
  if (options.totalTimeoutMs !== undefined) {
    draft.totalTimeoutMs = options.totalTimeoutMs === null ? null : duration('totalTimeoutMs', options.totalTimeoutMs, 1);
  }
  if (options.idempotent !== undefined) draft.idempotent = flag('idempotent', options.idempotent);
  const { maxWaitMs } = options;
  if (maxWaitMs !== undefined)
    draft.bulkheadMaxWaitMs = draft.rateLimitMaxWaitMs = maxWaitMs === null ? null : duration('maxWaitMs', maxWaitMs, 0);
  if (options.retry === false) draft.retryEnabled = false;
  else if (options.retry !== undefined) Object.assign(draft, retryLayer(options.retry));
  return draft;
}

function retryLayer(retry: RetryOptions): PolicyLayer {
  const draft: Draft = { retryEnabled: true };
  if (retry.maxAttempts !== undefined) draft.maxAttempts = count('retry.maxAttempts', retry.maxAttempts);
  if (retry.baseDelayMs !== undefined) draft.baseDelayMs = duration('retry.baseDelayMs', retry.baseDelayMs, 0);
  if (retry.maxDelayMs !== undefined) draft.maxDelayMs = duration('retry.maxDelayMs', retry.maxDelayMs, 0);
  if (retry.maxRetryAfterMs !== undefined) draft.maxRetryAfterMs = duration('retry.maxRetryAfterMs', retry.maxRetryAfterMs, 0);
  if (retry.exponentialBase !== undefined) {
    if (!Number.isFinite(retry.exponentialBase) || retry.exponentialBase < 1)
      throw new ConfigurationError('retry.exponentialBase', retry.exponentialBase, 'a number, 1 or more');
    draft.exponentialBase = retry.exponentialBase;
  }
  if (retry.jitter !== undefined) draft.jitter = flag('retry.jitter', retry.jitter);
  if (retry.statuses !== undefined) draft.retryStatuses = statuses('retry.statuses', retry.statuses);
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

/** May a request that perhaps reached the server be sent again? */
export function isRepeatable(policy: PolicyValues, method: string, hasIdempotencyKey: boolean): boolean {
  return policy.idempotent ?? (hasIdempotencyKey || IDEMPOTENT_METHODS.has(method));
}
