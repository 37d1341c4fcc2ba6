import {
  BreakerRegistry,
  type ClientOptions,
  chain,
  LATENCY_BUCKETS_MS,
  lastGood,
  type OperationStats,
  operationStats,
  type ServiceClient,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { OperationStats as Stats } from '../../../runtime/observe/operation-stats.js';
import { AT_ONCE, createThing, errorOf, getThing, operation, testClient } from '../../support/client.js';
import { Held } from '../../support/held.js';
import { answers, breaks, InMemory, type Reaction, socketError, waits } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  dispatcher = new InMemory(answers(200));
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false, ...options });

function stats(id = 'things.get'): OperationStats {
  const found = operationStats(registry).find((entry) => entry.operation === id);
  if (found === undefined) throw new Error(`no statistics of ${id}`);
  return found;
}

/** What is not zero. */
function counts(id?: string): Readonly<Record<string, number>> {
  const { service, operation: name, durationBuckets, durationSumMs, attemptFailures, ...numbers } = stats(id);
  return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count !== 0));
}

/** Calls by duration, as they were counted. */
const measured = (): number => [...(stats().durationBuckets ?? [])].reduce((sum, count) => sum + count, 0);

describe('an operation without a call has no counts', () => {
  test('although its circuit was asked for and its settings were shown', async () => {
    const acme = client();
    acme.breaker();
    acme.describe('things.get');
    expect(operationStats(registry)).toEqual([]);
    await acme.call(createThing, { body: {} });
    expect(operationStats(registry).map((entry) => entry.operation)).toEqual(['things.create']);
  });

  test('and has them while its first call is under way', async () => {
    const acme = client({ dispatcher: new InMemory(new Held().reaction) });
    acme.describe('things.get');
    const aborter = new AbortController();
    const call = acme.call(getThing, { id: 1 }, { signal: aborter.signal });
    expect(counts()).toMatchObject({ inFlight: 1 });
    aborter.abort();
    await errorOf(call);
    expect(counts()).toMatchObject({ cancelled: 1 });
  });
});

describe('each call counts in one ending', () => {
  test('a success', async () => {
    await client().call(getThing, { id: 1 });
    expect(counts()).toEqual({ successes: 1, attempts: 1 });
    expect(stats()).toMatchObject({ service: 'acme', operation: 'things.get' });
  });

  test.each([
    ['an error of the server', answers(503)],
    ['an answer that is an error', answers(404)],
    ['a broken body', answers(200, '<html>', { 'content-type': 'text/html' })],
    ['a broken connection', breaks(socketError('ECONNRESET'))],
  ])('a failure: %s', async (_, reaction) => {
    dispatcher.react(reaction);
    await errorOf(client().call(getThing, { id: 1 }));
    expect(counts()).toEqual({ failures: 1, attempts: 1 });
  });

  test('a failure before any request', async () => {
    await errorOf(client().call(getThing, {}));
    const fails = (): never => {
      throw new Error('no token');
    };
    await errorOf(client({ token: fails }).call(getThing, { id: 1 }));
    await errorOf(client({ token: () => Promise.reject(new Error('no token')) }).call(getThing, { id: 1 }));
    expect(counts()).toEqual({ failures: 3 });
    expect(measured()).toBe(3);
  });

  test('cancelled: before, during the request, and while it waits for the next', async () => {
    dispatcher.react(waits, answers(503));
    const aborter = new AbortController();
    const during = client().call(getThing, { id: 1 }, { signal: aborter.signal });
    const waiting = client({ retry: {} }).call(getThing, { id: 1 }, { signal: aborter.signal });
    expect(counts()).toEqual({ attempts: 2, inFlight: 2 });
    aborter.abort();
    await Promise.all([errorOf(during), errorOf(waiting)]);
    await errorOf(client().call(getThing, { id: 1 }, { signal: aborter.signal }));
    expect(counts()).toEqual({ cancelled: 3, attempts: 2 });
    expect(stats().durationBuckets).toBeUndefined();
  });

  test('a fallback: a value, a function, a promise; one that throws is none', async () => {
    dispatcher.react(answers(503));
    const later = withResolvers<string>();
    expect(await client().call(getThing, { id: 1 }, { fallback: { spare: true } })).toEqual({ spare: true });
    expect(await client().call(getThing, { id: 1 }, { fallback: () => 'computed' })).toBe('computed');
    const promised = client().call(getThing, { id: 1 }, { fallback: () => later.promise });
    expect(counts()).toEqual({ fallbackAnswers: 2, attempts: 3, inFlight: 1 });
    later.resolve('late');
    await promised;
    await errorOf(client().call(getThing, { id: 1 }, { fallback: () => Promise.reject(new Error('none')) }));
    expect(counts()).toEqual({ fallbackAnswers: 3, failures: 1, attempts: 4 });
    expect(measured()).toBe(4);
  });

  test('cancelled while a fallback is at work', async () => {
    dispatcher.react(answers(503));
    const aborter = new AbortController();
    const later = withResolvers<string>();
    const call = client().call(getThing, { id: 1 }, { fallback: () => later.promise, signal: aborter.signal });
    aborter.abort();
    await errorOf(call);
    later.resolve('too late');
    await later.promise;
    expect(counts()).toEqual({ cancelled: 1, attempts: 1 });
  });

  test('the last good response', async () => {
    dispatcher.react(answers(200, { good: true }), answers(503));
    const acme = client({ fallbacks: { 'things.get': chain(lastGood(), () => 'none') } });
    await acme.call(getThing, { id: 1 });
    await acme.call(getThing, { id: 1 });
    await acme.call(getThing, { id: 2 });
    expect(counts()).toEqual({ successes: 1, cacheAnswers: 1, fallbackAnswers: 1, attempts: 3 });
  });
});

describe('what happened on the way', () => {
  test('repetitions', async () => {
    dispatcher.react(answers(503), answers(503), answers(200), answers(200));
    const acme = client({ retry: AT_ONCE });
    const call = acme.call(getThing, { id: 1 });
    await clock.advance(0);
    await clock.advance(0);
    await call;
    await acme.call(getThing, { id: 1 });
    expect(counts()).toEqual({ successes: 2, attempts: 4, retries: 2 });
  });

  test('deadlines of attempts and of calls', async () => {
    dispatcher.react(waits);
    const own = errorOf(client().call(getThing, { id: 1 }, { timeoutMs: 100 }));
    const whole = errorOf(client().call(getThing, { id: 1 }, { timeoutMs: null, totalTimeoutMs: 200 }));
    await clock.advance(300);
    await Promise.all([own, whole]);
    expect(counts()).toEqual({ failures: 2, attempts: 2, timeouts: 2 });
  });

  test('refusals of an open circuit, with and without another answer', async () => {
    const acme = client();
    acme.breaker().forceOpen();
    await errorOf(acme.call(getThing, { id: 1 }));
    await acme.call(getThing, { id: 1 }, { fallback: 'spare' });
    expect(counts()).toEqual({ failures: 1, fallbackAnswers: 1, rejected: 2 });
    expect(measured()).toBe(2);
  });

  test('a token function is not asked while the circuit is open, and the refusal counts all the same', async () => {
    const acme = client({ token: () => 'fresh' });
    acme.breaker().forceOpen();
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(counts()).toEqual({ failures: 1, rejected: 1 });
  });

  test('refusals of the bulkhead and of the rate limit', async () => {
    dispatcher.react(waits, answers(200));
    const places = client({ bulkhead: { maxConcurrent: 1 } });
    const held = new AbortController();
    const first = places.call(getThing, { id: 1 }, { signal: held.signal });
    await errorOf(places.call(getThing, { id: 1 }));
    expect(counts()).toEqual({ failures: 1, limited: 1, attempts: 1, inFlight: 1 });
    held.abort();
    await errorOf(first);
    const slow = client({ rateLimit: { requests: 1, perMs: 1_000, maxWaitMs: 0 } });
    await slow.call(createThing, { body: {} });
    await errorOf(slow.call(createThing, { body: {} }));
    expect(counts('things.create')).toEqual({ successes: 1, failures: 1, limited: 1, attempts: 1 });
  });
});

describe('calls that share a request', () => {
  let held: Held;

  beforeEach(() => {
    held = new Held();
    dispatcher.react(held.reaction);
  });

  test('are calls of their own; the request counts once', async () => {
    const acme = client({ coalesce: true });
    const calls = [1, 1, 1].map((id) => acme.call(getThing, { id }));
    expect(counts()).toEqual({ attempts: 1, inFlight: 3 });
    clock.jump(40);
    held.answer(0);
    await Promise.all(calls);
    expect(counts()).toEqual({ successes: 3, attempts: 1 });
    expect(stats().durationSumMs).toBe(120);
  });

  test('fail together, repetitions included, and each may fall back by itself', async () => {
    const acme = client({ coalesce: true, retry: { ...AT_ONCE, maxAttempts: 2 } });
    const failing = acme.call(getThing, { id: 1 });
    const falling = acme.call(getThing, { id: 1 }, { fallback: 'spare' });
    held.answer(0, 503);
    await clock.advance(0);
    held.answer(1, 503);
    await errorOf(failing);
    expect(await falling).toBe('spare');
    expect(counts()).toEqual({ failures: 1, fallbackAnswers: 1, attempts: 2, retries: 1 });
  });

  test('leave one by one; the last ends the request', async () => {
    const acme = client({ coalesce: true });
    const aborter = new AbortController();
    const leaving = acme.call(getThing, { id: 1 }, { signal: aborter.signal });
    const late = errorOf(acme.call(getThing, { id: 1 }, { totalTimeoutMs: 50 }));
    aborter.abort();
    await errorOf(leaving);
    expect(counts()).toEqual({ cancelled: 1, attempts: 1, inFlight: 1 });
    await clock.advance(50);
    await late;
    expect(counts()).toEqual({ cancelled: 1, failures: 1, attempts: 1, timeouts: 1 });
  });

  test('are refused together', async () => {
    const acme = client({ coalesce: true });
    acme.breaker().forceOpen();
    await Promise.all([1, 1].map((id) => errorOf(acme.call(getThing, { id }))));
    expect(counts()).toEqual({ failures: 2, rejected: 2 });
  });
});

describe('durations', () => {
  test('are counted in the bucket that they do not exceed, waits and repetitions included', async () => {
    const acme = client({ retry: { ...AT_ONCE, maxAttempts: 2 }, timeoutMs: null, totalTimeoutMs: null });
    const answersAfter =
      (ms: number, status: number): Reaction =>
      (...request) => {
        clock.jump(ms);
        answers(status)(...request);
      };
    for (const ms of [0, 1, 5, 5.1, 60_000, 60_001, 600_000]) {
      dispatcher.react(answersAfter(ms / 2, 503), answersAfter(ms / 2, 200));
      const call = acme.call(getThing, { id: 1 });
      await clock.advance(0);
      await call;
    }
    const { durationBuckets, durationSumMs } = stats();
    expect(durationBuckets).toHaveLength(LATENCY_BUCKETS_MS.length + 1);
    // 0, 1 and 5; 5.1; 60,000; the two above.
    expect([...(durationBuckets ?? [])]).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    expect(durationSumMs).toBeCloseTo(0 + 1 + 5 + 5.1 + 60_000 + 60_001 + 600_000);
  });

  test('the bounds ascend', () => {
    expect([...LATENCY_BUCKETS_MS].sort((a, b) => a - b)).toEqual(LATENCY_BUCKETS_MS);
  });

  test('cancelled calls have none', async () => {
    dispatcher.react(waits);
    const aborter = new AbortController();
    const call = client().call(getThing, { id: 1 }, { signal: aborter.signal });
    clock.jump(1_000);
    aborter.abort();
    await errorOf(call);
    expect(stats()).toMatchObject({ durationBuckets: undefined, durationSumMs: 0 });
  });
});

describe('whose they are', () => {
  test('all clients of a registry count together, whatever their origin, circuit and options', async () => {
    await client().call(getThing, { id: 1 });
    await client({ baseUrl: 'http://other.test', breaker: { failureThreshold: 1 } }).call(getThing, { id: 1 });
    await client().withOptions({ timeoutMs: 5 }).call(getThing, { id: 1 }, { timeoutMs: 3 });
    expect(counts()).toEqual({ successes: 3, attempts: 3 });
    expect(operationStats(registry)).toHaveLength(1);
  });

  test('another registry, and an operation of the same name of another service, count by themselves', async () => {
    const other = new BreakerRegistry();
    await client().call(getThing, { id: 1 });
    await client({ registry: other }).call(getThing, { id: 1 });
    await client().call(operation({ service: 'betacorp' }), {});
    const all = operationStats(registry).map(({ service, operation: id, successes }) => [service, id, successes]);
    expect(all).toEqual([
      ['acme', 'things.get', 1],
      ['betacorp', 'things.get', 1],
    ]);
    expect(operationStats(other)).toMatchObject([{ service: 'acme', successes: 1 }]);
  });

  test('without an argument: those of the process', () => {
    expect(operationStats()).toEqual(operationStats(undefined));
  });
});

test('failed attempts are counted by cause, with a bound', () => {
  const counted = new Stats('acme', 'things.get');
  expect(counted.attemptFailures).toBeUndefined();
  for (let status = 400; status < 440; status++) counted.attemptFailed(`http_${status}`);
  counted.attemptFailed('http_400');
  expect(counted.attemptFailures?.size).toBe(31);
  expect([counted.attemptFailures?.get('http_400'), counted.attemptFailures?.get('other')]).toEqual([2, 10]);
});
