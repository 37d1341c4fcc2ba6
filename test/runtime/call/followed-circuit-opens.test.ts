import { BreakerRegistry, type CircuitBreaker, type ClientOptions, limitStats, type ServiceClient } from 'fuseline';
import { getCircuitBreaker } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  dispatcher = new InMemory(waits);
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
    breaker: { failureThreshold: 100 },
    ...options,
  });

const circuit = (name: string): CircuitBreaker => getCircuitBreaker(name, { failureThreshold: 1, recoveryTimeoutMs: 30_000, registry });
const fail = (name: string): void => circuit(name).acquire().failure();

const LIMITS: readonly (readonly [string, ClientOptions])[] = [
  ['a token of the rate limit', { rateLimit: { requests: 2, perMs: 40_000 } }],
  ['a place in the bulkhead', { bulkhead: { maxConcurrent: 2, maxQueue: 10 } }],
];

/** When the service begins to follow, and which circuit opens. `wait`: the calls begin to wait. */
const WAYS: readonly (readonly [string, (wait: () => Promise<void>) => Promise<void>])[] = [
  [
    'the followed circuit',
    async (wait) => {
      registry.follow('acme', ['database']);
      circuit('database');
      await wait();
      fail('database');
    },
  ],
  [
    'a followed circuit that is younger than the wait',
    async (wait) => {
      registry.follow('acme', ['database']);
      await wait();
      fail('database');
    },
  ],
  [
    'a circuit that the followed one follows',
    async (wait) => {
      registry.follow('acme', ['database']);
      circuit('database').follow(circuit('disk'));
      await wait();
      fail('disk');
    },
  ],
  [
    'a circuit that is followed since the calls wait',
    async (wait) => {
      await wait();
      registry.follow('acme', ['database']);
      fail('database');
    },
  ],
  [
    'a followed circuit whose probe fails',
    async (wait) => {
      fail('database');
      await clock.advance(30_000);
      registry.follow('acme', ['database']);
      await wait();
      fail('database');
    },
  ],
];

describe.each(LIMITS)('calls that wait for %s', (_, limit) => {
  const queued = (): number => {
    const { bulkheads, rateLimiters } = limitStats(registry);
    return [...bulkheads, ...rateLimiters].reduce((sum, stats) => sum + stats.queued, 0);
  };

  test.each(WAYS)('are refused immediately when it opens: %s', async (_name, opens) => {
    const acme = client(limit);
    let running: readonly Promise<unknown>[] = [];
    let waiting: readonly Promise<unknown>[] = [];
    let began = 0;
    await opens(async () => {
      running = [1, 2].map((id) => errorOf(acme.call(getThing, { id })));
      waiting = [3, 4].map((id) => errorOf(acme.call(getThing, { id })));
      await clock.advance(0);
      began = clock.now();
      expect(queued()).toBe(2);
    });
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ kind: 'circuit_open', retryAfterMs: 30_000 });
    expect([clock.now() - began, dispatcher.requests.length, queued()]).toEqual([0, 2, 0]);
    expect(acme.breaker('things.get').openings.size).toBe(0);
    await clock.advance(1_000);
    await Promise.all(running);
  });

  test('wait on if another circuit opens, or theirs follows nothing', async () => {
    const acme = client(limit);
    registry.follow('acme', ['database']);
    const running = [1, 2].map((id) => acme.call(getThing, { id }).result());
    const waiting = acme.call(getThing, { id: 3 }).result();
    await clock.advance(0);
    fail('unrelated');
    acme.breaker('things.get').forceClosed();
    fail('database');
    expect([queued(), acme.breaker('things.get').openings.size]).toEqual([1, 1]);
    dispatcher.react(answers(200));
    await clock.advance(40_000);
    expect((await waiting).ok).toBe(true);
    await Promise.all(running);
  });
});

test('a call that waits for its next attempt ends with what it met', async () => {
  const acme = client({ retry: { maxAttempts: 3, baseDelayMs: 20_000, jitter: false } });
  registry.follow('acme', ['database']);
  dispatcher.react(answers(503));
  const failed = errorOf(acme.call(getThing, { id: 1 }));
  await clock.advance(0);
  expect(acme.breaker('things.get').openings.size).toBe(1);
  fail('database');
  expect(await failed).toMatchObject({ kind: 'http', status: 503 });
  expect([clock.now(), dispatcher.requests.length, acme.breaker('things.get').openings.size]).toEqual([0, 1, 0]);
});

test('circuits of another clock are asked by their own', async () => {
  const other = new FakeClock();
  const elsewhere = new BreakerRegistry({ clock: other });
  await other.advance(50_000);
  const slow = testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock: other,
    dispatcher: new InMemory(answers(503), answers(200)),
    registry: elsewhere,
    retry: { maxAttempts: 2, baseDelayMs: 5_000, jitter: false },
  });
  elsewhere.follow('acme', ['database']);
  getCircuitBreaker('database', { failureThreshold: 1, recoveryTimeoutMs: 10_000, registry: elsewhere }).acquire().failure();
  await other.advance(10_000);
  const result = slow.call(getThing, { id: 1 }).result();
  await other.advance(0);
  fail('unrelated');
  expect(slow.breaker('things.get').openings.size).toBe(1);
  await other.advance(5_000);
  expect((await result).ok).toBe(true);
});
