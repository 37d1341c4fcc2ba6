import { nearest } from './nearest.js';
import { SETTINGS } from './schema-settings.js';

/** What other tools and the guides call these settings. */
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
  max_age: 'max_age_seconds',
  cached: 'last_good',
  namespaces: 'resources',
  tags: 'resources',
};

const WINDOW = /^(sliding_window|window|minimum_(number_of_)?calls|failure_rate|slow_call)/;
const RETRY_KEYS = Object.keys(SETTINGS.retry.properties);

/** What to do about an unknown key, and which known one it probably stands for. */
export function unknownKeyHint(key: string, known: readonly string[]): { readonly hint: string; readonly meant?: string } {
  const plain = key.toLowerCase().replaceAll('-', '_');
  const synonym = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
  const meant = synonym !== undefined && known.includes(synonym) ? synonym : nearest(key, known);
  if (meant !== undefined) {
    const unit = plain.endsWith('_ms') ? ', in seconds' : '';
    return { hint: `Did you mean \`${meant}\`${unit}?`, meant };
  }
  if (WINDOW.test(plain)) return { hint: 'Windows are not supported yet: a circuit opens after `failure_threshold` consecutive failures.' };
  const retryKey = RETRY_KEYS.find((name) => name === (synonym ?? plain));
  if (retryKey !== undefined && known.includes('retry'))
    return { hint: `It belongs below \`retry\`: \`retry: { ${retryKey}: … }\`.`, meant: 'retry' };
  if (plain === 'idempotent' || plain === 'specs' || plain === 'repair' || plain === 'names' || plain === 'preset') {
    return {
      hint: plain === 'idempotent' ? 'Only operations and resources have it.' : `Only a service below \`circuit_breaker.services\` has it.`,
    };
  }
  if (plain === 'scope') return { hint: 'What a circuit covers is set for a service or in `defaults`.' };
  return { hint: `Known here: ${known.join(', ')}.` };
}
