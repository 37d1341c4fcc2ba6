import type { ClientOptions, SecurityDescriptor } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { operation, testClient } from '../../../support/client.js';

const K: SecurityDescriptor = { type: 'apiKey', in: 'header', name: 'X-Key', scheme: 'apiKey' };
const B: SecurityDescriptor = { type: 'bearer', scheme: 'oauth' };

const make =
  (credentials: ClientOptions['credentials'], security: readonly SecurityDescriptor[] = [K]): (() => unknown) =>
  () =>
    testClient({ credentials }, { security, operations: { other: operation({ security: [B] }) } });

describe('W3 names of credentials', () => {
  test('are those of the schemes of the service or of an operation', () => {
    expect(make({ apiKey: 'secret', oauth: () => 'secret' })).not.toThrow();
    expect(make({ apiKey: undefined, nothing: undefined })).not.toThrow();
    expect(make({ apikey: 'secret' })).toThrow(
      'credentials.apikey is no security scheme of acme, expected the name of a security scheme. Did you mean apiKey?',
    );
    expect(make({ apikey: 'secret' })).not.toThrow('secret,');
  });

  test('are of no use to a client that knows none', () => {
    const unnamed = (): unknown => testClient({ credentials: { key: 'secret' } }, { operations: {} });
    expect(unnamed).toThrow('credentials is for key, expected { username, password } for acme. Its document has no security schemes');
  });

  test.each<[unknown, string]>([
    [{ apiKey: '' }, 'credentials.apiKey is ""'],
    [{ apiKey: 5 }, 'credentials.apiKey is number, expected a string'],
    [{ apiKey: { get: () => 'secret' } }, 'credentials.apiKey is object'],
    [{ username: 'ann' }, 'credentials is a user name or a password alone'],
    [{ username: 'ann', password: 5 }, 'credentials is a user name or a password alone'],
  ])('%j is refused without being shown', (credentials, message) => {
    expect(make(credentials as ClientOptions['credentials'])).toThrow(message);
  });
});
