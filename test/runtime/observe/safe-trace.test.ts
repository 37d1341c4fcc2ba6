import { BreakerRegistry, type CallTrace, type ClientOptions, type Instrumentation, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  dispatcher = new InMemory(answers(200));
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test/v1', token: 't', clock, registry, dispatcher, retry: false, ...options });

describe('a faulty instrumentation changes nothing', () => {
  const fails = (): never => {
    throw new Error('a fault of the instrumentation');
  };
  const rejects = (): never => Promise.reject(new Error('a fault of the instrumentation')) as never;
  const trace = (faulty: () => never): CallTrace => ({ attemptStarted: faulty, attemptEnded: faulty, event: faulty, ended: faulty });

  test.each([
    ['throws at the start', fails],
    ['rejects at the start', rejects],
    ['throws everywhere', () => trace(fails)],
    ['rejects everywhere', () => trace(rejects)],
    ['gives something else than a trace', () => 'trace' as never],
    ['gives null', () => null as never],
    ['gives half a trace', () => ({}) as never],
    [
      'gives headers that cannot be looked at',
      () => ({
        ...trace(fails),
        attemptStarted: () => new Proxy({}, { ownKeys: fails }),
      }),
    ],
  ])('%s', async (_, callStarted) => {
    const heard: string[] = [];
    const options: ClientOptions = {
      instrumentation: { callStarted },
      retry: AT_ONCE,
      breaker: { failureThreshold: 2 },
      onEvent: ({ type }) => heard.push(type),
    };
    dispatcher.react(answers(503), answers(200, { fine: true }), answers(404));
    const acme = client(options);
    const call = acme.call(getThing, { id: 1 });
    await clock.advance(0);
    expect(await call).toEqual({ fine: true });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ status: 404 });
    expect(heard).toEqual(['call_failed', 'retry_scheduled']);
    expect(acme.breaker().snapshot()).toMatchObject({ state: 'closed', stats: { successfulRequests: 2, failedRequests: 1 } });
  });

  test.each([
    ['callStarted', 0],
    ['attemptStarted', 0],
    ['attemptEnded', 1],
  ] as const)('aborts the call in %s: nothing is left behind, and %i requests were sent', async (where, requests) => {
    const aborter = new AbortController();
    const abort = (here: string) => (): undefined => {
      if (here === where) aborter.abort();
    };
    const instrumentation: Instrumentation = {
      callStarted: () => {
        abort('callStarted')();
        return {
          attemptStarted: abort('attemptStarted'),
          attemptEnded: abort('attemptEnded'),
          event: () => undefined,
          ended: () => undefined,
        };
      },
    };
    const acme = client({ instrumentation, bulkhead: { maxConcurrent: 1 }, rateLimit: { requests: 1, perMs: 1_000 } });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }))).toBe(aborter.signal.reason);
    expect(dispatcher.requests).toHaveLength(requests);
    const { totalRequests, successfulRequests, releasedRequests } = acme.breaker().snapshot().stats;
    expect(totalRequests).toBe(successfulRequests + releasedRequests);
    // Neither the place nor, where nothing was sent, the token is lost.
    if (requests === 0)
      await client({
        instrumentation: undefined,
        bulkhead: { maxConcurrent: 1 },
        rateLimit: { requests: 1, perMs: 1_000, maxWaitMs: 0 },
      }).call(getThing, { id: 1 });
    // One for attempts, and one for whole calls.
    expect(clock.pendingTimers).toBeLessThanOrEqual(2);
  });
});
