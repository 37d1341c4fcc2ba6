import { count, duration, factor, flag, statuses } from '../../errors/checks.js';
import { givenObject } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';
import type { PolicyLayer } from '../types.js';
import { type Draft, fill, type Rows } from './rows.js';

/** The retry options that clients, calls, protected functions and tiers have. */
const RETRY: Rows = [
  ['maxAttempts', 'maxAttempts', count],
  ['baseDelayMs', 'baseDelayMs', duration],
  ['maxDelayMs', 'maxDelayMs', duration],
  ['maxRetryAfterMs', 'maxRetryAfterMs', duration],
  ['exponentialBase', 'exponentialBase', factor],
  ['jitter', 'jitter', flag],
];

const RETRY_OF_CALLS: Rows = [...RETRY, ['statuses', 'retryStatuses', statuses]];

const namesOfRows = (rows: Rows, ...more: readonly string[]): Names => new Set([...rows.map(([option]) => option), ...more]);
const OF_CALLS = namesOfRows(RETRY_OF_CALLS);
const OF_FUNCTIONS = namesOfRows(RETRY, 'when');

/**
 * The option `retry` as settings: `false` is off, `true` is on with the configured values, an object is on and tunes them. `place` stands before
 * the option. Functions have no statuses, and `when` is theirs alone.
 *
 * @throws {ConfigurationError}
 */
export function retryLayer(retry: unknown, of: 'calls' | 'functions' = 'calls', place = ''): PolicyLayer {
  if (typeof retry === 'boolean') return { retryEnabled: retry };
  const given = givenObject(`${place}retry`, retry, 'true, false or an object') as object;
  const draft: Draft = { retryEnabled: true };
  refuseUnknown('retry', given, of === 'calls' ? OF_CALLS : OF_FUNCTIONS, `${place}retry.`);
  fill(draft, `${place}retry.`, given, of === 'calls' ? RETRY_OF_CALLS : RETRY);
  return draft;
}
