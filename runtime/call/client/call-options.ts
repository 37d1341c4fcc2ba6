import { checkTimeouts, reconcileTimeouts } from '../../config/timeouts.js';
import { flag } from '../../errors/checks.js';
import { compileFallback } from '../../policies/fallback/fallback.js';
import { statusTable } from '../answer/classify.js';
import type { CompiledOperation } from '../operation.js';
import { type CallSettings, type Changes, isRead, isRepeatable, noChanges } from '../settings.js';
import { checkCallKinds } from './given-options.js';
import type { SettingOptions } from './known-settings.js';
import { callLayer } from './option-layers.js';
import type { CallOptions } from './options.js';

/**
 * Returns the settings of the operation, overridden by the options of a call. If the options change no setting, this costs only a few comparisons.
 *
 * @throws {ConfigurationError} naming the invalid option.
 */
export function withCallOptions(op: CompiledOperation, options: CallOptions): CallSettings {
  checkCallKinds(options);
  const { fallback, timeoutMs, totalTimeoutMs, retry, idempotent, coalesce, maxWaitMs } = options;
  // A call whose attempts or waits differ from the others' shares no request. One with a deadline of its own may: the request does not end with it.
  const own = timeoutMs !== undefined || retry !== undefined || idempotent !== undefined || maxWaitMs !== undefined;
  if (fallback === undefined && totalTimeoutMs === undefined && !own && coalesce === undefined) return op.settings;
  const given: SettingOptions = { fallback, timeoutMs, totalTimeoutMs, retry, idempotent, coalesce, maxWaitMs };
  const known = op.known.find(given);
  if (known !== undefined) return known;
  const changes: Changes = own || totalTimeoutMs !== undefined ? layerChanges(op, options) : noChanges();
  if (coalesce !== undefined) flag('coalesce', coalesce);
  const { settings, operation } = op;
  const wantsSharing = coalesce === undefined ? settings.coalesces : coalesce && isRead(operation);
  changes.coalesces = !own && wantsSharing;
  if (changes.coalesces) changes.timeoutMs = settings.timeoutMs;
  if (fallback !== undefined) changes.fallback = compileFallback(fallback);
  const changed = settings.with(changes);
  op.known.keep(given, changed);
  return changed;
}

/** Returns the changes by the options that also exist in the YAML. */
function layerChanges({ operation, policy, settings }: CompiledOperation, options: CallOptions): Changes {
  const layer = callLayer(options);
  const changes = noChanges();
  const { retryEnabled, maxAttempts, baseDelayMs, maxDelayMs, exponentialBase, jitter, waitForProbe, maxRetryAfterMs } = layer;
  Object.assign(changes, { retryEnabled, maxAttempts, baseDelayMs, maxDelayMs, exponentialBase, jitter, waitForProbe, maxRetryAfterMs });
  if (layer.retryStatuses !== undefined) changes.statuses = statusTable({ ...policy, ...layer });
  if (layer.idempotent !== undefined) changes.repeatable = isRepeatable(operation, layer.idempotent);
  if (layer.bulkheadMaxWaitMs !== undefined) changes.placeWaitMs = layer.bulkheadMaxWaitMs ?? Number.POSITIVE_INFINITY;
  if (layer.rateLimitMaxWaitMs !== undefined) changes.tokenWaitMs = layer.rateLimitMaxWaitMs ?? Number.POSITIVE_INFINITY;
  const { timeoutMs, totalTimeoutMs } = layer;
  if (timeoutMs === undefined && totalTimeoutMs === undefined) return changes;
  const merged = {
    timeoutMs: timeoutMs === undefined ? settings.timeoutMs : timeoutMs,
    totalTimeoutMs: totalTimeoutMs === undefined ? settings.totalTimeoutMs : totalTimeoutMs,
  };
  // Without a limit per attempt, the call has no limit either, unless it is given.
  if (timeoutMs === null && totalTimeoutMs === undefined) merged.totalTimeoutMs = null;
  const limits = reconcileTimeouts(merged, [{ origin: 'call options', values: layer }]);
  checkTimeouts(limits, operation.id);
  changes.timeoutMs = limits.timeoutMs;
  changes.totalTimeoutMs = limits.totalTimeoutMs;
  return changes;
}
