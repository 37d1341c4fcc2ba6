import { describe, expect, test } from 'vitest';
import { emitService } from '../../../../generator/emit/index.js';
import type { PolicyLayer, ServicePolicies } from '../../../../runtime/config/types.js';
import { acme } from '../fixture.js';

const value = (answer: unknown): PolicyLayer => ({
  fallback: [
    { kind: 'lastGood', maxAgeMs: null },
    { kind: 'value', value: answer },
  ],
});

async function findings(policies: ServicePolicies): Promise<string[]> {
  const located = (layer: PolicyLayer, step: number): object => ({ file: 'b.yaml', line: Object.keys(layer).length, column: step });
  const { diagnostics } = await emitService(acme, policies, { msw: false, locate: located });
  return diagnostics.map(({ severity, code, file, line, column, message }) => `${severity} ${code} ${file}:${line}:${column} ${message}`);
}

describe('fallback values of the YAML', () => {
  test.each<[string, ServicePolicies]>([
    ['of an operation', { operations: { 'contacts.get': value({ contact: null }) } }],
    ['of several results', { operations: { 'contacts.list': value({ jobId: 'x' }) } }],
    ['of an operation without a result', { operations: { 'contacts.delete': value(null) } }],
    ['of an operation that promises nothing', { operations: { 'files.ping': value('anything') } }],
    [
      'that a stronger layer replaces',
      {
        resources: { contacts: value(1) },
        operations: Object.fromEntries(['get', 'search', 'delete', 'list'].map((name) => [`contacts.${name}`, { fallback: [] }])),
      },
    ],
  ])('right: %s', async (_, policies) => expect(await findings(policies)).toEqual([]));

  test.each<[string, ServicePolicies, string]>([
    [
      'a wrong type',
      { operations: { 'contacts.get': value({ contact: 'none' }) } },
      '`contacts.get` is not a possible result of the operation: /contact must be object',
    ],
    [
      'a missing property',
      { operations: { 'contacts.search': value({}) } },
      "`contacts.search` is not a possible result of the operation: the value must have required property 'contacts'",
    ],
    ['a result where there is none', { operations: { 'contacts.delete': value({}) } }, 'the operation has no result: write `value: null`'],
    [
      'of an environment',
      { environments: { production: { operations: { 'contacts.get': value(3) } } } },
      '`contacts.get` is not a possible result',
    ],
    ['of a resource', { resources: { contacts: value({ contacts: [] }) } }, '`contacts.delete` is not a possible result'],
  ])('wrong: %s', async (_, policies, message) => {
    const [found, ...more] = await findings(policies);
    expect(found).toContain(message);
    expect(found).toMatch(/^error fallback-type b\.yaml:1:1 The fallback value of /);
    expect(more).toEqual([]);
  });
});
