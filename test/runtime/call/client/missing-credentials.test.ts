import type { CallOptions, ClientOptions, Operation, SecurityDescriptor } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { missingCredentials } from '../../../../runtime/call/client/missing-credentials.js';
import { ClientCredentials } from '../../../../runtime/call/request/signing.js';
import { errorOf, getThing, operation, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { Loopback } from '../../../support/loopback.js';

const BEARER: SecurityDescriptor = { type: 'bearer' };
const BASIC: SecurityDescriptor = { type: 'basic' };
const KEY: SecurityDescriptor = { type: 'apiKey', in: 'header', name: 'X-Api-Key' };
const SERVICE = { name: 'acme', baseUrl: 'https://api.acme.test/v1', security: [BEARER], policies: {} };

const refuses = (
  options: ClientOptions,
  security: readonly SecurityDescriptor[] = [BEARER],
  op: Operation = getThing,
  ofCall = {},
): boolean => {
  const { dispatcher, instrumentation, transport } = options;
  const mayBeSignedOutside = dispatcher !== undefined || instrumentation !== undefined || transport === 'fetch';
  const missing = missingCredentials(op, security, {
    options,
    credentials: new ClientCredentials(options),
    service: SERVICE,
    mayBeSignedOutside,
  });
  try {
    missing?.check(ofCall);
    return false;
  } catch {
    return true;
  }
};

describe('a call that would go out without credentials', () => {
  test('is refused with the option to give, and sends nothing', async () => {
    const server = await Loopback.start();
    try {
      const call = (security: readonly SecurityDescriptor[]): Promise<unknown> =>
        errorOf(testClient({}, { baseUrl: server.origin, security }).call(getThing, { id: 1 }, { fallback: 1 }));
      expect(await call([BEARER])).toMatchObject({
        kind: 'configuration',
        option: 'token',
        service: 'acme',
        operation: 'things.get',
        message: expect.stringMatching(/^token is undefined, expected a token, .+: things\.get of acme needs credentials\. /),
      });
      expect(await call([BASIC])).toMatchObject({ kind: 'configuration', option: 'credentials' });
      expect(await call([BASIC, KEY])).toMatchObject({ kind: 'configuration', option: 'token' });
      expect(server.requests).toHaveLength(0);
    } finally {
      await server.stop();
    }
  });

  test('is one whose schemes fit nothing that the client has', () => {
    expect(refuses({})).toBe(true);
    expect(refuses({ token: undefined })).toBe(true);
    expect(refuses({ token: 't' })).toBe(false);
    expect(refuses({ token: 't' }, [BASIC])).toBe(true);
    expect(refuses({ token: 't' }, [BASIC, KEY])).toBe(false);
    expect(refuses({ credentials: { username: 'ann', password: 'x' } }, [BASIC])).toBe(false);
  });

  test('is told by the names of its schemes', () => {
    const both: SecurityDescriptor = { type: 'all', of: [{ type: 'bearer', scheme: 'B' }, KEY] };
    const message = (options: ClientOptions, security: readonly SecurityDescriptor[]): string | undefined => {
      const credentials = new ClientCredentials(options);
      const missing = missingCredentials(getThing, security, { options, credentials, service: SERVICE, mayBeSignedOutside: false });
      return missing === undefined ? undefined : `${missing.option} is ${missing.found}, expected ${missing.expected}`;
    };
    expect(message({}, [both])).toBe('credentials is undefined, expected credentials for { B, X-Api-Key }');
    expect(message({ credentials: { K: 'k' } }, [both, { ...BEARER, scheme: 'O' }])).toBe(
      'credentials is credentials for K, expected credentials for { B, X-Api-Key } or { O }',
    );
    expect(message({ credentials: { O: 'k' } }, [both, { ...BEARER, scheme: 'O' }])).toBeUndefined();
    expect(message({ credentials: { O: { username: 'ann', password: 'x' } } }, [{ ...BEARER, scheme: 'O' }])).toContain('for { O }');
    expect(message({ credentials: { B: 'b' } }, [both])).toContain('{ B, X-Api-Key }');
  });

  test('is none if the operation needs no credentials, or has them optionally', () => {
    expect(refuses({}, [])).toBe(false);
    expect(refuses({}, [BEARER, { type: 'none' }])).toBe(false);
  });

  test.each<[string, ClientOptions]>([
    ['a dispatcher', { dispatcher: new InMemory(answers(200)) }],
    ['an instrumentation', { instrumentation: { callStarted: () => undefined } }],
    ['a patched fetch', { transport: 'fetch' }],
    ['a proxy at another base URL', { baseUrl: 'http://gateway.test' }],
    ['a header of the client', { headers: { Authorization: 'Bearer mine' } }],
  ])('is none if %s can add them', (_, options) => {
    expect(refuses(options)).toBe(false);
  });

  test('is one if only the path of the base URL differs, or a header has no value', () => {
    expect(refuses({ baseUrl: 'https://api.acme.test/v2' })).toBe(true);
    expect(refuses({ headers: { 'x-tenant': '1' } })).toBe(true);
    expect(refuses({ headers: { authorization: undefined as never } })).toBe(true);
  });

  test('may carry them in a header of its own, or in a parameter', () => {
    const call: CallOptions = { headers: { 'x-api-key': 'mine' } };
    expect(refuses({}, [KEY], getThing, call.headers)).toBe(false);
    expect(refuses({}, [BEARER], getThing, call.headers)).toBe(true);
    expect(refuses({}, [KEY], operation({ params: [{ key: 'apiKey', wire: 'x-api-key', in: 'header' }] }))).toBe(false);
    expect(refuses({}, [{ type: 'apiKey', in: 'query', name: 'key' }], operation({ params: [{ key: 'key', in: 'query' }] }))).toBe(false);
    expect(refuses({}, [{ type: 'apiKey', in: 'query', name: 'key' }], operation({ params: [{ key: 'key', in: 'header' }] }))).toBe(true);
    expect(refuses({}, [{ type: 'apiKey', in: 'cookie', name: 'sid' }], operation({ params: [{ key: 'sid', in: 'cookie' }] }))).toBe(false);
    expect(refuses({ headers: { cookie: 'sid=1' } }, [{ type: 'apiKey', in: 'cookie', name: 'sid' }])).toBe(false);
  });
});

test('a token function that gives nothing is an error, and nothing is sent', async () => {
  const dispatcher = new InMemory(answers(200));
  const client = testClient({ baseUrl: 'http://acme.test', dispatcher, token: () => undefined as never });
  expect(await errorOf(client.call(getThing, { id: 1 }))).toMatchObject({
    kind: 'request',
    message: expect.stringContaining('gave no token'),
  });
  expect(dispatcher.requests).toHaveLength(0);
  const optional = testClient(
    { baseUrl: 'http://acme.test', dispatcher, token: () => undefined as never },
    { security: [BEARER, { type: 'none' }] },
  );
  expect(await optional.call(getThing, { id: 1 })).toEqual({});
});
