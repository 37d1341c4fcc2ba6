import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBreakers } from '../../../runtime/config/index.js';
import { explainLayers, layersOf, mergeLayers, over, resolvePolicy } from '../../../runtime/config/layers.js';
import type { AppliedPolicies, PolicyValues, ServicePolicies } from '../../../runtime/config/types.js';

const QUERY = { service: 'acme', namespace: 'things', id: 'things.get', environment: 'test' };

const applied = (generated: string, file: string): AppliedPolicies => over(policies(generated), policies(file, policies(generated)));

const resolved = (generated: string, file: string): PolicyValues => resolvePolicy(applied(generated, file), QUERY);

/** What a text says of `acme`. */
function policies(text: string, generated: ServicePolicies = {}): ServicePolicies {
  const { config, diagnostics } = parseBreakers(text, 'b.yaml', { servicesInUse: ['acme'], generated: () => generated });
  if (config === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return config.service('acme').policies;
}

/** One setting at one level of a file, as YAML. */
const LEVELS = {
  defaults: (setting: string) => `circuit_breaker: { defaults: { ${setting} }, services: { acme: {} } }`,
  service: (setting: string) => `circuit_breaker: { services: { acme: { ${setting} } } }`,
  resource: (setting: string) => `circuit_breaker: { services: { acme: { resources: { things: { ${setting} } } } } }`,
  operation: (setting: string) => `circuit_breaker: { services: { acme: { operations: { things.get: { ${setting} } } } } }`,
} as const;

type Level = keyof typeof LEVELS;

const ORDER = Object.keys(LEVELS) as Level[];

const inTest = (file: string): string => `circuit_breaker: {}\nenvironments: { test: { ${file} } }`;

describe('a file over what was generated', () => {
  const pairs = ORDER.flatMap((generated) => ORDER.map((file) => [generated, file] as const));

  it.each(pairs)('generated for %s, in the file for %s: the narrower scope wins, and the file where they are equal', (generated, file) => {
    const expected = ORDER.indexOf(file) >= ORDER.indexOf(generated) ? 7_000 : 3_000;
    const [below, above] = [LEVELS[generated]('timeout_seconds: 3'), LEVELS[file]('timeout_seconds: 7')];
    expect(resolved(below, above).timeoutMs).toBe(expected);
    expect(resolved(inTest(below), above).timeoutMs, 'generated for an environment').toBe(expected);
    expect(resolved(below, inTest(above)).timeoutMs, 'an environment of the file').toBe(expected);
    expect(resolved(inTest(below), inTest(above)).timeoutMs, 'an environment of both').toBe(expected);
  });

  it('docs/configuration.md has the same table', () => {
    const table = /^\| generated for ↓.*\n\|.*\n((?:\|.*\n)+)/m.exec(readFileSync('docs/configuration.md', 'utf8'))?.[1] ?? '';
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('|').slice(2, -1));
    expect(rows.map((row) => row.map((cell) => cell.trim()))).toEqual(
      ORDER.map((_, generated) => ORDER.map((__, file) => (file >= generated ? 'yours' : 'generated'))),
    );
  });

  it.each(ORDER)('what only one of them says for %s applies', (level) => {
    expect(resolved(LEVELS[level]('timeout_seconds: 3'), 'circuit_breaker: {}').timeoutMs).toBe(3_000);
    expect(resolved('circuit_breaker: {}', LEVELS[level]('timeout_seconds: 7')).timeoutMs).toBe(7_000);
    expect(resolved(LEVELS[level]('timeout_seconds: 3'), LEVELS[level]('failure_threshold: 9'))).toMatchObject({
      timeoutMs: 3_000,
      failureThreshold: 9,
    });
  });

  it('another environment of either changes nothing', () => {
    const elsewhere = (file: string): string => inTest(file).replace('test:', 'staging:');
    const [below, above] = [LEVELS.operation('timeout_seconds: 3'), LEVELS.operation('timeout_seconds: 7')];
    expect(resolved(elsewhere(below), LEVELS.defaults('timeout_seconds: 5')).timeoutMs).toBe(5_000);
    expect(resolved(LEVELS.defaults('timeout_seconds: 5'), elsewhere(above)).timeoutMs).toBe(5_000);
  });

  it('each file first decides by itself: what it says of an operation keeps its rank in an environment that overrides the value', () => {
    const file = `${LEVELS.operation('timeout_seconds: 7')}\nenvironments: { test: { ${LEVELS.defaults('timeout_seconds: 1')} } }`;
    expect(resolved(LEVELS.operation('timeout_seconds: 3'), file).timeoutMs).toBe(1_000);
    expect(resolved(file, LEVELS.resource('timeout_seconds: 3')).timeoutMs).toBe(1_000);
  });

  it('a preset is a setting of its service, weaker than what its own file says of the service', () => {
    const preset = LEVELS.service('preset: critical');
    const critical = resolvePolicy(policies(preset), QUERY).failureThreshold;
    expect(resolved(LEVELS.service('failure_threshold: 99'), preset).failureThreshold).toBe(critical);
    expect(resolved(LEVELS.operation('failure_threshold: 99'), preset).failureThreshold).toBe(99);
    expect(resolved(preset, LEVELS.defaults('failure_threshold: 99')).failureThreshold).toBe(critical);
    expect(resolved(preset, LEVELS.service('failure_threshold: 99')).failureThreshold).toBe(99);
    expect(resolved(preset, LEVELS.service('preset: batch'))).toMatchObject(
      resolvePolicy(policies(LEVELS.service('preset: batch')), QUERY),
    );
    expect(
      resolved(LEVELS.service('failure_threshold: 99'), LEVELS.service('preset: critical, failure_threshold: 8')).failureThreshold,
    ).toBe(8);
    expect(resolved(LEVELS.service('failure_threshold: 99'), inTest(preset)).failureThreshold).toBe(critical);
  });

  it('layers of the file come last, so that its limit decides where a generated one contradicts it', () => {
    const layers = layersOf(applied(LEVELS.operation('timeout_seconds: 10'), LEVELS.defaults('total_timeout_seconds: 4')), QUERY);
    expect(layers.map(({ origin }) => origin)).toEqual(['built-in default', 'generated: operation things.get', 'defaults']);
    expect(mergeLayers(layers)).toMatchObject({ timeoutMs: 10_000, totalTimeoutMs: 4_000 });
  });

  it('a bulkhead that is only switched on keeps the maximum of the other file', () => {
    const most = (generated: string, file: string): unknown => resolved(generated, file).bulkheadMaxConcurrent;
    expect(most(LEVELS.service('bulkhead: { max_concurrent: 4 }'), LEVELS.operation('bulkhead: { max_queue: 5 }'))).toBe(4);
    expect(most(LEVELS.operation('bulkhead: true'), LEVELS.service('bulkhead: { max_concurrent: 7 }'))).toBe(7);
    expect(most(LEVELS.operation('bulkhead: true'), LEVELS.service('bulkhead: false'))).toBe(100);
    expect(most(LEVELS.service('bulkhead: false'), LEVELS.service('bulkhead: true'))).toBe(100);
    expect(most(LEVELS.operation('bulkhead: { max_concurrent: 4 }'), LEVELS.service('bulkhead: true'))).toBe(4);
    const own = `${LEVELS.service('bulkhead: { max_concurrent: 7 }')}\nenvironments: { test: { ${LEVELS.operation('bulkhead: true')} } }`;
    expect(most(LEVELS.operation('bulkhead: { max_concurrent: 4 }'), own)).toBe(7);
  });

  it('names the layer that decided, and keeps what the other one wins out of it', () => {
    const generated = policies(
      'circuit_breaker: { defaults: { success_threshold: 4 }, services: { acme: { operations: { things.get: { retry: false } } } } }',
    );
    const file = policies(
      'circuit_breaker: { defaults: { retry: true, success_threshold: 6 }, services: { acme: { timeout_seconds: 2 } } }',
    );
    const rows = new Map(explainLayers(layersOf(over(generated, file), QUERY)).map(({ key, value, origin }) => [key, [value, origin]]));
    expect(rows.get('retryEnabled')).toEqual([false, 'generated: operation things.get']);
    expect(rows.get('successThreshold')).toEqual([6, 'defaults']);
    expect(rows.get('timeoutMs')).toEqual([2_000, 'service acme']);
  });
});

/** What may have been generated, what takes it away, and what is left. */
const REMOVABLE: readonly (readonly [generated: string, file: string, left: Partial<PolicyValues>])[] = [
  ['timeout_seconds: 3', 'timeout_seconds: false', { timeoutMs: null, totalTimeoutMs: null }],
  ['timeout_seconds: 3', 'timeout_seconds: null', { timeoutMs: null, totalTimeoutMs: null }],
  ['total_timeout_seconds: 90', 'total_timeout_seconds: false', { totalTimeoutMs: null }],
  ['total_timeout_seconds: 90', 'total_timeout_seconds: null', { totalTimeoutMs: null }],
  ['fallback: { value: 1 }', 'fallback: false', { fallback: [] }],
  ['retry: { max_attempts: 7 }', 'retry: false', { retryEnabled: false }],
  ['retry: false', 'retry: true', { retryEnabled: true }],
  ['retry: false', 'retry: { enabled: true, max_attempts: 7 }', { retryEnabled: true, maxAttempts: 7 }],
  ['enabled: false', 'enabled: true', { enabled: true }],
  ['sliding_window: { size: 9 }', 'sliding_window: false', { windowEnabled: false }],
  ['window_size: 9', 'sliding_window: false', { windowEnabled: false }],
  ['sliding_window: { slow_call_duration_seconds: 2 }', 'sliding_window: { slow_call_duration_seconds: false }', { slowCallMs: null }],
  [
    'sliding_window: { failure_rate_threshold: 0.2 }',
    'sliding_window: { failure_rate_threshold: null, failure_threshold_counts: window }',
    { windowEnabled: true, failureRateThreshold: null },
  ],
  ['reopen_backoff: true', 'reopen_backoff: false', { reopenBackoffEnabled: false }],
  [
    'reopen_backoff: { flapping_success_threshold: 9 }',
    'reopen_backoff: { flapping_success_threshold: false }',
    { reopenBackoffEnabled: true, flappingSuccessThreshold: null },
  ],
  ['ramp: true', 'ramp: false', { rampEnabled: false }],
  ['adaptive: { failure_threshold: { min: 2, max: 9 } }', 'adaptive: false', { adaptiveEnabled: false }],
  ['bulkhead: { max_concurrent: 4 }', 'bulkhead: false', { bulkheadMaxConcurrent: null }],
  [
    'bulkhead: { max_concurrent: 4, max_wait_seconds: 1 }',
    'bulkhead: { max_wait_seconds: false }',
    { bulkheadMaxConcurrent: 4, bulkheadMaxWaitMs: null },
  ],
  ['rate_limit: { requests: 4 }', 'rate_limit: false', { rateLimitEnabled: false }],
  [
    'rate_limit: { requests: 4, max_wait_seconds: 1 }',
    'rate_limit: { max_wait_seconds: false }',
    { rateLimitRequests: 4, rateLimitMaxWaitMs: null },
  ],
  ['coalesce: true', 'coalesce: false', { coalesce: false }],
  ['ignored_statuses: [418]', 'ignored_statuses: []', { ignoredStatuses: [] }],
  ['failure_statuses: [503]', 'failure_statuses: []', { failureStatuses: [] }],
];

describe('what is to go is said', () => {
  it.each(REMOVABLE)('%s, then %s', (generated, file, left) => {
    for (const level of ORDER) {
      const [before, after] = [
        resolved(LEVELS[level](generated), 'circuit_breaker: {}'),
        resolved(LEVELS[level](generated), LEVELS[level](file)),
      ];
      expect(before).not.toMatchObject(left);
      expect(after).toMatchObject(left);
    }
  });

  it('a service follows no other any more', () => {
    const file = 'circuit_breaker: { services: { auth: {}, acme: { follows: [] } } }';
    expect(resolved('circuit_breaker: { services: { auth: {}, acme: { follows: auth } } }', file).follows).toEqual([]);
  });

  it('an operation is not idempotent after all', () => {
    expect(resolved(LEVELS.operation('idempotent: true'), LEVELS.operation('idempotent: false')).idempotent).toBe(false);
  });
});
