import { RATE_PRESET_NAMES, RATE_PRESETS } from '../config/rate-presets.js';
import type { PolicyLayer, PolicyValues } from '../config/types.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { count, duration } from './option-checks.js';
import type { BulkheadPolicy, ClientOptions, RateLimitPolicy } from './options.js';

type Draft = { -readonly [K in keyof PolicyValues]?: PolicyValues[K] };

/** Bulkhead, rate limit and coalescing of a client's options. @throws {ConfigurationError} naming option, value and range. */
export function limitLayer({ bulkhead, rateLimit, coalesce }: Pick<ClientOptions, 'bulkhead' | 'rateLimit' | 'coalesce'>): PolicyLayer {
  const draft: Draft = {};
  if (coalesce !== undefined) draft.coalesce = flag('coalesce', coalesce);
  if (bulkhead === false) draft.bulkheadMaxConcurrent = null;
  else if (bulkhead !== undefined) Object.assign(draft, bulkheadLayer(mapping('bulkhead', bulkhead, 'false or an object')));
  if (typeof rateLimit === 'boolean') draft.rateLimitEnabled = rateLimit;
  else if (rateLimit !== undefined) Object.assign(draft, rateLimitLayer(mapping('rateLimit', rateLimit, 'true, false or an object')));
  return draft;
}

function bulkheadLayer({ maxConcurrent, maxQueue, maxWaitMs }: BulkheadPolicy): PolicyLayer {
  const draft: Draft = {};
  if (maxConcurrent !== undefined) draft.bulkheadMaxConcurrent = count('bulkhead.maxConcurrent', maxConcurrent);
  if (maxQueue !== undefined) {
    if (!Number.isSafeInteger(maxQueue) || maxQueue < 0)
      throw new ConfigurationError('bulkhead.maxQueue', maxQueue, 'a whole number, 0 or more');
    draft.bulkheadMaxQueue = maxQueue;
  }
  if (maxWaitMs !== undefined) draft.bulkheadMaxWaitMs = maxWaitMs === null ? null : duration('bulkhead.maxWaitMs', maxWaitMs, 0);
  return draft;
}

function rateLimitLayer({ preset, requests, perMs, maxWaitMs, scope }: RateLimitPolicy): PolicyLayer {
  if (preset !== undefined && !RATE_PRESET_NAMES.includes(preset))
    throw new ConfigurationError('rateLimit.preset', preset, `one of ${RATE_PRESET_NAMES.join(', ')}`);
  const draft: Draft = { rateLimitEnabled: true, ...(preset === undefined ? {} : RATE_PRESETS[preset]) };
  if (requests !== undefined) {
    if (requests !== null && count('rateLimit.requests', requests) > 1_000_000)
      throw new ConfigurationError('rateLimit.requests', requests, 'a whole number from 1 to 1,000,000');
    draft.rateLimitRequests = requests;
  }
  if (perMs !== undefined) {
    if (typeof perMs !== 'number' || !(perMs >= 1 && perMs <= 86_400_000))
      throw new ConfigurationError('rateLimit.perMs', perMs, 'milliseconds from 1 to 86,400,000');
    draft.rateLimitPerMs = perMs;
  }
  if (maxWaitMs !== undefined) draft.rateLimitMaxWaitMs = maxWaitMs === null ? null : duration('rateLimit.maxWaitMs', maxWaitMs, 0);
  if (scope !== undefined) {
    if (scope !== 'service' && scope !== 'operation') throw new ConfigurationError('rateLimit.scope', scope, 'service or operation');
    draft.rateLimitScope = scope;
  }
  return draft;
}

function mapping<T>(option: string, value: T, expected: string): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigurationError(option, value, expected);
  return value;
}

export function flag(option: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError(option, value, 'true or false');
  return value;
}
