import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { POLICY_DEFAULTS } from '../../../runtime/config/defaults.js';
import { BREAKERS_SCHEMA, PRESET_NAMES, PRESETS, schemaText } from '../../../runtime/config/index.js';
import { expectation, SETTINGS } from '../../../runtime/config/schema-settings.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

describe('breakers.schema.json', () => {
  it('is the schema that the loader uses (after a change: vitest run -u)', async () => {
    await expect(schemaText()).toMatchFileSnapshot(path('../../../runtime/config/breakers.schema.json'));
    expect(JSON.parse(schemaText())).toEqual(BREAKERS_SCHEMA);
  });

  it.each(['fixtures/four-services.yaml', 'fixtures/resilience.yaml', '../../../specs/breakers.yaml'])(
    'accepts %s by itself',
    async (file) => {
      const published: unknown = JSON.parse(await readFile(path('../../../runtime/config/breakers.schema.json'), 'utf8'));
      const validate = new Ajv({ strict: false }).compile(published as object);
      expect(validate(parse(await readFile(path(file), 'utf8'))) || validate.errors).toBe(true);
    },
  );

  it('describes every setting and says what it expects', () => {
    const undescribed: string[] = [];
    const visit = (at: string, schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null || '$ref' in schema) return;
      const { properties = {}, description } = schema as { properties?: Record<string, unknown>; description?: string };
      if (description === undefined || (at !== 'value' && expectation(schema) === undefined)) undescribed.push(at);
      for (const [key, child] of Object.entries(properties)) visit(key, child);
    };
    for (const [name, schema] of Object.entries(SETTINGS)) visit(name, schema);
    expect(undescribed).toEqual([]);
  });

  it('shows the defaults that hold', () => {
    const { retry, bulkhead, rate_limit: rateLimit } = SETTINGS;
    const window = SETTINGS.sliding_window.properties;
    const backoff = SETTINGS.reopen_backoff.properties;
    const ramp = SETTINGS.ramp.properties;
    const adaptive = SETTINGS.adaptive.properties;
    const shown = (schema: Readonly<Record<string, unknown>>): unknown => schema['default'];
    expect({
      enabled: SETTINGS.enabled['default'],
      failureThreshold: SETTINGS.failure_threshold['default'],
      successThreshold: SETTINGS.success_threshold['default'],
      halfOpenMaxCalls: SETTINGS.half_open_max_calls['default'],
      recoveryTimeoutMs: Number(SETTINGS.recovery_timeout_seconds['default']) * 1_000,
      timeoutMs: Number(SETTINGS.timeout_seconds['default']) * 1_000,
      scope: SETTINGS.scope.default,
      follows: [],
      failureStatuses: SETTINGS.failure_statuses['default'],
      ignoredStatuses: SETTINGS.ignored_statuses['default'],
      retryEnabled: retry.properties.enabled['default'],
      maxAttempts: retry.properties.max_attempts['default'],
      baseDelayMs: Number(retry.properties.base_delay_seconds['default']) * 1_000,
      maxDelayMs: Number(retry.properties.max_delay_seconds['default']) * 1_000,
      exponentialBase: retry.properties.exponential_base.default,
      jitter: retry.properties.jitter['default'],
      waitForProbe: retry.properties.wait_for_probe['default'],
      retryStatuses: retry.properties.statuses['default'],
      maxRetryAfterMs: Number(retry.properties.max_retry_after_seconds['default']) * 1_000,
      idempotent: null,
      fallback: [],
      windowEnabled: false,
      windowType: shown(window.type),
      windowSize: shown(window.size),
      windowMs: Number(shown(window.duration_seconds)) * 1_000,
      windowSlots: shown(window.slots),
      minimumCalls: shown(window.minimum_calls),
      failureRateThreshold: shown(window.failure_rate_threshold),
      slowCallMs: shown(window.slow_call_duration_seconds) ?? null,
      slowCallRateThreshold: shown(window.slow_call_rate_threshold),
      failureOrSlowRateThreshold: shown(window.failure_or_slow_rate_threshold) || null,
      failureThresholdCounts: shown(window.failure_threshold_counts),
      reopenBackoffEnabled: false,
      reopenMultiplier: shown(backoff.multiplier),
      reopenMaxMs: Number(shown(backoff.max_seconds)) * 1_000,
      reopenJitter: shown(backoff.jitter),
      reopenResetAfterMs: Number(shown(backoff.reset_after_seconds)) * 1_000,
      flappingSuccessThreshold: shown(backoff.flapping_success_threshold) ?? null,
      rampEnabled: false,
      rampMs: Number(shown(ramp.duration_seconds)) * 1_000,
      rampInitialShare: shown(ramp.initial_share),
      bulkheadMaxConcurrent: null,
      bulkheadMaxQueue: bulkhead.properties.max_queue.default,
      bulkheadMaxWaitMs: null,
      rateLimitEnabled: false,
      rateLimitRequests: null,
      rateLimitPerMs: rateLimit.properties.per_seconds.default * 1_000,
      rateLimitMaxWaitMs: null,
      rateLimitScope: rateLimit.properties.scope.default,
      adaptiveEnabled: false,
      adaptiveMode: adaptive.mode.default,
      adaptiveMinimumCalls: shown(adaptive.minimum_calls),
      adaptiveFailureThreshold: null,
      adaptiveFailureRate: null,
      adaptiveRecoveryMs: null,
      adaptiveSlowCallMs: null,
      coalesce: SETTINGS.coalesce['default'],
    }).toEqual(POLICY_DEFAULTS);
    expect(retry.properties.max_retries.default).toBe(POLICY_DEFAULTS.maxAttempts - 1);
  });
});

it('presets have the guides’ values', () => {
  const row = (name: keyof typeof PRESETS): (number | undefined)[] => {
    const { failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls, windowSize } = PRESETS[name];
    return [failureThreshold, successThreshold, recoveryTimeoutMs, halfOpenMaxCalls, windowSize];
  };
  expect(Object.fromEntries(PRESET_NAMES.map((name) => [name, row(name)]))).toEqual({
    aggressive: [3, 2, 30_000, 2, undefined],
    conservative: [10, 3, 120_000, 5, undefined],
    production: [5, 2, 60_000, 3, undefined],
    critical: [3, 5, 30_000, undefined, undefined],
    standard: [5, 3, 60_000, undefined, undefined],
    batch: [10, 3, 120_000, undefined, undefined],
    llm: [3, 2, 60_000, undefined, 10],
    streaming: [5, 3, 30_000, undefined, 20],
    database: [2, 2, 120_000, undefined, 15],
  });
});
