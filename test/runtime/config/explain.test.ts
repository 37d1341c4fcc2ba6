import { expect, it } from 'vitest';
import { explainService, parseBreakers } from '../../../runtime/config/index.js';

const text = `circuit_breaker:
  enabled: true
  defaults: { success_threshold: 4 }
  services:
    ghl:
      preset: critical
      timeout_seconds: 30
      operations:
        contacts.get:
          retry: { max_attempts: 2 }
          fallback: [{ last_good: { max_age_seconds: 300 } }, { value: { contact: null } }]
environments:
  production: { circuit_breaker: { services: { ghl: { timeout_seconds: 20 } } } }
`;
const { config } = parseBreakers(text, 'b.yaml');

function rows(
  service: string,
  ...[query]: Parameters<typeof explainService> extends [unknown, unknown, ...infer Rest] ? Rest : never
): Record<string, string> {
  if (config === undefined) throw new Error('The text is not valid.');
  return Object.fromEntries(
    explainService(config, service, query).map(({ yamlKey, shown, origin, location }) => [
      yamlKey,
      `${shown} (${origin}${location === undefined ? '' : ` ${location.file}:${location.line}:${location.column}`})`,
    ]),
  );
}

it('gives each value, its layer and the place in the file', () => {
  const env = { GHL_CIRCUIT_BREAKER_RECOVERY_TIMEOUT: '5' };
  expect(rows('ghl', { operation: 'contacts.get', environment: 'production', env })).toEqual({
    enabled: 'true (defaults b.yaml:2:3)',
    failure_threshold: '3 (preset critical b.yaml:6:7)',
    success_threshold: '5 (preset critical b.yaml:6:7)',
    recovery_timeout_seconds: '5 s (environment variable GHL_CIRCUIT_BREAKER_RECOVERY_TIMEOUT)',
    half_open_max_calls: '2 (built-in default)',
    timeout_seconds: '20 s (environments.production: service ghl b.yaml:13:55)',
    total_timeout_seconds: '40 s (derived: 2 × the attempt timeout)',
    scope: 'service (built-in default)',
    follows: 'none (built-in default)',
    idempotent: 'by method (built-in default)',
    failure_statuses: '500, 502, 503, 504 (built-in default)',
    ignored_statuses: 'none (built-in default)',
    'retry.enabled': 'true (built-in default)',
    'retry.max_attempts': '2 (operation contacts.get b.yaml:10:20)',
    'retry.base_delay_seconds': '100 ms (built-in default)',
    'retry.max_delay_seconds': '5 s (built-in default)',
    'retry.exponential_base': '2 (built-in default)',
    'retry.jitter': 'true (built-in default)',
    'retry.wait_for_probe': 'false (built-in default)',
    'retry.max_retry_after_seconds': '60 s (built-in default)',
    'retry.statuses': '408, 425, 429, 500, 502, 503, 504 (built-in default)',
    fallback: 'last good response up to 300 s old, value {"contact":null} (operation contacts.get b.yaml:11:11)',
    'sliding_window.enabled': 'false (built-in default)',
    'sliding_window.type': 'count (built-in default)',
    'sliding_window.size': '100 (built-in default)',
    'sliding_window.duration_seconds': '60 s (built-in default)',
    'sliding_window.slots': '10 (built-in default)',
    'sliding_window.minimum_calls': '20 (built-in default)',
    'sliding_window.failure_rate_threshold': '0.5 (built-in default)',
    'sliding_window.slow_call_duration_seconds': 'off (built-in default)',
    'sliding_window.slow_call_rate_threshold': '0.5 (built-in default)',
    'sliding_window.failure_or_slow_rate_threshold': 'off (built-in default)',
    'sliding_window.failure_threshold_counts': 'nothing (built-in default)',
    'reopen_backoff.enabled': 'false (built-in default)',
    'reopen_backoff.multiplier': '2 (built-in default)',
    'reopen_backoff.max_seconds': '300 s (built-in default)',
    'reopen_backoff.jitter': '0.2 (built-in default)',
    'reopen_backoff.reset_after_seconds': '60 s (built-in default)',
    'reopen_backoff.flapping_success_threshold': 'off (built-in default)',
    'ramp.enabled': 'false (built-in default)',
    'ramp.duration_seconds': '10 s (built-in default)',
    'ramp.initial_share': '0.1 (built-in default)',
    'adaptive.enabled': 'false (built-in default)',
    'adaptive.mode': 'propose (built-in default)',
    'adaptive.minimum_calls': '100 (built-in default)',
    'adaptive.failure_threshold': 'off (built-in default)',
    'adaptive.failure_rate_threshold': 'off (built-in default)',
    'adaptive.recovery_timeout_seconds': 'off (built-in default)',
    'adaptive.slow_call_duration_seconds': 'off (built-in default)',
    'bulkhead.max_concurrent': 'off (built-in default)',
    'bulkhead.max_queue': '0 (built-in default)',
    'bulkhead.max_wait_seconds': 'as the deadline allows (built-in default)',
    'rate_limit.enabled': 'false (built-in default)',
    'rate_limit.requests': 'as answered (built-in default)',
    'rate_limit.per_seconds': '1 s (built-in default)',
    'rate_limit.max_wait_seconds': 'as the deadline allows (built-in default)',
    'rate_limit.scope': 'service (built-in default)',
    coalesce: 'false (built-in default)',
  });
});

it('a service alone, and one that the file does not name', () => {
  expect(rows('ghl')).toMatchObject({ timeout_seconds: '30 s (service ghl b.yaml:7:7)', fallback: 'none (built-in default)' });
  expect(rows('retell')).toMatchObject({ success_threshold: '4 (defaults b.yaml:3:15)', failure_threshold: '5 (built-in default)' });
});

it('a window that a preset brings stands at the preset, and one of the file at its keys', () => {
  const read = parseBreakers(
    'circuit_breaker:\n  services:\n    ghl:\n      preset: llm\n      sliding_window:\n        size: 30\n        failure_rate_threshold: 0.4\n',
    'b.yaml',
  ).config;
  if (read === undefined) throw new Error('The text is not valid.');
  const shown = Object.fromEntries(explainService(read, 'ghl').map(({ yamlKey, shown, location }) => [yamlKey, [shown, location?.line]]));
  expect(shown).toMatchObject({
    'sliding_window.enabled': ['true', 5],
    'sliding_window.type': ['count', 5],
    'sliding_window.size': ['30', 6],
    'sliding_window.failure_rate_threshold': ['0.4', 7],
    'sliding_window.failure_threshold_counts': ['window', 4],
  });
});
