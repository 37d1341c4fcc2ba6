import {
  BreakerRegistry,
  type ClientOptions,
  type FuselineEvent,
  limitStats,
  type ServiceClient,
  type ServicePolicies,
  type TransportHandler,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, type Service, testClient } from '../../support/client.js';
import { Held } from '../../support/held.js';
import { answers, breaks, connects, InMemory, type Reaction, socketError, waits } from '../../support/in-memory.js';
import { hang, json, Loopback } from '../../support/loopback.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;
let held: Held;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  held = new Held();
  dispatcher = new InMemory(held.reaction);
});

const client = (options: ClientOptions = {}, service: Service = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false, ...options }, service);

const stats = (): object | undefined => limitStats(registry).bulkheads[0];

describe('a bulkhead in the pipeline', () => {
  test('one place for each call; the rest are refused, and the fallback answers for them', async () => {
    const events: FuselineEvent[] = [];
    const acme = client({ bulkhead: { maxConcurrent: 1 }, onEvent: (event) => events.push(event) });
    const first = acme.call(getThing, { id: 1 });
    expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({
      kind: 'bulkhead_full',
      service: 'acme',
      operation: 'things.get',
      reason: 'queue_full',
    });
    expect(await acme.call(getThing, { id: 3 }, { fallback: { spare: true } })).toEqual({ spare: true });
    held.answer(0);
    await first;
    expect(dispatcher.requests).toHaveLength(1);
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ totalRequests: 1, failedRequests: 0 });
    expect(events.map((event) => ('policy' in event ? `${event.type} ${event.policy}` : event.type))).toEqual([
      'call_limited bulkhead',
      'call_limited bulkhead',
      'fallback_used',
    ]);
    expect(stats()).toMatchObject({ name: 'acme@acme.test', active: 0, admitted: 1, rejected: 2 });
  });

  test('waiting calls go first in, first out; clients of the service share the places', async () => {
    const bulkhead = { maxConcurrent: 1, maxQueue: 5 };
    const calls = [1, 2, 3].map((id) => client({ bulkhead, token: `t${id}` }).call(getThing, { id }));
    await clock.advance(0);
    expect(dispatcher.requests).toHaveLength(1);
    for (const at of [0, 1, 2]) {
      held.answer(at);
      await calls[at];
    }
    expect(dispatcher.requests.map(({ path }) => path)).toEqual(['/things/1', '/things/2', '/things/3']);
    expect(limitStats(registry).bulkheads).toHaveLength(1);
  });

  test('A37 an aborted waiter leaves at once and sends nothing', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1, maxQueue: 1 } });
    const first = acme.call(getThing, { id: 1 });
    const aborter = new AbortController();
    const gone = errorOf(acme.call(getThing, { id: 2 }, { signal: aborter.signal }));
    aborter.abort(new Error('mine'));
    expect(await gone).toMatchObject({ message: 'mine' });
    expect(stats()).toMatchObject({ queued: 0, aborted: 1 });
    const third = acme.call(getThing, { id: 3 });
    held.answer(0);
    held.answer(1);
    await Promise.all([first, third]);
    expect(dispatcher.requests.map(({ path }) => path)).toEqual(['/things/1', '/things/3']);
    expect(stats()).toMatchObject({ active: 0 });
  });

  test('A37 one whose longest wait is over, or whose deadline is, leaves the queue', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1, maxQueue: 5, maxWaitMs: 300 }, timeoutMs: null, totalTimeoutMs: null });
    void acme.call(getThing, { id: 1 });
    const waited = errorOf(acme.call(getThing, { id: 2 }));
    const short = errorOf(acme.call(getThing, { id: 3 }, { totalTimeoutMs: 100 }));
    const own = errorOf(acme.call(getThing, { id: 4 }, { maxWaitMs: 200 }));
    await clock.advance(100);
    expect(await short).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'queued', timeoutMs: 100 });
    await clock.advance(100);
    expect(await own).toMatchObject({ kind: 'bulkhead_full', reason: 'wait_timeout' });
    await clock.advance(100);
    expect(await waited).toMatchObject({ kind: 'bulkhead_full', reason: 'wait_timeout' });
    expect(stats()).toMatchObject({ queued: 0, timedOut: 3, active: 1 });
    expect(acme.breaker('things.get').snapshot().stats.totalRequests).toBe(1);
  });

  test('the place is held over retries and the waits between them', async () => {
    dispatcher.react(answers(503), answers(503), held.reaction);
    const acme = client({ bulkhead: { maxConcurrent: 1 }, retry: { baseDelayMs: 100, jitter: false } });
    const call = acme.call(getThing, { id: 1 });
    await clock.advance(50);
    expect(stats()).toMatchObject({ active: 1 });
    await clock.advance(1_000);
    held.answer(0);
    await call;
    expect(stats()).toMatchObject({ active: 0, admitted: 1 });
  });

  test.each([
    ['a success', answers(200)],
    ['an answer that is none', answers(200, '<html>', { 'content-type': 'text/html' })],
    ['an error of the server', answers(500)],
    ['a broken connection', breaks(socketError('ECONNRESET'))],
    [
      'a transport that throws',
      (() => {
        throw new Error('no');
      }) as Reaction,
    ],
  ])('given back after %s', async (_, reaction) => {
    dispatcher.react(reaction);
    const call = client({ bulkhead: { maxConcurrent: 1 }, retry: AT_ONCE })
      .call(getThing, { id: 1 })
      .result();
    await clock.advance(0);
    await call;
    expect(stats()).toMatchObject({ active: 0, admitted: 1 });
  });

  test('given back after all of them, also where the input cannot be written or the circuit is open', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1 }, breaker: { failureThreshold: 1 } });
    expect(await errorOf(acme.call(getThing, {}))).toMatchObject({ kind: 'request' });
    dispatcher.react(answers(500));
    await errorOf(acme.call(getThing, { id: 1 }));
    for (let n = 0; n < 3; n++) expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'circuit_open' });
    expect(stats()).toMatchObject({ active: 0 });
  });

  test('A38 a timed-out call keeps its place until its request is really over', async () => {
    let end: TransportHandler | undefined;
    // Neither connects nor ends when it is told to.
    dispatcher.react((handler) => {
      end = handler;
    });
    const acme = client({ bulkhead: { maxConcurrent: 1 }, timeoutMs: 100 });
    const timedOut = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(100);
    expect(await timedOut).toMatchObject({ kind: 'timeout', phase: 'connecting' });
    expect(await errorOf(acme.call(getThing, { id: 2 }))).toMatchObject({ kind: 'bulkhead_full' });
    end?.onResponseError(null, socketError('ECONNREFUSED'));
    end?.onResponseError(null, socketError('ECONNREFUSED'));
    expect(stats()).toMatchObject({ active: 0 });
  });

  test('and gives it back at once where the transport ends the request', async () => {
    dispatcher.react(waits);
    const acme = client({ bulkhead: { maxConcurrent: 1 }, timeoutMs: 100 });
    const timedOut = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(100);
    await timedOut;
    expect(stats()).toMatchObject({ active: 0 });
  });

  test('a fallback at work holds no place', async () => {
    dispatcher.react(answers(500));
    const acme = client({ bulkhead: { maxConcurrent: 1 } });
    void acme.call(getThing, { id: 1 }, { fallback: () => new Promise(() => undefined) });
    await clock.advance(0);
    expect(stats()).toMatchObject({ active: 0 });
  });

  test('other settings, or another origin, have places of their own', () => {
    const make = (options: ClientOptions): void => void client(options).call(getThing, { id: 1 });
    make({ bulkhead: { maxConcurrent: 1 } });
    make({ bulkhead: { maxConcurrent: 2 } });
    make({ bulkhead: { maxConcurrent: 1 }, baseUrl: 'http://other.test' });
    expect(limitStats(registry).bulkheads.map(({ name, active }) => [name, active])).toEqual([
      ['acme@acme.test', 1],
      ['acme@acme.test', 1],
      ['acme@other.test', 1],
    ]);
  });

  test('off by default, and off means that nothing is made', async () => {
    dispatcher.react(answers(200));
    await client().call(getThing, { id: 1 });
    expect(limitStats(registry)).toEqual({ bulkheads: [], rateLimiters: [] });
  });
});

describe('a bulkhead without a maximum of its own', () => {
  const maxConcurrent = (bulkhead: ClientOptions['bulkhead'], yaml: ServicePolicies = {}): unknown => {
    const { values } = client({ bulkhead }, { policies: yaml }).describe('things.get');
    const row = values.find(({ key }) => key === 'bulkheadMaxConcurrent');
    return [row?.value, row?.origin];
  };
  const ten = { defaults: { bulkheadMaxConcurrent: 10 } };

  test('true and an object are on, with the maximum of the YAML, or 100', () => {
    expect(maxConcurrent(true)).toEqual([100, 'client options']);
    expect(maxConcurrent({ maxQueue: 5 })).toEqual([100, 'client options']);
    expect(maxConcurrent(true, ten)).toEqual([10, 'defaults']);
    expect(maxConcurrent({ maxConcurrent: 3 }, ten)).toEqual([3, 'client options']);
  });

  test('false is off, and true is on whatever the YAML turned off', () => {
    expect(maxConcurrent(false, ten)).toEqual([null, 'client options']);
    expect(maxConcurrent(true, { ...ten, service: { bulkheadMaxConcurrent: null } })).toEqual([100, 'client options']);
  });

  test('the YAML says it in the same way', () => {
    const on = { service: { bulkheadMaxConcurrent: true as const } };
    expect(maxConcurrent(undefined, on)).toEqual([100, 'service acme']);
    expect(maxConcurrent(undefined, { ...ten, ...on })).toEqual([10, 'defaults']);
    expect(maxConcurrent(true, { ...ten, ...on })).toEqual([10, 'defaults']);
  });

  test('the hundredth call runs, the next one is refused', async () => {
    const acme = client({ bulkhead: true });
    const calls = Array.from({ length: 100 }, (_, id) => acme.call(getThing, { id }));
    expect(await errorOf(acme.call(getThing, { id: 100 }))).toMatchObject({ kind: 'bulkhead_full', reason: 'queue_full' });
    for (const at of calls.keys()) held.answer(at);
    await Promise.all(calls);
  });
});

test.each([
  [{ bulkhead: { maxConcurrent: 0 } }, 'bulkhead.maxConcurrent is 0, expected a whole number, 1 or more'],
  [{ bulkhead: { maxQueue: -1 } }, 'bulkhead.maxQueue is -1, expected a whole number, 0 or more'],
  [{ bulkhead: 10 }, 'bulkhead is 10, expected true, false or an object'],
  [{ bulkhead: { maxWaitMs: Number.NaN } }, 'bulkhead.maxWaitMs is NaN, expected milliseconds, 0 or more'],
])('%j is refused', (options, message) => {
  expect(() => client(options as never)).toThrow(message);
});

test('A38 on a real socket: a timed-out request is aborted, and its place is free as soon as the socket is', async () => {
  const server = await Loopback.start();
  try {
    server.answer((response, seen) => (seen.url === '/things/1' ? hang : json({ ok: true }))(response, seen));
    const acme = testClient({
      baseUrl: server.origin,
      token: 't',
      registry,
      retry: false,
      timeoutMs: 50,
      bulkhead: { maxConcurrent: 1, maxQueue: 1 },
    });
    const first = errorOf(acme.call(getThing, { id: 1 }));
    const second = acme.call(getThing, { id: 2 }, { timeoutMs: 5_000 });
    expect(await first).toMatchObject({ kind: 'timeout' });
    expect(await second).toEqual({ ok: true });
    expect(stats()).toMatchObject({ active: 0, queued: 0, admitted: 2, mostActive: 1 });
  } finally {
    await server.stop();
  }
});

test('connections that are never made hold their places', async () => {
  dispatcher.react(connects);
  const acme = client({ bulkhead: { maxConcurrent: 2 }, timeoutMs: 10 });
  for (let id = 0; id < 10; id++) {
    const call = errorOf(acme.call(getThing, { id }));
    await clock.advance(10);
    await call;
  }
  expect(dispatcher.requests).toHaveLength(2);
});

test.each([
  ['`bulkhead: false`: every call gets its answer', false, 3],
  ['the same bulkhead: all wait for each other until their deadline', { maxConcurrent: 2, maxQueue: 9 }, 0],
] as const)('a token function that calls the same service through a client with %s', async (_, bulkhead, answered) => {
  const inner = new InMemory(answers(200));
  const forTokens = client({ bulkhead, dispatcher: inner, timeoutMs: 500 });
  const token = async (): Promise<string> => {
    // All calls have their places by then.
    await Promise.resolve();
    await forTokens.call(getThing, { id: 'token' });
    return 'fresh';
  };
  const acme = client({ bulkhead: { maxConcurrent: 2, maxQueue: 9 }, token, dispatcher: new InMemory(answers(200)), timeoutMs: 500 });
  const results = Promise.all([1, 2, 3].map((id) => acme.call(getThing, { id }, { totalTimeoutMs: 600 }).result()));
  await clock.advance(0);
  await clock.advance(600);
  const ended = await results;
  expect(ended.filter(({ ok }) => ok)).toHaveLength(answered);
  for (const result of ended) if (!result.ok) expect(result.error).toMatchObject({ kind: 'timeout', scope: 'total' });
  expect(acme.breaker('things.get')).toBe(forTokens.breaker('things.get'));
});
