import { describe, expect, it } from 'vitest';
import { parseBreakers } from '../../../runtime/config/index.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import type { PolicyValues } from '../../../runtime/config/types.js';

const yaml = (service: string): string => `circuit_breaker:\n  services:\n    ghl:\n${service.replace(/^/gm, '      ')}\n`;

function policy(service: string, id = 'contacts.get'): PolicyValues {
  const { config, diagnostics } = parseBreakers(yaml(service), 'b.yaml');
  expect(diagnostics).toEqual([]);
  return resolvePolicy(config?.service('ghl').policies ?? {}, { service: 'ghl', namespace: 'contacts', id });
}

const messages = (service: string): readonly string[] =>
  parseBreakers(yaml(service), 'b.yaml').diagnostics.map(({ message, line }) => `${line} ${message}`);

describe('bulkhead, rate limit and coalescing in the YAML', () => {
  it('seconds become milliseconds', () => {
    expect(policy('bulkhead: { max_concurrent: 10, max_queue: 50, max_wait_seconds: 2.5 }')).toMatchObject({
      bulkheadMaxConcurrent: 10,
      bulkheadMaxQueue: 50,
      bulkheadMaxWaitMs: 2_500,
    });
    expect(policy('rate_limit: { requests: 100, per_seconds: 10, max_wait_seconds: 0, scope: operation }')).toMatchObject({
      rateLimitEnabled: true,
      rateLimitRequests: 100,
      rateLimitPerMs: 10_000,
      rateLimitMaxWaitMs: 0,
      rateLimitScope: 'operation',
    });
    expect(policy('coalesce: true').coalesce).toBe(true);
  });

  it('an operation switches off what its service switches on', () => {
    const text = [
      'bulkhead: { max_concurrent: 1 }',
      'rate_limit: true',
      'coalesce: true',
      'operations: { contacts.get: { bulkhead: false, rate_limit: false, coalesce: false } }',
    ].join('\n');
    const off = { bulkheadMaxConcurrent: null, rateLimitEnabled: false, coalesce: false };
    expect([policy(text), policy(text, 'contacts.create')]).toMatchObject([
      off,
      { bulkheadMaxConcurrent: 1, rateLimitEnabled: true, rateLimitRequests: null, coalesce: true },
    ]);
  });

  it('a bulkhead without a maximum is on, with that of a weaker layer, or 100', () => {
    expect(policy('bulkhead: true').bulkheadMaxConcurrent).toBe(100);
    expect(policy('bulkhead: { max_queue: 5 }')).toMatchObject({ bulkheadMaxConcurrent: 100, bulkheadMaxQueue: 5 });
    expect(policy('bulkhead: { max_concurrent: 7 }\noperations: { contacts.get: { bulkhead: true } }').bulkheadMaxConcurrent).toBe(7);
  });

  it('a preset is weaker than what stands beside it', () => {
    expect(policy('rate_limit: { preset: ghl }')).toMatchObject({ rateLimitEnabled: true, rateLimitRequests: 100, rateLimitPerMs: 10_000 });
    expect(policy('rate_limit: { preset: ghl, requests: 50 }')).toMatchObject({ rateLimitRequests: 50, rateLimitPerMs: 10_000 });
    expect(policy('rate_limit: { preset: sendgrid }')).toMatchObject({ rateLimitRequests: null, rateLimitScope: 'operation' });
    expect(policy('rate_limit: { preset: ghl, enabled: false }').rateLimitEnabled).toBe(false);
  });

  it.each([
    ['bulkhead: { max_concurrent: 0 }', /^4 .*0.*a whole number, 1 or more/],
    ['bulkhead: { max_concurrent: 1e300 }', /^4 .*1e\+300.*a whole number, 1 or more/],
    ['bulkhead: { max_concurrent: 1, max_queue: 1e300 }', /^4 .*1e\+300.*a whole number, 0 or more/],
    ['failure_threshold: 1e300', /^4 .*1e\+300.*a whole number, 1 or more/],
    ['half_open_max_calls: 1e300', /^4 .*1e\+300.*a whole number, 1 or more/],
    ['bulkhead: 10', /^4 .*10.*true, false or a mapping of bulkhead settings/],
    ['bulkhead: { max_queue: -1 }', /^4 .*-1.*a whole number, 0 or more/],
    ['rate_limit: { requests: many }', /^4 .*"?many"?.*a whole number from 1 to 1,000,000/],
    ['rate_limit: { per_seconds: 0 }', /^4 .*0.*a number of seconds from 0.001 to 86,400/],
    ['rate_limit: { preset: gohighlevel }', /^4 .*gohighlevel.*one of ghl, sendgrid, retell/],
    ['rate_limit: { scope: tenant }', /^4 .*tenant.*service or operation/],
    ['coalesce: reads', /^4 .*reads.*true or false/],
  ])('%s is a located error', (text, message) => {
    expect(messages(text)).toEqual([expect.stringMatching(message)]);
  });
});
