import { text } from '../errors/checks.js';
import { givenMethods, givenName, givenObject } from '../errors/given.js';
import { givenOptions, type OptionTable } from '../errors/option-table.js';
import type { BreakersConfig } from './breakers-config.js';
import { type ExplainedValue, layersOf, over } from './layers.js';
import { setterOf } from './targets.js';
import { explainReconciled } from './timeouts.js';
import type { Bounds, FallbackStep, NamedLayer, PolicyValues } from './types.js';
import { duration } from './value-checks.js';

/** Selects what is explained. */
export interface ExplainQuery {
  /** Id of an operation, such as `contacts.get`. Default: the values of the service itself. */
  readonly operation?: string | undefined;
  /** Name of an `environments` block. */
  readonly environment?: string | undefined;
  /** Environment variables. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The configuration with which the client was generated, if it is another file. The explained file then overrides it. */
  readonly generated?: BreakersConfig | undefined;
}

/** One effective value, the layer that sets it, and the position in the file. */
export interface ExplainedSetting extends ExplainedValue {
  /** The key in the YAML: `timeout_seconds`, `retry.max_attempts`. */
  readonly yamlKey: string;
  /** The value in readable form: `30 s`, `off`, `500, 502`. */
  readonly shown: string;
  /** Undefined if the value is not set in the file (built-in, derived, or from an environment variable). */
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

const YAML_KEYS: Readonly<Record<keyof PolicyValues, string>> = {
  enabled: 'enabled',
  failureThreshold: 'failure_threshold',
  successThreshold: 'success_threshold',
  recoveryTimeoutMs: 'recovery_timeout_seconds',
  halfOpenMaxCalls: 'half_open_max_calls',
  timeoutMs: 'timeout_seconds',
  totalTimeoutMs: 'total_timeout_seconds',
  scope: 'scope',
  follows: 'follows',
  idempotent: 'idempotent',
  failureStatuses: 'failure_statuses',
  ignoredStatuses: 'ignored_statuses',
  retryEnabled: 'retry.enabled',
  maxAttempts: 'retry.max_attempts',
  baseDelayMs: 'retry.base_delay_seconds',
  maxDelayMs: 'retry.max_delay_seconds',
  exponentialBase: 'retry.exponential_base',
  jitter: 'retry.jitter',
  waitForProbe: 'retry.wait_for_probe',
  maxRetryAfterMs: 'retry.max_retry_after_seconds',
  retryStatuses: 'retry.statuses',
  fallback: 'fallback',
  windowEnabled: 'sliding_window.enabled',
  windowType: 'sliding_window.type',
  windowSize: 'sliding_window.size',
  windowMs: 'sliding_window.duration_seconds',
  windowSlots: 'sliding_window.slots',
  minimumCalls: 'sliding_window.minimum_calls',
  failureRateThreshold: 'sliding_window.failure_rate_threshold',
  slowCallMs: 'sliding_window.slow_call_duration_seconds',
  slowCallRateThreshold: 'sliding_window.slow_call_rate_threshold',
  failureOrSlowRateThreshold: 'sliding_window.failure_or_slow_rate_threshold',
  failureThresholdCounts: 'sliding_window.failure_threshold_counts',
  reopenBackoffEnabled: 'reopen_backoff.enabled',
  reopenMultiplier: 'reopen_backoff.multiplier',
  reopenMaxMs: 'reopen_backoff.max_seconds',
  reopenJitter: 'reopen_backoff.jitter',
  reopenResetAfterMs: 'reopen_backoff.reset_after_seconds',
  flappingSuccessThreshold: 'reopen_backoff.flapping_success_threshold',
  rampEnabled: 'ramp.enabled',
  rampMs: 'ramp.duration_seconds',
  rampInitialShare: 'ramp.initial_share',
  adaptiveEnabled: 'adaptive.enabled',
  adaptiveMode: 'adaptive.mode',
  adaptiveMinimumCalls: 'adaptive.minimum_calls',
  adaptiveFailureThreshold: 'adaptive.failure_threshold',
  adaptiveFailureRate: 'adaptive.failure_rate_threshold',
  adaptiveRecoveryMs: 'adaptive.recovery_timeout_seconds',
  adaptiveSlowCallMs: 'adaptive.slow_call_duration_seconds',
  bulkheadMaxConcurrent: 'bulkhead.max_concurrent',
  bulkheadMaxQueue: 'bulkhead.max_queue',
  bulkheadMaxWaitMs: 'bulkhead.max_wait_seconds',
  rateLimitEnabled: 'rate_limit.enabled',
  rateLimitRequests: 'rate_limit.requests',
  rateLimitPerMs: 'rate_limit.per_seconds',
  rateLimitMaxWaitMs: 'rate_limit.max_wait_seconds',
  rateLimitScope: 'rate_limit.scope',
  coalesce: 'coalesce',
};

/** All settings, in the order in which they are shown. */
export const POLICY_KEYS = Object.keys(YAML_KEYS) as readonly (keyof PolicyValues)[];

/** The readable form of `null` for settings for which it does not mean `off`. */
const NULLS: Readonly<Partial<Record<keyof PolicyValues, string>>> = {
  idempotent: 'by method',
  bulkheadMaxWaitMs: 'as the deadline allows',
  rateLimitRequests: 'as answered',
  rateLimitMaxWaitMs: 'as the deadline allows',
};

const QUERY: OptionTable<ExplainQuery> = {
  operation: givenName,
  environment: text,
  env: givenObject,
  generated: givenMethods('a BreakersConfig', 'service'),
};

/**
 * Returns every effective value of a service or operation, in a fixed order.
 *
 * @throws {ConfigurationError} if an environment variable is invalid.
 */
export function explainService(config: BreakersConfig, service: string, query: ExplainQuery = {}): readonly ExplainedSetting[] {
  const { operation, environment, env, generated } = givenOptions('explainService', query, QUERY);
  const layers = layersOf(over(generated?.service(service).policies, config.service(service).policies), {
    service,
    environment,
    env,
    ...(operation === undefined ? {} : { namespace: operation.split('.')[0] ?? '', id: operation }),
  });
  const byKey = new Map(explainReconciled(layers).map((row) => [row.key, row]));
  return POLICY_KEYS.flatMap((key) => {
    const row = byKey.get(key);
    if (row === undefined) return [];
    const place = placeIn(config, layers, key) ?? (generated && placeIn(generated, layers, key));
    return [
      {
        ...row,
        yamlKey: YAML_KEYS[key],
        shown: show(key, row.value),
        location: place,
      },
    ];
  });
}

/** Returns the position at which a file sets the effective value. Undefined if this file does not set it. */
function placeIn(config: BreakersConfig, layers: readonly NamedLayer[], key: keyof PolicyValues): ExplainedSetting['location'] {
  const path = setterOf(config, layers, key)?.path;
  const position = path && config.source.locate(path);
  return position && { file: config.file, line: position.line, column: position.column };
}

function show(key: keyof PolicyValues, value: ExplainedValue['value']): string {
  if (value === null) return NULLS[key] ?? 'off';
  if (typeof value === 'number') return key.endsWith('Ms') ? duration(value) : String(value);
  if (typeof value !== 'object') return String(value);
  if (key.startsWith('adaptive')) return (value as Bounds).map((end) => (key.endsWith('Ms') ? duration(end) : String(end))).join(' to ');
  return value.length === 0 ? 'none' : (value as readonly Item[]).map(showItem).join(', ');
}

type Item = number | string | FallbackStep;

function showItem(item: Item): string {
  if (typeof item !== 'object') return String(item);
  if (item.kind === 'value') return `value ${shorten(JSON.stringify(item.value))}`;
  return `last good response${item.maxAgeMs === null ? '' : ` up to ${duration(item.maxAgeMs)} old`}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
