import { describe, expect, it } from 'vitest';
import { environmentLayers, environmentVariables } from '../../../runtime/config/environment.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';

describe('environmentLayers', () => {
  it.each([
    ['CIRCUIT_BREAKER_ENABLED', 'false', { enabled: false }],
    ['CIRCUIT_BREAKER_ENABLED', ' Yes ', { enabled: true }],
    ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', '7', { failureThreshold: 7 }],
    ['CIRCUIT_BREAKER_SUCCESS_THRESHOLD', '2', { successThreshold: 2 }],
    ['CIRCUIT_BREAKER_RECOVERY_TIMEOUT', '1.5', { recoveryTimeoutMs: 1_500 }],
    ['CIRCUIT_BREAKER_HALF_OPEN_CALLS', '3', { halfOpenMaxCalls: 3 }],
    ['CIRCUIT_BREAKER_TIMEOUT_SECONDS', '20', { timeoutMs: 20_000 }],
    ['CIRCUIT_BREAKER_TOTAL_TIMEOUT_SECONDS', '40', { totalTimeoutMs: 40_000 }],
    ['MAX_RETRY_ATTEMPTS', '5', { maxAttempts: 5 }],
    ['RETRY_BASE_DELAY', '1.0', { baseDelayMs: 1_000 }],
    ['RETRY_MAX_DELAY', '60.0', { maxDelayMs: 60_000 }],
    ['RETRY_EXPONENTIAL_BASE', '2.0', { exponentialBase: 2 }],
    ['RETRY_JITTER_ENABLED', '0', { jitter: false }],
    ['RETRY_WAIT_FOR_PROBE', 'true', { waitForProbe: true }],
    ['CIRCUIT_BREAKER_TIMEOUT_SECONDS', 'false', { timeoutMs: null }],
    ['CIRCUIT_BREAKER_TOTAL_TIMEOUT_SECONDS', 'off', { totalTimeoutMs: null }],
    ['FUSELINE_RETRY_ENABLED', 'false', { retryEnabled: false }],
    ['FUSELINE_RETRY_MAX_RETRY_AFTER', '30', { maxRetryAfterMs: 30_000 }],
    ['FUSELINE_SLIDING_WINDOW_SIZE', '50', { windowEnabled: true, windowType: 'count', windowSize: 50 }],
    ['FUSELINE_SLIDING_WINDOW_DURATION_SECONDS', '30', { windowEnabled: true, windowType: 'time', windowMs: 30_000 }],
    ['FUSELINE_SLIDING_WINDOW_MINIMUM_CALLS', '10', { windowEnabled: true, minimumCalls: 10 }],
    ['FUSELINE_SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', '0.4', { windowEnabled: true, failureRateThreshold: 0.4 }],
    ['FUSELINE_SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', 'false', { windowEnabled: true, failureRateThreshold: null }],
    ['FUSELINE_SLIDING_WINDOW_SLOW_CALL_DURATION_SECONDS', '2.5', { windowEnabled: true, slowCallMs: 2_500 }],
    ['FUSELINE_SLIDING_WINDOW_SLOW_CALL_RATE_THRESHOLD', '1', { windowEnabled: true, slowCallRateThreshold: 1 }],
    ['FUSELINE_SLIDING_WINDOW_ENABLED', 'no', { windowEnabled: false }],
    ['FUSELINE_REOPEN_BACKOFF_MAX_SECONDS', '600', { reopenBackoffEnabled: true, reopenMaxMs: 600_000 }],
    ['FUSELINE_REOPEN_BACKOFF_ENABLED', 'true', { reopenBackoffEnabled: true }],
    ['FUSELINE_RAMP_DURATION_SECONDS', '20', { rampEnabled: true, rampMs: 20_000 }],
    ['FUSELINE_RAMP_ENABLED', 'false', { rampEnabled: false }],
    ['FUSELINE_ADAPTIVE_ENABLED', 'false', { adaptiveEnabled: false }],
    ['FUSELINE_BULKHEAD_MAX_CONCURRENT', '20', { bulkheadMaxConcurrent: 20 }],
    ['FUSELINE_BULKHEAD_MAX_CONCURRENT', 'false', { bulkheadMaxConcurrent: null }],
    ['FUSELINE_BULKHEAD_MAX_QUEUE', '0', { bulkheadMaxQueue: 0 }],
    ['FUSELINE_BULKHEAD_MAX_WAIT', '2', { bulkheadMaxWaitMs: 2_000 }],
    ['FUSELINE_BULKHEAD_MAX_WAIT', 'false', { bulkheadMaxWaitMs: null }],
    ['FUSELINE_RATE_LIMIT_REQUESTS', '100', { rateLimitEnabled: true, rateLimitRequests: 100 }],
    ['FUSELINE_RATE_LIMIT_PER_SECONDS', '10', { rateLimitEnabled: true, rateLimitPerMs: 10_000 }],
    ['FUSELINE_RATE_LIMIT_MAX_WAIT', '0', { rateLimitMaxWaitMs: 0 }],
    ['FUSELINE_RATE_LIMIT_ENABLED', 'true', { rateLimitEnabled: true }],
    ['FUSELINE_COALESCE', 'true', { coalesce: true }],
  ])('%s=%j', (name, text, values) => {
    expect(environmentLayers('ghl', { [name]: text })).toEqual([{ origin: `environment variable ${name}`, values }]);
    expect(environmentLayers('ghl', { [`GHL_${name}`]: text })).toEqual([{ origin: `environment variable GHL_${name}`, values }]);
    expect(environmentLayers('retell', { [`GHL_${name}`]: text })).toEqual([]);
  });

  it.each([
    ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', '0', 'CIRCUIT_BREAKER_FAILURE_THRESHOLD is "0", expected a whole number, 1 or more'],
    ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', '2.5', 'CIRCUIT_BREAKER_FAILURE_THRESHOLD is "2.5", expected a whole number, 1 or more'],
    ['GHL_MAX_RETRY_ATTEMPTS', 'three', 'GHL_MAX_RETRY_ATTEMPTS is "three", expected a whole number, 1 or more'],
    ['RETRY_BASE_DELAY', '-1', 'RETRY_BASE_DELAY is "-1", expected seconds, 0 or more'],
    ['RETRY_MAX_DELAY', 'Infinity', 'RETRY_MAX_DELAY is "Infinity", expected seconds, 0 or more'],
    ['RETRY_EXPONENTIAL_BASE', 'NaN', 'RETRY_EXPONENTIAL_BASE is "NaN", expected a number, 1 or more'],
    [
      'CIRCUIT_BREAKER_TIMEOUT_SECONDS',
      '0',
      'CIRCUIT_BREAKER_TIMEOUT_SECONDS is "0", expected seconds from 0.001 to 86,400, or false for none',
    ],
    ['GHL_CIRCUIT_BREAKER_TOTAL_TIMEOUT_SECONDS', '0', 'TOTAL_TIMEOUT_SECONDS is "0", expected seconds from 0.001'],
    ['CIRCUIT_BREAKER_TIMEOUT_SECONDS', '100000', 'is "100000", expected seconds from 0.001 to 86,400'],
    [
      'FUSELINE_RETRY_ENABLED',
      'true',
      'FUSELINE_RETRY_ENABLED is "true", expected false: what is retried otherwise is for the YAML to say',
    ],
    ['FUSELINE_SLIDING_WINDOW_SIZE', '100001', 'is "100001", expected a whole number from 1 to 100,000'],
    ['FUSELINE_SLIDING_WINDOW_DURATION_SECONDS', '0', 'is "0", expected seconds from 0.001 to 86,400'],
    ['FUSELINE_SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', '50', 'is "50", expected a share above 0, up to 1, or false for none'],
    ['FUSELINE_SLIDING_WINDOW_FAILURE_RATE_THRESHOLD', '0', 'is "0", expected a share above 0, up to 1, or false for none'],
    ['FUSELINE_BULKHEAD_MAX_CONCURRENT', '0', 'is "0", expected a whole number, 1 or more'],
    ['FUSELINE_BULKHEAD_MAX_QUEUE', '-1', 'is "-1", expected a whole number, 0 or more'],
    ['FUSELINE_RATE_LIMIT_REQUESTS', '2000000', 'expected a whole number from 1 to 1,000,000'],
    ['RETRY_JITTER_ENABLED', 'maybe', 'RETRY_JITTER_ENABLED is "maybe", expected true or false'],
  ])('%s=%s is refused by name', (name, text, message) => {
    expect(() => environmentLayers('ghl', { [name]: text })).toThrow(message);
  });

  it('an empty variable is as good as none', () => {
    expect(environmentLayers('ghl', { MAX_RETRY_ATTEMPTS: '', RETRY_BASE_DELAY: '  ', CIRCUIT_BREAKER_ENABLED: undefined })).toEqual([]);
  });

  it('the service’s own variable wins, and an odd service name makes a usable one', () => {
    const env = { MAX_RETRY_ATTEMPTS: '2', MY_CRM_MAX_RETRY_ATTEMPTS: '4' };
    expect(resolvePolicy({}, { service: 'my-crm', env }).maxAttempts).toBe(4);
    expect(resolvePolicy({}, { service: 'other', env }).maxAttempts).toBe(2);
  });

  it('to describe a policy is to want it, unless ENABLED says otherwise', () => {
    const env = { FUSELINE_SLIDING_WINDOW_SIZE: '5', FUSELINE_SLIDING_WINDOW_ENABLED: 'false', GHL_FUSELINE_SLIDING_WINDOW_SIZE: '7' };
    expect(resolvePolicy({}, { service: 'retell', env })).toMatchObject({ windowEnabled: false, windowSize: 5 });
    expect(resolvePolicy({}, { service: 'ghl', env })).toMatchObject({ windowEnabled: true, windowSize: 7 });
  });

  it('MAX_RETRY_ATTEMPTS does not bring back what `retry: false` switched off', () => {
    expect(resolvePolicy({ service: { retryEnabled: false } }, { service: 'ghl', env: { MAX_RETRY_ATTEMPTS: '5' } })).toMatchObject({
      retryEnabled: false,
      maxAttempts: 5,
    });
  });
});

it('environmentVariables lists every name that is read', () => {
  const names = environmentVariables('send-grid');
  expect(names).toHaveLength(70);
  expect(names).toContain('CIRCUIT_BREAKER_RECOVERY_TIMEOUT');
  expect(names).toContain('SEND_GRID_CIRCUIT_BREAKER_RECOVERY_TIMEOUT');
});
