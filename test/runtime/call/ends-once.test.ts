import { BreakerRegistry, type ClientOptions, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  dispatcher = new InMemory(answers(503));
});

const client = (options: ClientOptions): ServiceClient =>
  testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    registry,
    dispatcher,
    retry: false,
    timeoutMs: 100,
    totalTimeoutMs: 200,
    ...options,
  });

describe('a call ends once', () => {
  test.each([
    ['a failure', answers(503)],
    ['the end of the whole time', waits],
  ])('a fallback that outlasts the deadline is asked once, after %s', async (_, reaction) => {
    dispatcher.react(reaction);
    let asked = 0;
    const answer = withResolvers<unknown>();
    const slow = (): Promise<unknown> => {
      asked++;
      return answer.promise;
    };
    const call = client({ timeoutMs: 200, fallbacks: { 'things.get': slow } }).call(getThing, { id: 1 });
    await clock.advance(1_000);
    expect(asked).toBe(1);
    answer.resolve({ late: true });
    expect(await call).toEqual({ late: true });
    expect(registry.list()[0]?.snapshot().stats).toMatchObject({ fallbackCalls: 1 });
  });

  test('a full queue whose wait ends with the call asks the fallback once', async () => {
    dispatcher.react(waits);
    let asked = 0;
    const answer = withResolvers<unknown>();
    const acme = client({
      bulkhead: { maxConcurrent: 1, maxQueue: 1 },
      fallbacks: {
        'things.get': () => {
          asked++;
          return answer.promise;
        },
      },
    });
    const first = errorOf(acme.call(getThing, { id: 1 }, { fallback: false, timeoutMs: null, totalTimeoutMs: null }));
    const second = acme.call(getThing, { id: 2 }).result();
    await clock.advance(1_000);
    expect(asked).toBe(1);
    answer.resolve({});
    expect(await second).toMatchObject({ source: 'fallback', attempts: 0 });
    acme.breaker('things.get').reset();
    dispatcher.requests.length = 0;
    void first;
  });

  test.each([
    ['a failed attempt', answers(503)],
    ['an attempt that timed out', waits],
  ])('%s counts, although a listener of the failure aborts the call', async (_, reaction) => {
    dispatcher.react(reaction);
    const aborter = new AbortController();
    registry.on('call_failed', () => aborter.abort('enough'));
    const acme = client({});
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    await clock.advance(150);
    expect(await failed).toBe('enough');
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ totalRequests: 1, failedRequests: 1, releasedRequests: 0 });
    expect(acme.breaker('things.get').failureCount).toBe(1);
  });

  test('a permit is given back once when a listener of the recovery aborts the call', async () => {
    dispatcher.react(answers(503), answers(200));
    const aborter = new AbortController();
    registry.on('circuit_closed', () => aborter.abort('enough'));
    const acme = client({ breaker: { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 10 } });
    await errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(10);
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }))).toBe('enough');
    expect(acme.breaker('things.get').snapshot()).toMatchObject({ state: 'closed', stats: { successfulRequests: 1, releasedRequests: 0 } });
  });
});
