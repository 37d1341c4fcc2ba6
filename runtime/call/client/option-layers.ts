import type { PolicyLayer } from '../../config/types.js';
import { withPreset } from '../../policies/circuit-breaker/options.js';
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
  if (setsNoPolicy(options)) return NO_LAYER;
  const draft: Draft = { ...callLayer(options) };
  // Tuning of all operations at once never turns on what the YAML turned off for one of them.
  if (options.retry !== undefined && options.retry !== false) delete draft.retryEnabled;
  Object.assign(draft, limitLayer(options));
  if (options.breaker === undefined) return draft;
  const breaker = withPreset(options.breaker);
  fill(draft, 'breaker.', breaker, BREAKER);
  return Object.assign(draft, recoveryLayer(breaker));
}

const NO_LAYER: PolicyLayer = Object.freeze({});

/** Most clients set none, and one is made for each request of some servers. */
function setsNoPolicy(options: ClientOptions & Pick<CallOptions, 'idempotent' | 'maxWaitMs'>): boolean {
  const { timeoutMs, totalTimeoutMs, idempotent, maxWaitMs, retry, coalesce, bulkhead, rateLimit, breaker } = options;
  if (timeoutMs !== undefined || totalTimeoutMs !== undefined || idempotent !== undefined || maxWaitMs !== undefined) return false;
  return [retry, coalesce, bulkhead, rateLimit, breaker].every((given) => given === undefined);
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
