import { nearest } from '../errors/nearest.js';
import { OLD_NAMES } from './keys.js';
import { SETTINGS } from './schema-settings.js';

/** Names of these settings in other tools and in the guides. */
const SYNONYMS: Readonly<Record<string, string>> = {
  timeout: 'timeout_seconds',
  attempt_timeout: 'timeout_seconds',
  timeout_ms: 'timeout_seconds',
  total_timeout: 'total_timeout_seconds',
  deadline: 'total_timeout_seconds',
  deadline_seconds: 'total_timeout_seconds',
  threshold: 'failure_threshold',
  half_open_calls: 'half_open_max_calls',
  max_half_open_calls: 'half_open_max_calls',
  attempts: 'max_attempts',
  max_retry_attempts: 'max_attempts',
  retries: 'max_retries',
  multiplier: 'exponential_base',
  window: 'sliding_window',
  backoff: 'reopen_backoff',
  ramp_up: 'ramp',
  slow_start: 'ramp',
  adaptive_thresholds: 'adaptive',
  depends_on: 'follows',
  dependencies: 'follows',
  max_age: 'max_age_seconds',
  cached: 'last_good',
  namespaces: 'resources',
  tags: 'resources',
};

/** Names of the settings of a window in other libraries. */
const WINDOW_SYNONYMS: Readonly<Record<string, string>> = {
  minimum_number_of_calls: 'minimum_calls',
  minimum_throughput: 'minimum_calls',
  volume_threshold: 'minimum_calls',
  failure_rate: 'failure_rate_threshold',
  failure_ratio: 'failure_rate_threshold',
  error_threshold_percentage: 'failure_rate_threshold',
  slow_call_rate: 'slow_call_rate_threshold',
  slow_call_duration: 'slow_call_duration_seconds',
  slow_call_duration_threshold: 'slow_call_duration_seconds',
  sliding_window_type: 'type',
  sliding_window_size: 'size',
  window_duration: 'duration_seconds',
  window_seconds: 'duration_seconds',
  sampling_duration: 'duration_seconds',
  slots: 'slots',
};
const WINDOW_KEYS: Readonly<Record<string, unknown>> = SETTINGS.sliding_window.properties;
const RETRY_KEYS = Object.keys(SETTINGS.retry.properties);

const renamed = (name: string | undefined): string | undefined => name && (OLD_NAMES[name] ?? name);

/** Returns a hint about an unknown key, and the known key that was probably intended. */
export function unknownKeyHint(key: string, all: readonly string[]): { readonly hint: string; readonly meant?: string } {
  // Only new names are suggested, even for a key that resembles an old name.
  const known = all.filter((name) => !Object.hasOwn(OLD_NAMES, name));
  const plain = key.toLowerCase().replaceAll('-', '_');
  const inWindow = Object.hasOwn(WINDOW_SYNONYMS, plain) ? WINDOW_SYNONYMS[plain] : plain.includes('_') ? plain : undefined;
  if (inWindow !== undefined && !known.includes(inWindow) && known.includes('sliding_window') && Object.hasOwn(WINDOW_KEYS, inWindow))
    return { hint: `It belongs below \`sliding_window\`: \`sliding_window: { ${inWindow}: … }\`.`, meant: 'sliding_window' };
  const synonym = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
  const meant = synonym !== undefined && known.includes(synonym) ? synonym : renamed(nearest(key, all));
  if (meant !== undefined) {
    const unit = plain.endsWith('_ms') ? ', in seconds' : '';
    return { hint: `Did you mean \`${meant}\`${unit}?`, meant };
  }
  const retryKey = RETRY_KEYS.find((name) => name === (synonym ?? plain));
  if (retryKey !== undefined && known.includes('retry'))
    return { hint: `It belongs below \`retry\`: \`retry: { ${renamed(retryKey)}: … }\`.`, meant: 'retry' };
  if (plain === 'idempotent' || plain === 'specs' || plain === 'repair' || plain === 'names' || plain === 'preset' || plain === 'follows') {
    return {
      hint: plain === 'idempotent' ? 'Only operations and resources have it.' : `Only a service below \`circuit_breaker.services\` has it.`,
    };
  }
  if (plain === 'scope') return { hint: 'What a circuit covers is set for a service or in `defaults`.' };
  return { hint: `Known here: ${known.join(', ')}.` };
}
