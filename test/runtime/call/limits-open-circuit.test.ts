import { BreakerRegistry, type ClientOptions, limitStats, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';

let clock: FakeClock;
let dispatcher: InMemory;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock();
  dispatcher = new InMemory(waits);
  registry = new BreakerRegistry({ clock });
});

const client = (options: ClientOptions): ServiceClient =>
  testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    dispatcher,
    registry,
    timeoutMs: 1_000,
    totalTimeoutMs: 100_000,
    retry: false,
    breaker: { failureThreshold: 1, recoveryTimeoutMs: 30_000 },
    ...options,
  });

const LIMITS: readonly (readonly [string, ClientOptions])[] = [
  ['a token of the rate limit', { rateLimit: { requests: 2, perMs: 40_000 } }],
  ['a place in the bulkhead', { bulkhead: { maxConcurrent: 2, maxQueue: 10 } }],
];

describe.each(LIMITS)('R7 calls that wait for %s', (_, limit) => {
  const queued = (): number => {
    const { bulkheads, rateLimiters } = limitStats(registry);
    return [...bulkheads, ...rateLimiters].reduce((sum, stats) => sum + stats.queued, 0);
  };

  test('are refused by the circuit immediately when it opens, and hold nothing', async () => {
    const acme = client(limit);
    const running = [1, 2].map((id) => errorOf(acme.call(getThing, { id })));
    const waiting = [3, 4, 5].map((id) => errorOf(acme.call(getThing, { id })));
    const replaced = acme.call(getThing, { id: 6 }, { fallback: 'kept' });
    await clock.advance(0);
    const breaker = acme.breaker('things.get');
    const { openings } = breaker;
    expect([queued(), openings.size]).toEqual([4, 4]);
    await clock.advance(1_000);
    for (const error of await Promise.all(running)) expect(error).toMatchObject({ kind: 'timeout' });
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ kind: 'circuit_open', retryAfterMs: 30_000 });
    expect(await replaced).toBe('kept');
    expect([clock.now(), dispatcher.requests.length, queued(), openings.size]).toEqual([1_000, 2, 0, 0]);
    expect(breaker.snapshot().stats).toMatchObject({ totalRequests: 6, rejectedRequests: 4, failedRequests: 2 });
  });

  test('wait on where a listener closes the circuit again at once', async () => {
    const acme = client(limit);
    const breaker = acme.breaker('things.get');
    breaker.on('circuit_forced_open', () => breaker.reset());
    const running = [1, 2].map((id) => acme.call(getThing, { id }).result());
    const waiting = acme.call(getThing, { id: 3 }).result();
    await clock.advance(0);
    breaker.forceOpen();
    expect([queued(), breaker.openings.size]).toEqual([1, 1]);
    breaker.reset();
    dispatcher.react(answers(200, { fine: true }));
    await clock.advance(60_000);
    expect((await waiting).ok).toBe(true);
    await Promise.all(running);
    expect([queued(), breaker.openings.size]).toEqual([0, 0]);
  });

  test('do not wait at all while it is open', async () => {
    const acme = client(limit);
    const running = [1, 2].map((id) => acme.call(getThing, { id }).result());
    await clock.advance(0);
    acme.breaker('things.get').forceOpen();
    expect(await errorOf(acme.call(getThing, { id: 3 }))).toMatchObject({ kind: 'circuit_open' });
    expect([clock.now(), queued()]).toEqual([0, 0]);
    await clock.advance(1_000);
    await Promise.all(running);
  });

  test('leave nothing behind when they are aborted, time out or get what they wait for', async () => {
    const acme = client({ ...limit, totalTimeoutMs: 90_000, breaker: { failureThreshold: 100 } });
    const { openings } = acme.breaker('things.get');
    const aborter = new AbortController();
    const calls = [
      acme.call(getThing, { id: 1 }),
      acme.call(getThing, { id: 2 }),
      acme.call(getThing, { id: 3 }, { signal: aborter.signal }),
      acme.call(getThing, { id: 4 }, { totalTimeoutMs: 100_000, maxWaitMs: 70_000 }),
    ].map((call) => call.result().catch((error: unknown) => error));
    await clock.advance(0);
    expect(openings.size).toBe(2);
    aborter.abort();
    expect(openings.size).toBe(1);
    await clock.advance(100_000);
    await Promise.all(calls);
    expect([openings.size, queued()]).toEqual([0, 0]);
  });
});
