import { getEventListeners } from 'node:events';
import { BreakerRegistry, type ClientOptions, lastGood, limitStats, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, listThings, testClient } from '../../support/client.js';
import { Held } from '../../support/held.js';
import { answers, InMemory } from '../../support/in-memory.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;
let held: Held;

const answer = (at: number, status = 200, body: unknown = { list: [1] }): void => held.answer(at, status, body);

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  held = new Held();
  dispatcher = new InMemory(held.reaction);
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false, coalesce: true, ...options });

test('A20 callers who share a request, or whom a kept response answers, hide no failure: each attempt is one sample', async () => {
  const slidingWindow = { size: 100, minimumCalls: 20, failureRateThreshold: 0.5 };
  const acme = client({ breaker: { slidingWindow }, fallbacks: { 'things.list': lastGood() } });
  const list = acme.call(listThings, {});
  answer(0);
  await list;
  // 20 that hang are no part of the rate, either.
  const hanging = Array.from({ length: 20 }, (_, id) => errorOf(acme.call(getThing, { id: `hanging ${id}` })));
  let calls = 1;
  for (; acme.breaker('things.get').state === 'closed'; calls++) {
    const shared = Array.from({ length: 20 }, () => acme.call(listThings, {}).result());
    answer(held.size - 1, 500);
    for (const result of await Promise.all(shared)) expect(result).toMatchObject({ ok: true, source: 'cache' });
  }
  expect(calls).toBe(20);
  expect(acme.breaker('things.get').snapshot().window).toMatchObject({ calls: 20, failedCalls: 19, failureRate: 0.95 });
  for (let at = 1; at <= 20; at++) answer(at, 500);
  await Promise.all(hanging);
});

describe('A47 coalesced reads', () => {
  test('share one request and one verdict; each caller has a copy of its own', async () => {
    const acme = client();
    const calls = [1, 1, 1].map((id) => acme.call(getThing, { id }));
    const whole = acme.call(getThing, { id: 1 }).withResponse();
    const other = acme.call(getThing, { id: 2 });
    expect(dispatcher.requests.map(({ path }) => path)).toEqual(['/things/1', '/things/2']);
    answer(0);
    answer(1);
    const results = (await Promise.all(calls)) as { list: number[] }[];
    results[0]?.list.push(2);
    expect(results[1]).toEqual({ list: [1] });
    expect(results[1]).not.toBe(results[2]);
    expect(await whole).toMatchObject({ status: 200, attempts: 1, source: 'network', headers: { 'content-type': 'application/json' } });
    await other;
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ totalRequests: 2, successfulRequests: 2 });
  });

  test('it is no cache: the next call asks anew, after a success and after a failure', async () => {
    const acme = client();
    const first = acme.call(getThing, { id: 1 });
    answer(0);
    await first;
    const failing = [acme.call(getThing, { id: 1 }), acme.call(getThing, { id: 1 })].map(errorOf);
    answer(1, 500);
    expect(await Promise.all(failing)).toMatchObject([{ status: 500 }, { status: 500 }]);
    const last = acme.call(getThing, { id: 1 });
    answer(2, 200, { again: true });
    expect(await last).toEqual({ again: true });
    expect(dispatcher.requests).toHaveLength(3);
  });

  test('not with other credentials, other headers, or for what is no read', () => {
    const acme = client({ token: () => (dispatcher.requests.length === 0 ? 'a' : 'b') });
    for (let n = 0; n < 2; n++) void acme.call(getThing, { id: 1 }).result();
    void acme.call(getThing, { id: 1 }, { headers: { 'x-tenant': 'c' } }).result();
    void acme.call(listThings, {}).result();
    for (let n = 0; n < 2; n++) void acme.call(createThing, { body: {} }).result();
    expect(dispatcher.requests).toHaveLength(6);
  });

  test('not where a call says so, or has limits or retries of its own; and where only it says so', () => {
    const acme = client();
    void acme.call(getThing, { id: 1 }).result();
    for (const own of [{ coalesce: false }, { timeoutMs: 5 }, { retry: AT_ONCE }, { idempotent: true }, { maxWaitMs: 5 }])
      void acme.call(getThing, { id: 1 }, own).result();
    expect(dispatcher.requests).toHaveLength(6);
    const plain = client({ coalesce: false });
    for (let n = 0; n < 2; n++) void plain.call(getThing, { id: 9 }, { coalesce: true }).result();
    expect(dispatcher.requests).toHaveLength(7);
  });

  test('one caller`s abort is its own: the request goes on for the others, and ends with the last', async () => {
    const acme = client();
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [one, two].map(({ signal }) => errorOf(acme.call(getThing, { id: 1 }, { signal })));
    let ended = 0;
    const { controller } = held.at(0);
    const abort = controller.abort.bind(controller);
    controller.abort = (reason) => {
      ended++;
      abort(reason);
    };
    one.abort(new Error('one'));
    expect(await calls[0]).toMatchObject({ message: 'one' });
    expect(ended).toBe(0);
    two.abort(new Error('two'));
    expect(await calls[1]).toMatchObject({ message: 'two' });
    expect(ended).toBe(1);
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ releasedRequests: 1, failedRequests: 0 });
    for (const { signal } of [one, two]) expect(getEventListeners(signal, 'abort')).toEqual([]);
    void acme.call(getThing, { id: 1 }).result();
    expect(dispatcher.requests).toHaveLength(2);
  });

  test('each caller keeps its own deadline: the first may run out of time, the later one still gets the answer', async () => {
    const acme = client({ timeoutMs: 10_000, totalTimeoutMs: 10_000 });
    const hasty = errorOf(acme.call(getThing, { id: 1 }, { totalTimeoutMs: 2_000 }));
    const later = acme.call(getThing, { id: 1 });
    await clock.advance(1_000);
    const short = errorOf(acme.call(getThing, { id: 1 }, { totalTimeoutMs: 500 }));
    await clock.advance(500);
    expect(await short).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 500 });
    await clock.advance(500);
    expect(await hasty).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 2_000 });
    await clock.advance(7_000);
    answer(0);
    expect(await later).toEqual({ list: [1] });
    expect(dispatcher.requests).toHaveLength(1);
  });

  test('the deadline of one is no one else`s', async () => {
    const acme = client({ timeoutMs: null, totalTimeoutMs: 1_000 });
    const first = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(600);
    const second = acme.call(getThing, { id: 1 });
    await clock.advance(400);
    expect(await first).toMatchObject({ kind: 'timeout', scope: 'total', timeoutMs: 1_000 });
    answer(0);
    expect(await second).toEqual({ list: [1] });
  });

  test.each([null, 1_000, 10_000])('a server that lets the last deadline pass has failed; limit of an attempt: %s', async (timeoutMs) => {
    const acme = client({ timeoutMs, totalTimeoutMs: 10_000 });
    const calls = [1, 1].map((id) => errorOf(acme.call(getThing, { id }, { totalTimeoutMs: 1_000 })));
    await clock.advance(1_000);
    expect(await Promise.all(calls)).toMatchObject([{ kind: 'timeout' }, { kind: 'timeout' }]);
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ failedRequests: 1, releasedRequests: 0 });
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBe(0);
  });

  test('each caller has its own fallback; a kept response is kept by the shared request', async () => {
    const acme = client();
    const first = acme.call(getThing, { id: 1 }, { fallback: lastGood() });
    answer(0, 200, { n: 1 });
    await first;
    const kept = acme.call(getThing, { id: 1 }, { fallback: lastGood() }).result();
    const fixed = acme.call(getThing, { id: 1 }, { fallback: 'fixed' }).result();
    const none = acme.call(getThing, { id: 1 }).result();
    answer(1, 503);
    expect(await Promise.all([kept, fixed, none])).toMatchObject([
      { ok: true, source: 'cache', data: { n: 1 } },
      { ok: true, source: 'fallback', data: 'fixed' },
      { ok: false, error: { status: 503 }, attempts: 1 },
    ]);
  });

  test('retries are shared, too, and end where no caller`s deadline allows another', async () => {
    dispatcher.react(answers(503));
    const acme = client({ retry: { baseDelayMs: 1_000, maxDelayMs: 1_000, jitter: false }, timeoutMs: 1_500, totalTimeoutMs: 1_500 });
    const calls = [1, 1].map((id) => acme.call(getThing, { id }).result());
    await clock.advance(1_000);
    for (const result of await Promise.all(calls))
      expect(result).toMatchObject({ ok: false, attempts: 2, error: { kind: 'retry_exhausted' } });
    expect(dispatcher.requests).toHaveLength(2);
  });

  test('those who share a request share its place and its token', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1, maxQueue: 1 }, rateLimit: { requests: 2, perMs: 60_000 } });
    const calls = [1, 1, 1, 2, 2].map((id) => acme.call(getThing, { id }));
    expect(limitStats(registry).bulkheads).toMatchObject([{ active: 1, queued: 1 }]);
    answer(0);
    await clock.advance(0);
    answer(1);
    await Promise.all(calls);
    expect(limitStats(registry)).toMatchObject({ bulkheads: [{ active: 0, admitted: 2 }], rateLimiters: [{ granted: 2 }] });
  });

  test.each([
    ['bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 9 } }, 'bulkhead_full'],
    ['rate limit', { rateLimit: { requests: 1, perMs: 60_000 } }, 'rate_limited'],
  ] as const)('the `maxWaitMs` of one call is no other`s: %s', async (_, limit, kind) => {
    const acme = client({ ...limit, timeoutMs: null, totalTimeoutMs: null });
    void acme.call(getThing, { id: 'first' }).result();
    const hasty = errorOf(acme.call(getThing, { id: 1 }, { maxWaitMs: 10 }));
    const patient = acme.call(getThing, { id: 1 });
    await clock.advance(10);
    expect(await hasty).toMatchObject({ kind });
    answer(0);
    await clock.advance(60_000);
    answer(1);
    expect(await patient).toEqual({ list: [1] });
  });

  test('the last to leave a flight that waits for its place takes it out of the queue', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1, maxQueue: 1 } });
    const first = acme.call(getThing, { id: 1 });
    const aborter = new AbortController();
    const calls = [2, 2].map((id) => errorOf(acme.call(getThing, { id }, { signal: aborter.signal })));
    aborter.abort(new Error('gone'));
    expect(await Promise.all(calls)).toMatchObject([{ message: 'gone' }, { message: 'gone' }]);
    expect(limitStats(registry).bulkheads).toMatchObject([{ active: 1, queued: 0, aborted: 1 }]);
    answer(0);
    await first;
    expect(limitStats(registry).bulkheads).toMatchObject([{ active: 0 }]);
    expect(dispatcher.requests).toHaveLength(1);
  });

  test('an async token is asked for once by each, and the request goes out once', async () => {
    let asked = 0;
    const acme = client({
      token: () => {
        asked++;
        return Promise.resolve('t');
      },
    });
    const calls = [1, 1].map((id) => acme.call(getThing, { id }));
    await clock.advance(0);
    answer(0);
    await Promise.all(calls);
    expect([asked, dispatcher.requests.length]).toEqual([2, 1]);
  });

  test('an option that is none is refused', async () => {
    expect(() => client({ coalesce: 'yes' as never })).toThrow('coalesce is "yes", expected true or false');
    expect(await errorOf(client().call(getThing, { id: 1 }, { coalesce: 1 as never }))).toMatchObject({ kind: 'configuration' });
  });
});

test.each([
  ['3 ms of 60', 3, 1],
  ['most of the time', 40, 0],
])('a hanging request that calls share counts by their time: a token took %s', async (_, tokenMs, failed) => {
  const token = (): Promise<string> => new Promise((resolve) => void clock.setTimeout(() => resolve('t'), tokenMs));
  const acme = client({ token });
  const calls = [1, 2].map(() => errorOf(acme.call(listThings, {}, { totalTimeoutMs: 60 })));
  await clock.advance(tokenMs);
  await clock.advance(60 - tokenMs);
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'timeout', scope: 'total' });
  expect(held.size).toBe(1);
  const { failedRequests, releasedRequests } = acme.breaker('things.list').snapshot().stats;
  expect([failedRequests, releasedRequests]).toEqual([failed, 1 - failed]);
});

test('a hanging request without a limit of its callers counts by how long they waited', async () => {
  const acme = client({ timeoutMs: null, totalTimeoutMs: null });
  const leaves = new AbortController();
  const first = errorOf(acme.call(listThings, {}, { signal: leaves.signal }));
  const second = errorOf(acme.call(listThings, {}, { totalTimeoutMs: 60 }));
  leaves.abort();
  await first;
  await clock.advance(60);
  expect(await second).toMatchObject({ kind: 'timeout', scope: 'total' });
  expect(acme.breaker('things.list').snapshot().stats).toMatchObject({ failedRequests: 1 });
});
