import { type ClientOptions, ConfigurationError, type FuselineEvent } from 'fuseline';
import { getCircuitBreaker, RateLimiter } from 'fuseline/protect';
import { describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';

const BASE = { baseUrl: 'http://acme.test', token: 't' } as const;

describe('base URL', () => {
  test('of the document, unless the client has one', async () => {
    const dispatcher = new InMemory(answers(200));
    const service = { baseUrl: 'https://api.acme.test/v1' };
    await testClient({ dispatcher }, service).call(getThing, { id: 1 });
    await testClient({ dispatcher, baseUrl: 'http://127.0.0.1:8080' }, service).call(getThing, { id: 1 });
    expect(dispatcher.requests.map((request) => request.origin + request.path)).toEqual([
      'https://api.acme.test/v1/things/1',
      'http://127.0.0.1:8080/things/1',
    ]);
  });

  test('of one operation, unless the client has one', async () => {
    const dispatcher = new InMemory(answers(200));
    const elsewhere = operation({ server: 'https://upload.acme.test/x/' });
    const service = { baseUrl: 'https://api.acme.test', operations: { elsewhere } };
    const acme = testClient({ dispatcher }, service);
    await acme.call(elsewhere, {});
    await testClient({ dispatcher, baseUrl: 'http://127.0.0.1:8080' }, service).call(elsewhere, {});
    expect(dispatcher.requests.map((request) => request.origin + request.path)).toEqual([
      'https://upload.acme.test/x/things',
      'http://127.0.0.1:8080/things',
    ]);
    expect(acme.breaker('things.get').name).toBe('acme@upload.acme.test');
  });

  test('missing: the first call says what to give', async () => {
    expect(await errorOf(testClient({}).call(getThing, { id: 1 }))).toMatchObject({ kind: 'configuration', option: 'baseUrl' });
  });

  test.each([['api.acme.test'], ['/v1'], ['ftp://acme.test'], ['http://'], [''], ['http://acme.test?key=1'], ['http://acme.test#x']])(
    '%j is refused',
    (baseUrl) => {
      expect(() => testClient({ baseUrl })).toThrow(ConfigurationError);
    },
  );

  test.each([['https://ann:secret@acme.test'], ['https://secret@acme.test'], ['http://ann:secret@acme.test:99999999']])(
    '%j is refused, and its password is not repeated',
    (baseUrl) => {
      expect(() => testClient({ baseUrl })).toThrow(ConfigurationError);
      expect(() => testClient({ baseUrl })).not.toThrow(/secret/);
    },
  );
});

describe('layers', () => {
  const attempts = async (options: ClientOptions, policies = {}, call = {}): Promise<number> =>
    (
      await testClient({ ...BASE, dispatcher: new InMemory(answers(500)), ...options }, { policies })
        .call(getThing, { id: 1 }, call)
        .result()
    ).attempts;
  const yaml = { service: { maxAttempts: 4, baseDelayMs: 0, maxDelayMs: 0 }, environments: { staging: { service: { maxAttempts: 5 } } } };
  const noBreaker = { breaker: { enabled: false } };

  test('built-in, YAML, environment block, environment variables, client, call: the later is the stronger', async () => {
    expect(await attempts({ ...noBreaker, retry: AT_ONCE })).toBe(3);
    expect(await attempts(noBreaker, yaml)).toBe(4);
    expect(await attempts({ ...noBreaker, environment: 'staging' }, yaml)).toBe(5);
    expect(await attempts({ ...noBreaker, environment: 'staging', env: { MAX_RETRY_ATTEMPTS: '6' } }, yaml)).toBe(6);
    expect(await attempts({ ...noBreaker, env: { MAX_RETRY_ATTEMPTS: '6', ACME_MAX_RETRY_ATTEMPTS: '7' } }, yaml)).toBe(7);
    expect(await attempts({ ...noBreaker, env: { ACME_MAX_RETRY_ATTEMPTS: '7' }, retry: { maxAttempts: 2 } }, yaml)).toBe(2);
    expect(await attempts({ ...noBreaker, retry: { maxAttempts: 2 } }, yaml, { retry: { maxAttempts: 8 } })).toBe(8);
  });

  test('the environment block is chosen by FUSELINE_ENV, then NODE_ENV', async () => {
    const environment = undefined;
    expect(await attempts({ ...noBreaker, environment, env: { FUSELINE_ENV: 'staging', NODE_ENV: 'other' } }, yaml)).toBe(5);
    expect(await attempts({ ...noBreaker, environment, env: { NODE_ENV: 'staging' } }, yaml)).toBe(5);
    expect(await attempts({ ...noBreaker, environment, env: {} }, yaml)).toBe(4);
  });

  test.each([
    ['CIRCUIT_BREAKER_FAILURE_THRESHOLD', '0'],
    ['CIRCUIT_BREAKER_RECOVERY_TIMEOUT', '-1'],
    ['ACME_MAX_RETRY_ATTEMPTS', 'many'],
    ['CIRCUIT_BREAKER_ENABLED', 'perhaps'],
  ])('an environment variable that cannot be read is an error of the constructor: %s=%s', (name, value) => {
    expect(() => testClient({ ...BASE, env: { [name]: value } })).toThrow(ConfigurationError);
    expect(() => testClient({ ...BASE, env: { [name]: value } })).toThrow(name);
  });

  test('describe() says each value and where it comes from', () => {
    const acme = testClient(
      { ...BASE, timeoutMs: 1_500, env: { ACME_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '7' } },
      { policies: { operations: { 'things.get': { maxAttempts: 9 } } } },
    );
    const description = acme.describe('things.get');
    const origin = (key: string): unknown => description.values.find((row) => row.key === key);
    expect(origin('timeoutMs')).toEqual({ key: 'timeoutMs', value: 1_500, origin: 'client options' });
    expect(origin('totalTimeoutMs')).toMatchObject({ value: 3_000, origin: expect.stringContaining('derived') });
    expect(origin('failureThreshold')).toMatchObject({ value: 7, origin: 'environment variable ACME_CIRCUIT_BREAKER_FAILURE_THRESHOLD' });
    expect(origin('maxAttempts')).toMatchObject({ value: 9, origin: 'operation things.get' });
    expect(origin('successThreshold')).toMatchObject({ value: 3, origin: 'built-in default' });
    expect(String(description)).toMatch(/^things\.get \(circuit acme@acme\.test\)\n {2}enabled/);
    expect(String(description)).toMatch(/^ {2}redirects +error +built-in default$/m);
    expect(() => acme.describe('things.gte')).toThrow(ConfigurationError);
  });

  test('describe() shows the options of the client that no YAML has', () => {
    const shown = (options: object) =>
      Object.fromEntries(
        testClient({ ...BASE, ...options })
          .describe('things.get')
          .client.map(({ option, shown, origin }) => [option, `${shown}, ${origin}`]),
      );
    expect(shown({ dispatcher: undefined, redirects: 'follow', compression: false, captureStack: true })).toMatchObject({
      redirects: 'follow, client options',
      compression: 'false, client options',
      captureStack: 'true, client options',
      maxConnections: '256, built-in default',
      proxy: 'none, built-in default',
    });
    expect(shown({ dispatcher: undefined, environment: 'dev' })).toMatchObject({ captureStack: 'true, environment dev' });
    expect(shown({ dispatcher: undefined, transport: 'fetch' })).toMatchObject({ maxConnections: 'decided by fetch, client options' });
  });
});

describe('withOptions', () => {
  test('shares circuits, merges headers, keeps the rest', async () => {
    const dispatcher = new InMemory(answers(200));
    const acme = testClient({ ...BASE, dispatcher, headers: { 'X-A': '1', 'X-B': '1' } });
    const other = acme.withOptions({ token: 'u', headers: { 'x-b': '2' } });
    expect(other).toBeInstanceOf(acme.constructor);
    await other.call(getThing, { id: 1 });
    expect(['authorization', 'x-a', 'x-b'].map((name) => dispatcher.header(name))).toEqual(['Bearer u', '1', '2']);
    expect(other.breaker('things.get')).toBe(acme.breaker('things.get'));
    await acme.call(getThing, { id: 1 });
    expect(dispatcher.header('authorization')).toBe('Bearer t');
  });

  test('with other thresholds gets a circuit of its own, and leaves the first alone', () => {
    const acme = testClient(BASE);
    const strict = acme.withOptions({ breaker: { failureThreshold: 1 } });
    expect(strict.breaker('things.get')).not.toBe(acme.breaker('things.get'));
    expect(acme.breaker('things.get').options.failureThreshold).toBe(5);
  });
});

describe('what circuits, events and statistics a client shows', () => {
  test('its own circuits, once used', async () => {
    const acme = testClient(
      { ...BASE, dispatcher: new InMemory(answers(503)), retry: false },
      { policies: { service: { scope: 'operation' } } },
    );
    expect(acme.circuits).toEqual([]);
    await errorOf(acme.call(getThing, { id: 1 }));
    await errorOf(acme.call(createThing, { body: {} }));
    expect(acme.circuits.map((circuit) => circuit.name)).toEqual(['acme@acme.test/things.get', 'acme@acme.test/things.create']);
    expect(acme.circuits.map((circuit) => circuit.snapshot().stats.failedRequests)).toEqual([1, 1]);
    acme.reset();
    expect(acme.circuits.map((circuit) => circuit.failureCount)).toEqual([0, 0]);
  });

  test('the events of its own calls, not of its neighbour`s', async () => {
    const seen: string[] = [];
    const dispatcher = new InMemory(answers(503));
    const mine = testClient({ ...BASE, dispatcher, retry: false, onEvent: (event: FuselineEvent) => seen.push(`mine ${event.type}`) });
    const other = mine.withOptions({ onEvent: (event) => seen.push(`other ${event.type}`) });
    await errorOf(mine.call(getThing, { id: 1 }));
    await errorOf(other.call(getThing, { id: 1 }));
    expect(seen).toEqual(['mine call_failed', 'other call_failed']);
  });
});

test.each<[string, () => unknown, string]>([
  ['withOptions(null)', () => testClient({ token: 't' }).withOptions(null as never), 'options of the client'],
  ['describe(5n)', () => testClient({ token: 't' }).describe(5n as never), 'operation id'],
  ['describe of an object without prototype', () => testClient({ token: 't' }).describe(Object.create(null) as never), 'operation id'],
  ['breaker(5n)', () => testClient({ token: 't' }).breaker(5n as never), 'operation id'],
  ['a call of null', () => errorOf(testClient({ token: 't' }).call(null as never, {})), 'operation'],
  ['a call of an object', () => errorOf(testClient({ token: 't' }).call({} as never, {})), 'operation'],
  ['a number in env', () => testClient({ token: 't', env: { NODE_ENV: 5 } as never }), 'env.NODE_ENV'],
  ['null in env', () => testClient({ token: 't', env: { FUSELINE_ENV: null } as never }), 'env.FUSELINE_ENV'],
  ['a blank token', () => testClient({ token: ' ' }), 'token'],
  ['a circuit of no registry', () => getCircuitBreaker('x', { registry: null as never }), 'registry'],
  ['a token of a limiter for null', () => errorOf(new RateLimiter({ requests: 1 }).acquire(null as never)), 'options of the wait'],
])('%s: an error that names the option', async (_, make, option) => {
  const error = await (async () => make())().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'configuration', option });
});
