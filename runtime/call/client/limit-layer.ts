import { RATE_PRESET_NAMES, RATE_PRESETS } from '../../config/rate-presets.js';
import type { PolicyLayer } from '../../config/types.js';
import { givenObject } from '../../errors/given.js';
import { count, countFrom0, countUpTo, type Draft, durationUpTo, fill, flag, oneOf, orNull, type Rows, wait } from './option-rows.js';
import type { ClientOptions } from './options.js';

const COALESCE: Rows = [['coalesce', 'coalesce', flag]];

const BULKHEAD: Rows = [
  ['maxConcurrent', 'bulkheadMaxConcurrent', count],
  ['maxQueue', 'bulkheadMaxQueue', countFrom0],
  ['maxWaitMs', 'bulkheadMaxWaitMs', wait],
];

const RATE_LIMIT: Rows = [
  ['requests', 'rateLimitRequests', orNull(countUpTo(1_000_000))],
  ['perMs', 'rateLimitPerMs', durationUpTo(86_400_000)],
  ['maxWaitMs', 'rateLimitMaxWaitMs', wait],
  ['scope', 'rateLimitScope', oneOf('service', 'operation')],
];

const preset = oneOf(...RATE_PRESET_NAMES);

/** Returns the bulkhead, rate limit and coalescing of a client's options as a layer. @throws {ConfigurationError} naming option, value and range. */
export function limitLayer(options: Pick<ClientOptions, 'bulkhead' | 'rateLimit' | 'coalesce'>): PolicyLayer {
  const draft: Draft = {};
  const { bulkhead, rateLimit } = options;
  fill(draft, '', options, COALESCE);
  if (bulkhead === false) draft.bulkheadMaxConcurrent = null;
  else if (bulkhead !== undefined) fill(draft, 'bulkhead.', givenObject('bulkhead', bulkhead, 'false or an object'), BULKHEAD);
  if (typeof rateLimit === 'boolean') draft.rateLimitEnabled = rateLimit;
  else if (rateLimit !== undefined) {
    const given = givenObject('rateLimit', rateLimit, 'true, false or an object');
    draft.rateLimitEnabled = true;
    if (given.preset !== undefined) {
      preset('rateLimit.preset', given.preset);
      Object.assign(draft, RATE_PRESETS[given.preset]);
    }
    fill(draft, 'rateLimit.', given, RATE_LIMIT);
  }
  return draft;
}
