import type { PolicyValues } from './types.js';

/** Converts seconds in the file to milliseconds. A value that is not a number means off. */
export const seconds = (value: unknown): unknown => (typeof value === 'number' ? Math.round(value * 1_000_000) / 1_000 : null);
const asIs = (value: unknown): unknown => value;

const boundsOf =
  (convert: (value: unknown) => unknown) =>
  (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? ['min', 'max'].map((end) => convert((value as Record<string, unknown>)[end])) : null;

const offOr = (value: unknown): unknown => (typeof value === 'number' ? value : null);

/** Maps old names of durations to the names that contain the unit. Files with old names still load. */
export const OLD_NAMES: Readonly<Record<string, string>> = {
  recovery_timeout: 'recovery_timeout_seconds',
  reset_timeout: 'recovery_timeout_seconds',
  base_delay: 'base_delay_seconds',
  max_delay: 'max_delay_seconds',
  max_retry_after: 'max_retry_after_seconds',
  max_wait: 'max_wait_seconds',
};

/** YAML key, setting, conversion. If several keys have the same setting, they are synonyms. */
export type Keys = readonly (readonly [string, keyof PolicyValues, (value: unknown) => unknown])[];

/** Settings of every level. */
export const KEYS: Keys = [
  ['enabled', 'enabled', asIs],
  ['failure_threshold', 'failureThreshold', asIs],
  ['success_threshold', 'successThreshold', asIs],
  ['recovery_timeout_seconds', 'recoveryTimeoutMs', seconds],
  ['recovery_timeout', 'recoveryTimeoutMs', seconds],
  ['reset_timeout', 'recoveryTimeoutMs', seconds],
  ['half_open_max_calls', 'halfOpenMaxCalls', asIs],
  ['timeout_seconds', 'timeoutMs', seconds],
  ['total_timeout_seconds', 'totalTimeoutMs', seconds],
  ['scope', 'scope', asIs],
  ['follows', 'follows', (value) => [value].flat()],
  ['idempotent', 'idempotent', asIs],
  ['failure_statuses', 'failureStatuses', asIs],
  ['ignored_statuses', 'ignoredStatuses', asIs],
  ['window_size', 'windowSize', asIs],
];

/** Settings below `retry`. */
export const RETRY_KEYS: Keys = [
  ['enabled', 'retryEnabled', asIs],
  ['max_attempts', 'maxAttempts', asIs],
  ['max_retries', 'maxAttempts', (value) => Number(value) + 1],
  ['base_delay_seconds', 'baseDelayMs', seconds],
  ['base_delay', 'baseDelayMs', seconds],
  ['max_delay_seconds', 'maxDelayMs', seconds],
  ['max_delay', 'maxDelayMs', seconds],
  ['exponential_base', 'exponentialBase', asIs],
  ['jitter', 'jitter', asIs],
  ['wait_for_probe', 'waitForProbe', asIs],
  ['max_retry_after_seconds', 'maxRetryAfterMs', seconds],
  ['max_retry_after', 'maxRetryAfterMs', seconds],
  ['statuses', 'retryStatuses', asIs],
];

/** The settings that tune retries but do not turn them on or off. */
export const RETRY_TUNING: readonly (keyof PolicyValues)[] = [...new Set(RETRY_KEYS.map(([, setting]) => setting))].filter(
  (setting) => setting !== 'retryEnabled',
);

/** Settings below `bulkhead`. */
export const BULKHEAD_KEYS: Keys = [
  ['max_concurrent', 'bulkheadMaxConcurrent', asIs],
  ['max_queue', 'bulkheadMaxQueue', asIs],
  ['max_wait_seconds', 'bulkheadMaxWaitMs', seconds],
  ['max_wait', 'bulkheadMaxWaitMs', seconds],
];

/** Settings below `rate_limit`. */
export const RATE_LIMIT_KEYS: Keys = [
  ['enabled', 'rateLimitEnabled', asIs],
  ['requests', 'rateLimitRequests', asIs],
  ['per_seconds', 'rateLimitPerMs', seconds],
  ['max_wait_seconds', 'rateLimitMaxWaitMs', seconds],
  ['max_wait', 'rateLimitMaxWaitMs', seconds],
  ['scope', 'rateLimitScope', asIs],
];

/** The blocks that turn a policy on: key, the setting that turns it on, and the settings in the block. */
export const BLOCKS: readonly (readonly [string, 'windowEnabled' | 'reopenBackoffEnabled' | 'rampEnabled' | 'adaptiveEnabled', Keys])[] = [
  [
    'sliding_window',
    'windowEnabled',
    [
      ['enabled', 'windowEnabled', asIs],
      ['type', 'windowType', asIs],
      ['size', 'windowSize', asIs],
      ['duration_seconds', 'windowMs', seconds],
      ['slots', 'windowSlots', asIs],
      ['minimum_calls', 'minimumCalls', asIs],
      ['failure_rate_threshold', 'failureRateThreshold', offOr],
      ['slow_call_duration_seconds', 'slowCallMs', seconds],
      ['slow_call_rate_threshold', 'slowCallRateThreshold', offOr],
      ['failure_or_slow_rate_threshold', 'failureOrSlowRateThreshold', offOr],
      ['failure_threshold_counts', 'failureThresholdCounts', asIs],
    ],
  ],
  [
    'reopen_backoff',
    'reopenBackoffEnabled',
    [
      ['enabled', 'reopenBackoffEnabled', asIs],
      ['multiplier', 'reopenMultiplier', asIs],
      ['max_seconds', 'reopenMaxMs', seconds],
      ['jitter', 'reopenJitter', asIs],
      ['reset_after_seconds', 'reopenResetAfterMs', seconds],
      ['flapping_success_threshold', 'flappingSuccessThreshold', offOr],
    ],
  ],
  [
    'ramp',
    'rampEnabled',
    [
      ['enabled', 'rampEnabled', asIs],
      ['duration_seconds', 'rampMs', seconds],
      ['initial_share', 'rampInitialShare', asIs],
    ],
  ],
  [
    'adaptive',
    'adaptiveEnabled',
    [
      ['enabled', 'adaptiveEnabled', asIs],
      ['mode', 'adaptiveMode', asIs],
      ['minimum_calls', 'adaptiveMinimumCalls', asIs],
      ['failure_threshold', 'adaptiveFailureThreshold', boundsOf(asIs)],
      ['failure_rate_threshold', 'adaptiveFailureRate', boundsOf(asIs)],
      ['recovery_timeout_seconds', 'adaptiveRecoveryMs', boundsOf(seconds)],
      ['recovery_timeout', 'adaptiveRecoveryMs', boundsOf(seconds)],
      ['slow_call_duration_seconds', 'adaptiveSlowCallMs', boundsOf(seconds)],
    ],
  ],
];
