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

  it('MAX_RETRY_ATTEMPTS does not bring back what `retry: false` switched off', () => {
    expect(resolvePolicy({ service: { retryEnabled: false } }, { service: 'ghl', env: { MAX_RETRY_ATTEMPTS: '5' } })).toMatchObject({
      retryEnabled: false,
      maxAttempts: 5,
    });
  });
});

it('environmentVariables lists every name that is read', () => {
  const names = environmentVariables('send-grid');
  expect(names).toHaveLength(24);
  expect(names).toContain('CIRCUIT_BREAKER_RECOVERY_TIMEOUT');
  expect(names).toContain('SEND_GRID_CIRCUIT_BREAKER_RECOVERY_TIMEOUT');
});
