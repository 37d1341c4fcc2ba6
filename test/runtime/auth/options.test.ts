import { oauth } from 'fuseline/auth';
import { expect, test } from 'vitest';

const FITS = { tokenUrl: 'https://login.test/token', clientId: 'app', clientSecret: 's3cret', grant: 'client_credentials' } as const;

test.each<[Record<string, unknown>, string]>([
  [{ tokenUrl: 'https://ann:s3cret@login.test/' }, 'tokenUrl is no such URL'],
  [{ tokenUrl: '/token' }, 'tokenUrl is no such URL'],
  [{ clientId: undefined }, 'clientId is of type undefined'],
  [{ clientSecret: '' }, 'clientSecret is empty'],
  [{ clientSecret: { value: 's3cret' } }, 'clientSecret is of type object'],
  [{ grant: 'password' }, 'grant is "password", expected client_credentials or refresh_token'],
  [{ refreshToken: 5 }, 'refreshToken is of type number'],
  [{ clientAuth: 'header' }, 'clientAuth is "header"'],
  [{ scope: '' }, 'scope is ""'],
  [{ params: 'a=b' }, 'params is "a=b"'],
  [{ store: {} }, 'store is an object'],
  [{ timeoutMs: 0 }, 'timeoutMs is 0'],
  [{ storeTimeoutMs: Number.POSITIVE_INFINITY }, 'storeTimeoutMs is Infinity'],
  [{ earlyRefreshMs: -1 }, 'earlyRefreshMs is -1'],
  [{ name: '' }, 'name is ""'],
  [{ registry: {} }, 'registry is an object'],
  [{ scopes: 'a' }, 'Did you mean scope?'],
])('refuses %j, and shows no secret', (options, message) => {
  const make = (): unknown => oauth({ ...FITS, ...options } as never);
  expect(make).toThrow(message);
  expect(make).not.toThrow('s3cret');
});

test('takes what fits', () => {
  expect(oauth(FITS).status()).toMatchObject({ state: 'none' });
  expect(() => oauth(null as never)).toThrow('options of oauth is null');
});
