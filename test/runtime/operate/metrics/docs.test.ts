import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { METRIC_NAMES, METRICS } from 'fuseline/metrics';
import { expect, test } from 'vitest';

const page = readFileSync(fileURLToPath(new URL('../../../../docs/prometheus-and-grafana.md', import.meta.url)), 'utf8');

test('the table of metrics is the catalogue', () => {
  const rows = [...page.matchAll(/^\| `(circuit_breaker_\w+)` \| (\w+) \| (.*?) \| (.*) \|$/gm)].map(([, ...cells]) => cells);
  const wanted = METRIC_NAMES.map((name) => {
    const { type, labels, help } = METRICS[name];
    return [name, type, labels.map((label) => `\`${label}\``).join(', '), help];
  });
  expect(rows).toEqual(wanted);
});

/** What people ask for who have used other circuit breakers, as the guides to them call it. */
const KNOWN_ELSEWHERE = [
  'circuit_breaker_state',
  'circuit_breaker_requests_total',
  'circuit_breaker_failures_total',
  'circuit_breaker_opens_total',
  'circuit_breaker_response_time_ms',
  'circuit_breaker_transitions',
  'circuit_breaker_failures',
  'circuit_breaker_failure_rate',
  'circuit_breaker_recoveries',
  'circuit_breaker_recovery_time',
  'circuit_breaker_requests_blocked',
  'circuit_breaker_fallback_usage',
  'circuit_breaker_calls_total',
  'circuit_breaker_state_transitions',
  'circuit_breaker_call_duration_seconds',
];

test.each(KNOWN_ELSEWHERE)('%s is there, as the rules of Prometheus for names have it', (name) => {
  const names = [name, `${name}_total`, `${name}_seconds`];
  expect(METRIC_NAMES.filter((each) => names.includes(each))).toHaveLength(1);
});

test.each(['circuit_breaker_open', 'circuit_state', 'api_calls_success', 'api_calls_failed', 'circuit_open', 'name', 'provider'])(
  'the page says what became of %s',
  (name) => {
    const [, others = ''] = page.split('### Other names');
    expect(others.split('\n##')[0]).toContain(`\`${name}\``);
  },
);
