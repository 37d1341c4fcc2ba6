import { type Draft, fill, type Rows } from '../../config/options/rows.js';
import { RATE_PRESET_NAMES, RATE_PRESETS } from '../../config/rate-presets.js';
import type { PolicyLayer } from '../../config/types.js';
import { count, countFrom0, countUpTo, durationUpTo, flag, oneOf, orNull, wait } from '../../errors/checks.js';
import { givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import type { BulkheadPolicy, ClientOptions, RateLimitPolicy } from './options.js';

const COALESCE: Rows = [['coalesce', 'coalesce', flag]];

const BULKHEAD: Rows = [
  ['maxConcurrent', 'bulkheadMaxConcurrent', count],
  ['maxQueue', 'bulkheadMaxQueue', countFrom0],
  ['maxWaitMs', 'bulkheadMaxWaitMs', wait],
];
const BULKHEAD_NAMES = namesOf<BulkheadPolicy>({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 1 });

const RATE_LIMIT: Rows = [
  ['requests', 'rateLimitRequests', orNull(countUpTo(1_000_000))],
  ['perMs', 'rateLimitPerMs', durationUpTo(86_400_000)],
  ['maxWaitMs', 'rateLimitMaxWaitMs', wait],
  ['scope', 'rateLimitScope', oneOf('service', 'operation')],
];
const RATE_LIMIT_NAMES = namesOf<RateLimitPolicy>({ preset: 1, requests: 1, perMs: 1, maxWaitMs: 1, scope: 1 });

const preset = oneOf(...RATE_PRESET_NAMES);

/** Returns the bulkhead, rate limit and coalescing of a client's options as a layer. @throws {ConfigurationError} naming option, value and range. */
export function limitLayer(options: Pick<ClientOptions, 'bulkhead' | 'rateLimit' | 'coalesce'>): PolicyLayer {
  const draft: Draft = {};
  const { bulkhead, rateLimit } = options;
  fill(draft, '', options, COALESCE);
  if (typeof bulkhead === 'boolean') draft.bulkheadMaxConcurrent = bulkhead || null;
  else if (bulkhead !== undefined) {
    const given = givenObject('bulkhead', bulkhead, 'true, false or an object');
    refuseUnknown('bulkhead', given, BULKHEAD_NAMES, 'bulkhead.');
    // An object without `maxConcurrent` tunes the bulkhead of the YAML, or the default one.
    draft.bulkheadMaxConcurrent = true;
    fill(draft, 'bulkhead.', given, BULKHEAD);
  }
  if (typeof rateLimit === 'boolean') draft.rateLimitEnabled = rateLimit;
  else if (rateLimit !== undefined) {
    const given = givenObject('rateLimit', rateLimit, 'true, false or an object');
    refuseUnknown('rateLimit', given, RATE_LIMIT_NAMES, 'rateLimit.');
    draft.rateLimitEnabled = true;
    if (given.preset !== undefined) {
      preset('rateLimit.preset', given.preset);
      Object.assign(draft, RATE_PRESETS[given.preset]);
    }
    fill(draft, 'rateLimit.', given, RATE_LIMIT);
  }
  return draft;
}
