import { describe, expect, test } from 'vitest';
import { credentialsType } from '../../../../generator/emit/client/credentials-type.js';
import { namedCredentials } from '../../../../generator/emit/credentials.js';
import type { ServiceModel } from '../../../../generator/model/types.js';
import type { SecurityDescriptor } from '../../../../runtime/call/client/descriptor.js';

const K = { type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'K' } as const;
const P = { type: 'basic', scheme: 'a b' } as const;

const typeOf = (security: readonly SecurityDescriptor[], operations: readonly (readonly SecurityDescriptor[])[] = []): string => {
  const given = { security, namespaces: [{ operations: operations.map((own) => ({ security: own })) }] } as unknown as ServiceModel;
  return credentialsType(given, (name) => name)
    .replace(/^ *\/\*\*.*\*\/\n/, '')
    .trim();
};

describe('W3 the option credentials', () => {
  test('has the names of all schemes of the service and its operations', () => {
    expect(typeOf([])).toBe('');
    expect(typeOf([{ type: 'bearer' }, { type: 'none' }])).toBe('');
    expect(typeOf([K])).toBe('readonly credentials?: { readonly K?: TokenCredential | undefined } | undefined;');
    expect(typeOf([K], [[{ type: 'all', of: [P, K] }]]).replace(/\s+/g, ' ')).toBe(
      `readonly credentials?: | BasicCredentials | { readonly K?: TokenCredential | undefined; readonly 'a b'?: BasicCredentials | undefined; } | undefined;`,
    );
  });

  test('breaks over lines where it is long', () => {
    const long = { ...K, scheme: 'a'.repeat(80) };
    expect(typeOf([P, long])).toMatch(/^readonly credentials\?:\n {4}\| BasicCredentials\n {4}\| \{\n {8}readonly 'a b'/);
  });

  test('in examples and tests has a secret for each scheme that is needed', () => {
    expect(namedCredentials({ type: 'all', of: [K, P] }, 'test')).toBe(
      `credentials: { K: 'test', 'a b': { username: 'test', password: 'test' } }`,
    );
  });
});
