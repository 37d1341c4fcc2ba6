import { count, duration, factor, flag, statuses } from '../../errors/checks.js';
import { givenObject } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';
import type { PolicyLayer } from '../types.js';
import { type Draft, fill, type Rows } from './rows.js';

/** The retry options of clients, calls, protected functions and tiers. */
const RETRY: Rows = [
  ['maxAttempts', 'maxAttempts', count],
  ['baseDelayMs', 'baseDelayMs', duration],
  ['maxDelayMs', 'maxDelayMs', duration],
  ['maxRetryAfterMs', 'maxRetryAfterMs', duration],
  ['exponentialBase', 'exponentialBase', factor],
  ['jitter', 'jitter', flag],
  ['waitForProbe', 'waitForProbe', flag],
];

const RETRY_OF_CALLS: Rows = [...RETRY, ['statuses', 'retryStatuses', statuses]];

const namesOfRows = (rows: Rows, ...more: readonly string[]): Names => new Set([...rows.map(([option]) => option), ...more]);
const OF_CALLS = namesOfRows(RETRY_OF_CALLS);
const OF_FUNCTIONS = namesOfRows(RETRY, 'when');

/**
 * Returns the option `retry` as settings. `false` turns retries off, `true` turns them on with the configured values, an object also changes these
 * values. `place` is the prefix of option names in messages. Only functions have `when`, and only calls have `statuses`.
 *
 * @throws {ConfigurationError} naming the invalid option.
 */
export function retryLayer(retry: unknown, of: 'calls' | 'functions' = 'calls', place = ''): PolicyLayer {
  if (typeof retry === 'boolean') return { retryEnabled: retry };
  const given = givenObject(`${place}retry`, retry, 'true, false or an object') as object;
  const draft: Draft = { retryEnabled: true };
  refuseUnknown('retry', given, of === 'calls' ? OF_CALLS : OF_FUNCTIONS, `${place}retry.`);
  fill(draft, `${place}retry.`, given, of === 'calls' ? RETRY_OF_CALLS : RETRY);
  return draft;
}
