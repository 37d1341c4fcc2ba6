import { BreakerRegistry, CircuitBreaker, lastGood } from 'fuseline';
import { healthHandler } from 'fuseline/health';
import { Bulkhead, getCircuitBreaker, protect, protectedBy, RateLimiter } from 'fuseline/protect';
import { tiers } from 'fuseline/tiers';
import { describe, expect, test } from 'vitest';
import { namesOf, refuseInherited, refuseUnknown } from '../../../runtime/errors/known-options.js';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { polluted } from '../../support/polluted.js';

const breaker = new CircuitBreaker();
const run = (): number => 1;
const SERVICE = { baseUrl: 'http://acme.test' };
const ofCall = (options: object): Promise<unknown> => {
  const dispatcher = new InMemory(answers(200));
  const call = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher }).call(getThing, { id: 1 }, options as never);
  return call.then(
    () => undefined,
    (error: unknown) => {
      expect(dispatcher.requests).toHaveLength(0);
      throw error;
    },
  );
};

describe('an option that does not exist is refused with the nearest one', () => {
  test.each<[string, string, (options: never) => unknown, object]>([
    ['timeout', 'timeoutMs', (options) => testClient(options), { timeout: 5 }],
    ['retries', 'retry', (options) => testClient(options), { retries: 3 }],
    ['fallback', 'fallbacks', (options) => testClient(options), { fallback: 3 }],
    ['apiKey', 'token', (options) => testClient(options), { apiKey: 'secret-1' }],
    ['baseURL', 'baseUrl', (options) => testClient(options), { baseURL: 'http://acme.test' }],
    ['breaker.failureTreshold', 'failureThreshold', (options) => testClient(options), { breaker: { failureTreshold: 3 } }],
    [
      'breaker.slidingWindow.minimalCalls',
      'minimumCalls',
      (options) => testClient(options),
      { breaker: { slidingWindow: { minimalCalls: 3 } } },
    ],
    ['retry.maxAttempt', 'maxAttempts', (options) => testClient(options), { retry: { maxAttempt: 3 } }],
    ['bulkhead.maxConcurrency', 'maxConcurrent', (options) => testClient(options), { bulkhead: { maxConcurrency: 3 } }],
    ['rateLimit.request', 'requests', (options) => testClient(options), { rateLimit: { request: 3 } }],
    ['breaker.recoveryTimeout', 'recoveryTimeoutMs', (options) => new CircuitBreaker(options), { recoveryTimeout: 3 }],
    ['breaker.ramp.duration', 'durationMs', (options) => breaker.reconfigure(options), { ramp: { duration: 3 } }],
    ['lease', 'leaseMs', (options) => breaker.acquire(options), { lease: 3 }],
    ['breaker.reopenBackoff.jiter', 'jitter', (options) => getCircuitBreaker('known', options), { reopenBackoff: { jiter: 0 } }],
    ['maxCircuit', 'maxCircuits', (options) => new BreakerRegistry(options), { maxCircuit: 3 }],
    ['lastGood.maxAge', 'maxAgeMs', (options) => lastGood(options), { maxAge: 3 }],
    ['bulkhead.queue', 'maxQueue', (options) => new Bulkhead(options), { maxConcurrent: 1, queue: 3 }],
    ['rateLimit.perMS_', 'perMs', (options) => new RateLimiter(options), { perMS_: 3 }],
    ['timout', 'timeoutMs', (options) => protect(run, options), { breaker, timout: 3 }],
    ['retry.maxAttemps', 'maxAttempts', (options) => protect(run, options), { breaker, retry: { maxAttemps: 3 } }],
    [
      'falback',
      'fallback',
      (options) => protectedBy(options)(run as never, { kind: 'method', name: 'm' } as never),
      { breaker, falback: 3 },
    ],
    ['minQualty', 'minQuality', (options) => tiers([{ name: 'one', run }], options), { minQualty: 3 }],
    ['tiers[0].timeout', 'timeoutMs', (tier) => tiers([tier]), { name: 'one', run, timeout: 3 }],
    ['tiers[0].retry.jiter', 'jitter', (tier) => tiers([tier]), { name: 'one', run, retry: { jiter: 3 } }],
  ])('%s', (option, meant, make, options) => {
    const attempt = (): unknown => make(options as never);
    expect(attempt).toThrow(expect.objectContaining({ kind: 'configuration', option }));
    expect(attempt).toThrow(`${option} is not an option of `);
    expect(attempt).toThrow(`Did you mean ${meant}?`);
    expect(attempt).not.toThrow('secret');
  });

  test.each([
    ['timeout', { timeout: 5 }, 'Did you mean timeoutMs?'],
    ['retry.attempts', { retry: { attempts: 5 } }, 'Did you mean maxAttempts?'],
    ['xyz', { xyz: 5 }, 'expected a known option, one of signal, identity, timeoutMs, '],
    // A signal in place of the options.
    ['aborted', new AbortController().signal, 'Did you mean signal?'],
  ])('%s of a call', async (option, options, hint) => {
    await expect(ofCall(options)).rejects.toMatchObject({ kind: 'configuration', option, message: expect.stringContaining(hint) });
  });

  test.each([null, 5, 'text'])('options of a call that are %j', async (options) => {
    await expect(ofCall(options as never)).rejects.toMatchObject({ kind: 'configuration', option: 'options of the call' });
  });

  test.each(['token', 'baseUrl', 'breaker', 'bulkhead', 'onEvent', 'redirects', 'transport', 'env'])(
    '%s of a call: it is an option of the client',
    async (name) => {
      const error = (await errorOf(
        testClient({ baseUrl: 'http://acme.test', token: 't' }).call(getThing, { id: 1 }, { [name]: 1 }),
      )) as Error;
      expect(error.message).toBe(
        `${name} is not an option of a call, expected a known option. It is an option of the client: \`client.withOptions({ ${name} })\` returns a client that has it.`,
      );
    },
  );

  test('an option of a call given to the client is said to be one', () => {
    expect(() => testClient({ signal: AbortSignal.abort() } as never)).toThrow(
      'signal is not an option of a client, expected a known option. It is an option of a single call.',
    );
  });

  test('a misspelt operation suggests the nearest one, wherever it is named', () => {
    expect(() => testClient({ fallbacks: { 'thing.get': 1 } })).toThrow(
      "fallbacks['thing.get'] is no operation of acme, expected a known operation. Did you mean things.get?",
    );
    expect(() => testClient({}).describe('things.gte')).toThrow(
      'operation id is "things.gte", expected an operation of acme. Did you mean things.get?',
    );
    expect(() => testClient({ baseUrl: 'http://acme.test' }).breaker('contacts.delete')).toThrow(
      'one of things.get, things.create, things.list',
    );
  });

  test('a circuit in place of thresholds says what takes one', () => {
    expect(() => testClient({ breaker: breaker as never })).toThrow(
      /^breaker is a CircuitBreaker, expected thresholds such as \{ failureThreshold: 3 \}\. .*`protect` of fuseline\/protect takes a circuit/,
    );
  });
});

describe('refuseUnknown', () => {
  const known = namesOf<{ readonly size?: number; readonly name?: string }>({ size: 1, name: 1 });
  const check = (given: object): void => refuseUnknown('a box', given, known);

  test('lets known names pass, and what is undefined', () => {
    expect(() => check({ size: 1, name: undefined, colour: undefined })).not.toThrow();
  });

  test('sees inherited options, for they count as well', () => {
    expect(() => check(Object.create({ size: 1 }))).not.toThrow();
    expect(() => check(Object.create({ sise: 1 }))).toThrow('sise is not an option of a box');
  });

  test('takes no name of Object.prototype for known, and blames nobody for what was added to it', () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    polluted['added'] = 1;
    try {
      expect(() => check({ size: 1 })).not.toThrow();
    } finally {
      delete polluted['added'];
    }
    expect(() => check({ constructr: 1 })).toThrow('constructr is not an option of a box');
  });
});

describe('an option that an object has only from Object.prototype is refused', () => {
  const base = { baseUrl: 'http://acme.test', token: 'secret-1' };
  const method = [run, { kind: 'method', name: 'm' }] as unknown as [never, never];

  test.each<[string, string, unknown, () => unknown]>([
    ['a client', 'baseUrl', 'http://evil.test', () => testClient({ token: 't' })],
    ['a client', 'headers', { 'x-evil': '1' }, () => testClient(base)],
    ['a client', 'token', 'evil', () => testClient({ baseUrl: 'http://acme.test' })],
    ['a client', 'token', 'evil', () => testClient({ baseUrl: 'http://acme.test', token: undefined })],
    ['a client', 'dispatcher', new InMemory(answers(200)), () => testClient(base)],
    ['breaker of a client', 'failureThreshold', 1, () => testClient({ ...base, breaker: {} })],
    ['retry of a client', 'maxAttempts', 9, () => testClient({ ...base, retry: {} })],
    ['bulkhead of a client', 'maxConcurrent', 9, () => testClient({ ...base, bulkhead: {} })],
    ['protect', 'fallback', 'evil', () => protect(run, { breaker })],
    ['protect', 'isFailure', () => false, () => protect(run, { breaker })],
    ['protectedBy', 'name', 'evil', () => protectedBy({ breaker })(...method)],
    ['protectedBy', 'signalAt', 0, () => protectedBy({ breaker })(...method)],
    ['tiers', 'quality', () => 0, () => tiers([{ name: 'one', run }])],
    ['tiers', 'totalTimeoutMs', 1, () => tiers([{ name: 'one', run }], {})],
    ['a tier', 'circuit', breaker, () => tiers([{ name: 'one', run }])],
    ['a bulkhead', 'maxQueue', 9, () => new Bulkhead({ maxConcurrent: 1 })],
    ['a rate limiter', 'requests', 9, () => new RateLimiter({})],
    ['a registry', 'maxCircuits', 1, () => new BreakerRegistry()],
    ['a circuit', 'failureThreshold', 1, () => new CircuitBreaker()],
    ['a circuit', 'enabled', false, () => new CircuitBreaker({})],
    ['a circuit', 'clock', {}, () => new CircuitBreaker({ name: 'one' })],
    ['a shared circuit', 'follows', ['other'], () => getCircuitBreaker('one', { registry: new BreakerRegistry() })],
    ['a permit', 'leaseMs', 1, () => breaker.acquire({})],
    ['lastGood', 'maxAgeMs', 1, () => lastGood()],
    ['a health handler', 'adminToken', 'the token of an attacker', () => healthHandler({ token: false })],
  ])('%s: %s', (_, name, value, make) => {
    const message = new RegExp(
      `^[\\w.\\[\\]]*${name} is inherited from Object.prototype, expected an option of .* itself. Some code added .${name}. `,
    );
    expect(() => polluted(name, value, make)).toThrow(message);
    expect(make).not.toThrow();
  });

  test('in waits: no token is taken', async () => {
    const limiter = new RateLimiter({ requests: 1 });
    const waits = polluted('key', 'evil', () => [limiter.acquire(), limiter.call(run), limiter.acquire({ maxWaitMs: 0 })]);
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ kind: 'configuration', option: 'key' });
    expect(limiter.available()).toBe(1);
    const bulkhead = new Bulkhead({ maxConcurrent: 1 });
    const call = polluted('maxWaitMs', 0, () => bulkhead.call(run));
    await expect(call).rejects.toMatchObject({ kind: 'configuration', option: 'maxWaitMs' });
  });

  test.each([
    ['headers', { 'x-evil': '1' }],
    ['baseUrl', 'http://evil.test'],
  ])('%s that came after the client was made: nothing is sent, and no copy obeys it', async (name, value) => {
    const dispatcher = new InMemory(answers(200, {}));
    const client = testClient({ ...(name === 'baseUrl' ? {} : { baseUrl: 'http://acme.test' }), token: 'secret-1', dispatcher }, SERVICE);
    const calls = polluted(name, value, () => {
      expect(() => client.withOptions({ timeoutMs: 5 })).toThrow(`${name} is inherited from Object.prototype`);
      return [client.call(getThing, { id: 1 }), client.call(getThing, { id: 1 }, { idempotent: true })];
    });
    for (const call of calls) await expect(call).rejects.toMatchObject({ kind: 'configuration', option: name });
    expect(dispatcher.requests).toHaveLength(0);
    await client.call(getThing, { id: 1 });
    expect(dispatcher.requests).toMatchObject([{ origin: 'http://acme.test' }]);
    expect(dispatcher.header('x-evil')).toBeUndefined();
  });

  test('of a call', async () => {
    const call = polluted('maxWaitMs', 0, () => ofCall({ idempotent: true }));
    await expect(call).rejects.toMatchObject({ kind: 'configuration', option: 'maxWaitMs' });
  });

  test('an option of the object itself, of its class, or of an object without that prototype applies', () => {
    const known = namesOf<{ readonly size?: number }>({ size: 1 });
    class Sized {
      get size(): number {
        return 1;
      }
    }
    const bare = Object.assign(Object.create(null), { other: 1 });
    for (const given of [{ size: 1 }, new Sized(), Object.create(new Sized()), bare])
      expect(() => polluted('size', 2, () => refuseInherited('a box', given, known))).not.toThrow();
    expect(() => polluted('size', undefined, () => refuseInherited('a box', {}, known))).not.toThrow();
    expect(() => polluted('size', 2, () => refuseInherited('a box', { size: undefined }, known))).toThrow('size is inherited');
  });

  test('the value is never shown', () => {
    const make = (): unknown => polluted('token', 'secret-2', () => testClient({}));
    expect(make).toThrow('token is inherited');
    expect(make).not.toThrow('secret-2');
  });
});
