import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explainService, loadBreakers, parseBreakers } from '../../../runtime/config/index.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import { messages } from './messages.js';

const guide = fileURLToPath(new URL('fixtures/resilience.yaml', import.meta.url));

describe('the guide’s file', () => {
  const knownServices = ['llm_api', 'factor_broker', 'erp_connector'];

  it('loads as it stands', async () => {
    const { config, diagnostics } = await loadBreakers(guide, { knownServices });
    expect(diagnostics).toEqual([]);
    expect(config?.enabled).toBe(true);
    expect(config?.service('llm_api').policies).toEqual({
      defaults: {
        failureThreshold: 5,
        recoveryTimeoutMs: 60_000,
        successThreshold: 3,
        maxAttempts: 4,
        baseDelayMs: 1_000,
        maxDelayMs: 10_000,
        exponentialBase: 2,
        timeoutMs: 30_000,
      },
      service: { timeoutMs: 45_000 },
    });
    const timeouts = [...knownServices, 'ghl'].map(
      (service) => config && resolvePolicy(config.service(service).policies, { service }).timeoutMs,
    );
    expect(timeouts).toEqual([45_000, 30_000, 60_000, 30_000]);
  });

  it('points out names that are no service, and loads', async () => {
    const { config, diagnostics } = await loadBreakers(guide, { knownServices: ['ghl', 'llm_api', 'factor_brokers'] });
    expect(config).toBeDefined();
    expect(diagnostics.map(({ line, column, severity, code, message, hint }) => [line, column, severity, code, message, hint])).toEqual([
      [
        21,
        5,
        'warning',
        'unknown-timeout',
        'There is no service "factor_broker", so this timeout has no effect; expected default, ghl, llm_api, factor_brokers.',
        'Did you mean `factor_brokers`?',
      ],
      [
        22,
        5,
        'warning',
        'unknown-timeout',
        'There is no service "erp_connector", so this timeout has no effect; expected default, ghl, llm_api, factor_brokers.',
        'A service is known by its name below `circuit_breaker.services`; an empty entry is enough.',
      ],
    ]);
  });

  it.each([
    ['a service of the file', 'circuit_breaker: { services: { llm_api: {}, factor_broker: {}, erp_connector: {} } }\n', {}],
    ['a running client’s', '', { servicesInUse: knownServices }],
  ])('a name is a service if it is %s', (_, rest, options) => {
    expect(parseBreakers(readFileSync(guide, 'utf8') + rest, 'b.yaml', options).diagnostics).toEqual([]);
  });

  it('is explained, with the lines it comes from', async () => {
    const { config } = await loadBreakers(guide, { knownServices });
    if (config === undefined) throw new Error('The guide’s file is not valid.');
    const rows = explainService(config, 'llm_api').map(({ yamlKey, shown, origin, location }) => [
      yamlKey,
      `${shown} (${origin}, line ${location?.line ?? '-'})`,
    ]);
    expect(Object.fromEntries(rows)).toMatchObject({
      failure_threshold: '5 (defaults, line 6)',
      recovery_timeout_seconds: '60 s (defaults, line 7)',
      success_threshold: '3 (defaults, line 8)',
      half_open_max_calls: '2 (built-in default, line -)',
      timeout_seconds: '45 s (service llm_api, line 20)',
      total_timeout_seconds: '90 s (derived: 2 × the attempt timeout, line -)',
      'retry.max_attempts': '4 (defaults, line 12)',
      'retry.max_delay_seconds': '10 s (defaults, line 14)',
    });
    expect(explainService(config, 'ghl').find(({ key }) => key === 'timeoutMs')).toMatchObject({ shown: '30 s', location: { line: 19 } });
  });
});

describe('both forms in one file', () => {
  it('complete each other', () => {
    const text = `circuit_breaker:
  defaults: { half_open_max_calls: 1, failure_threshold: 5 }
  services: { ghl: { preset: critical, operations: { contacts.get: { timeout_seconds: 2 } } } }
resilience:
  circuit_breaker: { failure_threshold: 5, recovery_timeout: 20 }
  retry: false
  timeout: { ghl: 8 }
`;
    const { config, diagnostics } = parseBreakers(text, 'b.yaml');
    expect(diagnostics).toEqual([]);
    const policies = config?.service('ghl').policies ?? {};
    const of = (id: string): object => resolvePolicy(policies, { service: 'ghl', namespace: 'contacts', id });
    expect(of('contacts.list')).toMatchObject({
      failureThreshold: 3,
      halfOpenMaxCalls: 1,
      recoveryTimeoutMs: 30_000,
      retryEnabled: false,
      timeoutMs: 8_000,
    });
    expect(of('contacts.get')).toMatchObject({ timeoutMs: 2_000 });
    expect(resolvePolicy(config?.service('retell').policies ?? {}, { service: 'retell' }).recoveryTimeoutMs).toBe(20_000);
  });

  it('an environment is stronger than either', () => {
    const text =
      'resilience: { timeout: { default: 3 } }\nenvironments: { test: { circuit_breaker: { defaults: { timeout_seconds: 1 } } } }\n';
    const policies = parseBreakers(text, 'b.yaml').config?.service('ghl').policies ?? {};
    expect(resolvePolicy(policies, { service: 'ghl', environment: 'test' }).timeoutMs).toBe(1_000);
    expect(resolvePolicy(policies, { service: 'ghl' }).timeoutMs).toBe(3_000);
  });

  it('must not contradict each other', () => {
    const text = `circuit_breaker:
  enabled: true
  defaults: { recovery_timeout: 30, retry: { max_attempts: 3 } }
  services: { ghl: { timeout_seconds: 30 }, retell: { timeout_seconds: 9 } }
resilience:
  circuit_breaker: { enabled: false, recovery_timeout: 60 }
  retry: { max_retries: 2 }
  timeout: { ghl: 45, retell: 9.0 }
`;
    const hint = 'Keep one of the two.';
    expect(messages(text)).toEqual([
      `6:22+7 error conflicting-forms \`resilience.circuit_breaker.enabled\` is another value than \`circuit_breaker.enabled\` in line 2, expected both forms to agree. | ${hint}`,
      `6:38+16 error conflicting-forms \`resilience.circuit_breaker.recovery_timeout\` is another value than \`circuit_breaker.defaults.recovery_timeout\` in line 3, expected both forms to agree. | ${hint}`,
      `8:14+3 error conflicting-forms \`resilience.timeout.ghl\` is another value than \`circuit_breaker.services.ghl.timeout_seconds\` in line 4, expected both forms to agree. | ${hint}`,
    ]);
  });
});

describe('what is wrong in it', () => {
  it.each([
    ['resilience: { circuit_breaker: { failure_treshold: 3 } }', '1:34+16 error unknown-key'],
    ['resilience: { circuit_breaker: { failure_threshold: 0 } }', '1:53+1 error bad-value'],
    ['resilience: { circuit_breaker: { timeout_seconds: 3 } }', '1:34+15 error unknown-key'],
    ['resilience: { retry: { max_retries: -1 } }', '1:37+2 error bad-value'],
    ['resilience: { retry: { max_retries: 2, max_attempts: 4 } }', '1:24+11 error conflicting-keys'],
    ['resilience: { timeout: { default: 30s } }', '1:35+3 error bad-value'],
    ['resilience: { timeouts: { default: 30 } }', '1:15+8 error unknown-key'],
    [
      'resilience: { retry: { base_delay: 20, max_delay: 10 } }\ncircuit_breaker: { services: { ghl: {} } }',
      '1:24+10 error base-exceeds-max-delay',
    ],
    ['resilience: []', '1:13+2 error bad-value'],
  ])('%s', (text, expected) => {
    expect(messages(text).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([expected]);
  });

  it.each(['resilience: {}', 'resilience:', 'resilience: { timeout: { default: false } }'])('%s is fine', (text) => {
    expect(messages(text)).toEqual([]);
  });

  it('hints at the nearest key', () => {
    expect(messages('resilience: { circuit_breaker: { failure_treshold: 3 } }')[0]).toMatch(/Did you mean `failure_threshold`\?$/);
  });
});
