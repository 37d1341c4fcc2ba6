import { BreakerRegistry, CircuitBreaker, limitStats, operationStats } from 'fuseline';
import { protect } from 'fuseline/protect';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { GIVING, ownThen, REJECTING } from '../support/hostile.js';
import { json, Loopback } from '../support/loopback.js';
import { noUnhandledRejections } from '../support/unhandled.js';

/** Whatever the user's code returns, a call settles once, gives back what it holds, and nothing else in the process breaks. */

let server: Loopback;
const uncaught: unknown[] = [];
const remember = (error: unknown): void => void uncaught.push(error);
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

noUnhandledRejections(later);

beforeEach(async () => {
  server = await Loopback.start();
  uncaught.length = 0;
  process.on('uncaughtException', remember);
});

afterEach(async () => {
  await later();
  await server.stop();
  process.off('uncaughtException', remember);
  expect(uncaught).toEqual([]);
});

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => value,
    (error: unknown) => (error instanceof Error ? error.message : 'thrown'),
  );

describe.each(TRANSPORTS)('a token function, over %s', (_, transport) => {
  const idle = (registry: BreakerRegistry): void => {
    expect(operationStats(registry).map(({ inFlight }) => inFlight)).toEqual([0]);
    expect(limitStats(registry).bulkheads.map(({ active }) => active)).toEqual([0]);
  };

  test.each([1, 2])('at attempt %i', async (attempt) => {
    for (const [name, make] of [...GIVING.map(([name, of]) => [name, () => of('tok')] as const), ...REJECTING]) {
      const gives = GIVING.some(([known]) => known === name);
      const registry = new BreakerRegistry();
      let asked = 0;
      const token = (): never => (++asked === attempt ? make() : 'tok') as never;
      const acme = testClient({
        baseUrl: server.origin,
        registry,
        token,
        retry: { ...AT_ONCE, maxAttempts: 2 },
        bulkhead: true,
        ...transport,
      });
      server.requests.length = 0;
      server.answer(attempt === 2 ? json({}, 503) : json({ id: 1 }), json({ id: 1 }));
      const answer = await outcome(acme.call(getThing, { id: 'a' }));
      expect([name, answer]).toEqual([name, gives ? { id: 1 } : expect.stringContaining('the token function failed')]);
      expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
        Array.from({ length: gives ? attempt : attempt - 1 }, () => 'Bearer tok'),
      );
      idle(registry);
    }
  });
});

test('a fallback function: a value answers, anything else leads to the next step', async () => {
  for (const [name, make] of GIVING) {
    const fallback = (): never => make('given') as never;
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: false });
    server.answer(json({}, 503));
    expect([name, await outcome(acme.call(getThing, { id: 'a' }, { fallback }))]).toEqual([name, 'given']);
  }
  for (const [name, make] of REJECTING) {
    const fallback = (): never => make() as never;
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: false });
    server.answer(json({}, 503));
    expect([name, await outcome(acme.call(getThing, { id: 'a' }, { fallback }))]).toEqual([name, expect.stringContaining('503')]);
  }
});

/** Runs that have a permit and did not give it back. */
function underWay(breaker: CircuitBreaker): number {
  const { totalRequests, successfulRequests, failedRequests, rejectedRequests } = breaker.snapshot().stats;
  return totalRequests - successfulRequests - failedRequests - rejectedRequests;
}

const WAYS: readonly (readonly [string, (breaker: CircuitBreaker, work: () => unknown) => Promise<unknown>])[] = [
  ['breaker.call', (breaker, work) => breaker.call(work)],
  ['protect', (breaker, work) => protect(work, { breaker })()],
  ['protect with retries', (breaker, work) => protect(work, { breaker, retry: { maxAttempts: 2, baseDelayMs: 0 } })()],
  ['protect with a fallback', (breaker, work) => protect(work, { breaker, totalTimeoutMs: 60_000, fallback: () => 'fallback' })()],
];

test.each(WAYS)('%s: each run is counted once, and holds nothing', async (way, run) => {
  for (const [name, make] of GIVING) {
    const breaker = new CircuitBreaker({ failureThreshold: 9 });
    expect([name, await outcome(run(breaker, () => make('given')))]).toEqual([name, 'given']);
    await later();
    expect([name, breaker.snapshot().stats.successfulRequests, underWay(breaker)]).toEqual([name, 1, 0]);
  }
  for (const [name, make] of REJECTING) {
    const breaker = new CircuitBreaker({ failureThreshold: 9 });
    const answer = await outcome(run(breaker, make));
    if (way.endsWith('fallback')) expect([name, answer]).toEqual([name, 'fallback']);
    expect([name, breaker.failureCount > 0, underWay(breaker)]).toEqual([name, true, 0]);
  }
});

test('A3 a promise that calls back twice neither answers nor loses the calls of others', async () => {
  const breaker = new CircuitBreaker();
  const held = new Map<string, (value: string) => void>();
  const call = protect(
    (_, who: string) => {
      if (who !== 'eve') return new Promise<string>((resolve) => held.set(who, resolve));
      return ownThen((ok) => {
        ok('eve');
        ok('eve');
        setImmediate(ok, 'eve again');
      }) as Promise<string>;
    },
    { breaker },
  );
  expect(await call('eve')).toBe('eve');
  const calls = ['ana', 'bob', 'cyd'].map((who) => call(who));
  await later();
  await later();
  for (const [who, resolve] of held) resolve(who);
  expect(await Promise.all(calls)).toEqual(['ana', 'bob', 'cyd']);
});

/** Objects that carry the brand of our errors, and throw when they are read. */
const brand = { [Symbol.for('fuseline.error')]: ['HttpError', 'RetryExhaustedError', 'CircuitOpenErrorX', 'FuselineError'] };
const getter = (name: string): PropertyDescriptorMap => ({
  [name]: {
    get: () => {
      throw new Error('do not look');
    },
  },
});
const FORGED: readonly (readonly [string, () => object])[] = [
  ['kind', () => Object.defineProperties({ ...brand }, getter('kind'))],
  ['status', () => Object.defineProperties({ ...brand, kind: 'http' }, getter('status'))],
  ['message', () => Object.defineProperties({ ...brand, kind: 'timeout' }, getter('message'))],
];

test.each(FORGED)('a thrown object that forges an error of ours and cannot be read: %s', async (_, make) => {
  for (const [name, run] of WAYS) {
    const breaker = new CircuitBreaker({ failureThreshold: 9 });
    const causes: string[] = [];
    breaker.on('call_failed', ({ cause }) => causes.push(cause));
    await outcome(
      run(breaker, () => {
        throw make();
      }),
    );
    expect([name, underWay(breaker), breaker.failureCount > 0]).toEqual([name, 0, true]);
    expect(causes.filter((cause) => cause !== 'error' && cause !== 'timeout')).toEqual([]);
  }
});
