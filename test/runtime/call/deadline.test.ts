import { type ClientOptions, ConfigurationError, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, neverConnects, socketError, waits } from '../../support/in-memory.js';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

const client = (options: ClientOptions): ServiceClient => testClient({ baseUrl: 'http://acme.test', token: 't', clock, ...options });

describe('the total deadline', () => {
  test('covers attempts and waits: a wait that would not fit ends the call with what was met', async () => {
    const dispatcher = new InMemory(answers(500));
    const acme = client({
      dispatcher,
      timeoutMs: 1_000,
      totalTimeoutMs: 1_000,
      retry: { maxAttempts: 10, baseDelayMs: 400, exponentialBase: 1, jitter: false },
      breaker: { enabled: false },
    });
    const result = acme.call(getThing, { id: 1 }).result();
    await clock.advance(800);
    expect(await result).toMatchObject({ ok: false, attempts: 3, error: { kind: 'retry_exhausted' } });
    expect(clock.now()).toBe(800);
  });

  test('cuts the last attempt short, and that is not the server`s failure', async () => {
    const acme = client({
      dispatcher: new InMemory(waits),
      timeoutMs: 1_000,
      totalTimeoutMs: 1_500,
      retry: AT_ONCE,
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(1_000);
    await clock.advance(500);
    const error = await failed;
    expect(error).toMatchObject({
      kind: 'timeout',
      scope: 'total',
      timeoutMs: 1_500,
      phase: 'waiting',
      cause: { kind: 'timeout', scope: 'attempt' },
    });
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ failedRequests: 1, releasedRequests: 1, timeoutRequests: 1 });
  });

  test('counts as a failure where attempts have no limit of their own: a hanging server must still open the circuit', async () => {
    const acme = client({
      dispatcher: new InMemory(waits),
      timeoutMs: null,
      totalTimeoutMs: 1_000,
      breaker: { failureThreshold: 2 },
    });
    for (let n = 0; n < 2; n++) {
      const failed = errorOf(acme.call(getThing, { id: 1 }));
      await clock.advance(1_000);
      expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total' });
    }
    expect(acme.breaker('things.get').state).toBe('open');
  });

  test.each([
    ['a token took 3 ms of 60', 3, 'open', 3],
    ['a token took a fraction of a millisecond', 0.25, 'open', 3],
    ['a token took most of the time', 40, 'closed', 0],
  ])('of the call alone, no longer than an attempt: a hanging server opens the circuit: %s', async (_, tokenMs, state, failed) => {
    const token = (): Promise<string> => new Promise((resolve) => void clock.setTimeout(() => resolve('t'), tokenMs));
    const dispatcher = new InMemory(waits);
    const acme = client({ token, dispatcher, breaker: { failureThreshold: 3 } });
    for (let n = 0; n < 3; n++) {
      const error = errorOf(acme.call(getThing, { id: 1 }, { totalTimeoutMs: 60 }));
      await clock.advance(tokenMs);
      await clock.advance(60 - tokenMs);
      expect(await error).toMatchObject({ kind: 'timeout', scope: 'total' });
    }
    expect(dispatcher.requests).toHaveLength(3);
    const circuit = acme.breaker('things.get');
    expect([circuit.state, circuit.snapshot().stats.failedRequests]).toEqual([state, failed]);
  });

  test.each([
    [400, 1],
    [600, 0],
  ])('counts a first attempt that had half of the call`s time: a wait of %s ms in the queue leaves %s failures', async (waitMs, failed) => {
    const dispatcher = new InMemory(waits);
    const acme = client({
      dispatcher,
      timeoutMs: 1_000,
      totalTimeoutMs: 1_000,
      retry: false,
      bulkhead: { maxConcurrent: 1, maxQueue: 1 },
    });
    const controller = new AbortController();
    const first = errorOf(acme.call(getThing, { id: 1 }, { signal: controller.signal }));
    const second = errorOf(acme.call(getThing, { id: 2 }));
    await clock.advance(waitMs);
    controller.abort();
    await first;
    await clock.advance(1_000 - waitMs);
    expect(await second).toMatchObject({ kind: 'timeout', scope: 'total' });
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ failedRequests: failed, releasedRequests: 2 - failed });
  });

  test('covers the token of every attempt', async () => {
    let asked = 0;
    const token = (): Promise<string> => (++asked === 1 ? Promise.resolve('t') : new Promise(() => undefined));
    const acme = client({
      token,
      dispatcher: new InMemory(answers(500)),
      timeoutMs: 1_000,
      totalTimeoutMs: 2_000,
      retry: AT_ONCE,
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(0);
    await clock.advance(2_000);
    expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'preparing', cause: { kind: 'http', status: 500 } });
    expect(asked).toBe(2);
  });

  test('A23 a wait that a blocked event loop stretched past it sends nothing more', async () => {
    const dispatcher = new InMemory(neverConnects(socketError('ECONNREFUSED', 'connect')), answers(200));
    const acme = client({
      dispatcher,
      timeoutMs: 1_000,
      totalTimeoutMs: 2_000,
      retry: { baseDelayMs: 100, jitter: false },
    });
    const failed = errorOf(acme.call(createThing, { body: {} }));
    clock.jump(5_000);
    await clock.advance(0);
    expect(await failed).toMatchObject({ kind: 'timeout', scope: 'total', phase: 'backoff', cause: { kind: 'network' } });
    expect(dispatcher.requests).toHaveLength(1);
  });

  test('is off with null, as is the attempt`s', async () => {
    const acme = client({
      dispatcher: new InMemory(waits),
      timeoutMs: null,
      totalTimeoutMs: null,
    });
    let settled = false;
    const call = acme.call(getThing, { id: 1 });
    void call.finally(() => {
      settled = true;
    });
    await clock.advance(1e10);
    expect(settled).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is twice the attempt`s where nothing sets it', async () => {
    const acme = client({
      dispatcher: new InMemory(waits),
      timeoutMs: 1_000,
      retry: { baseDelayMs: 500, jitter: false },
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(2_000);
    expect(await failed).toMatchObject({ scope: 'total', timeoutMs: 2_000 });
  });

  test('many calls whose tokens took their time share one timer', async () => {
    const token = (): Promise<string> => new Promise((resolve) => void clock.setTimeout(() => resolve('t'), 0.25));
    const acme = client({
      token,
      dispatcher: new InMemory(answers(200)),
      timeoutMs: null,
      totalTimeoutMs: 1_000,
    });
    for (let n = 0; n < 20; n++) {
      const call = acme.call(getThing, { id: 1 });
      await clock.advance(0.25);
      await call;
    }
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('timeouts that contradict each other', () => {
  const dispatcher = new InMemory(answers(200));
  const base = { baseUrl: 'http://acme.test', token: 't', dispatcher };

  test('of a client are an error of the constructor', () => {
    expect(() => testClient({ ...base, timeoutMs: 2_000, totalTimeoutMs: 1_000 })).toThrow(ConfigurationError);
    expect(() => testClient({ ...base, timeoutMs: 2_000, totalTimeoutMs: 1_000 })).toThrow(
      /timeoutMs is 2000, expected at most totalTimeoutMs, which is 1000/,
    );
  });

  test('of the client and the YAML: the client decides, as the stronger layer', async () => {
    const policies = { service: { timeoutMs: 30_000, totalTimeoutMs: 40_000 } };
    const hasty = testClient({ ...base, clock, dispatcher: new InMemory(waits), totalTimeoutMs: 1_000, retry: false }, { policies });
    const failed = errorOf(hasty.call(getThing, { id: 1 }));
    await clock.advance(1_000);
    expect(await failed).toMatchObject({ kind: 'timeout', timeoutMs: 1_000 });

    const patient = testClient({ ...base, clock, dispatcher: new InMemory(waits), timeoutMs: 50_000, retry: false }, { policies });
    const late = errorOf(patient.call(getThing, { id: 1 }));
    await clock.advance(49_999);
    await clock.advance(1);
    expect(await late).toMatchObject({ kind: 'timeout', timeoutMs: 50_000 });
  });

  test('of one call reject it before anything is sent', async () => {
    expect(await testClient(base).call(getThing, { id: 1 }, { timeoutMs: 2, totalTimeoutMs: 1 }).result()).toMatchObject({
      ok: false,
      attempts: 0,
      error: { kind: 'configuration' },
    });
    expect(dispatcher.requests).toHaveLength(0);
  });

  test.each([
    [{ timeoutMs: 0 }],
    [{ timeoutMs: -1 }],
    [{ timeoutMs: Number.NaN }],
    [{ timeoutMs: Number.NEGATIVE_INFINITY }],
    [{ totalTimeoutMs: 0 }],
    [{ retry: { maxAttempts: 0 } }],
    [{ retry: { maxAttempts: 1.5 } }],
    [{ retry: { baseDelayMs: -1 } }],
    [{ retry: { exponentialBase: 0.5 } }],
    [{ retry: { maxRetryAfterMs: Number.NaN } }],
  ])('%o is refused by the client and by the call', async (options) => {
    expect(() => testClient({ ...base, ...options })).toThrow(ConfigurationError);
    expect(await errorOf(testClient(base).call(getThing, { id: 1 }, options))).toBeInstanceOf(ConfigurationError);
  });

  test('a longer attempt that one call asks for stretches the total; a shorter total shortens the attempt', async () => {
    const acme = testClient({ ...base, clock, dispatcher: new InMemory(waits), timeoutMs: 1_000, totalTimeoutMs: 2_000, retry: false });
    const long = errorOf(acme.call(getThing, { id: 1 }, { timeoutMs: 5_000 }));
    const short = errorOf(acme.call(getThing, { id: 1 }, { totalTimeoutMs: 500 }));
    await clock.advance(500);
    expect(await short).toMatchObject({ timeoutMs: 500, scope: 'attempt' });
    await clock.advance(4_500);
    expect(await long).toMatchObject({ timeoutMs: 5_000, scope: 'attempt' });
  });
});
