import type { CircuitOpenError, ClientOptions, ServiceClient } from 'fuseline';
import type { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, operation } from '../../support/client.js';
import { answers, type InMemory, waits } from '../../support/in-memory.js';
import { FailingAcme } from './failing-acme.js';

let clock: FakeClock;
let dispatcher: InMemory;
let client: (options?: ClientOptions) => ServiceClient;

beforeEach(() => {
  const acme = new FailingAcme();
  ({ clock, dispatcher } = acme);
  client = (options) => acme.client(options);
});

describe('A45 R7 retries and a circuit that opens', () => {
  const alone = { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 30_000 };
  const waiting = { ...AT_ONCE, maxAttempts: 5, maxDelayMs: 30_000, waitForProbe: true };

  test.each([100_000, null])('wait until it probes, with `waitForProbe`; total deadline %s', async (totalTimeoutMs) => {
    const call = client({ breaker: alone, retry: waiting, totalTimeoutMs }).call(getThing, { id: 1 });
    await clock.advance(0);
    expect(dispatcher.requests).toHaveLength(1);
    dispatcher.react(answers(200, { back: true }));
    await clock.advance(29_999);
    expect(dispatcher.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await call).toEqual({ back: true });
    expect(clock.now()).toBe(30_000);
  });

  test.each<[string, ClientOptions]>([
    ['by default', {}],
    ['where the probe comes later than the longest delay', { retry: { ...waiting, maxDelayMs: 29_999 } }],
    ['where it stays open beyond the deadline', { retry: waiting, totalTimeoutMs: 30_000 }],
  ])('end immediately, %s', async (_, options) => {
    const acme = client({ breaker: alone, ...options });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 503 });
    expect([dispatcher.requests.length, clock.now()]).toEqual([1, 0]);
  });

  test('end in the fallback immediately', async () => {
    expect(await client({ breaker: alone }).call(getThing, { id: 1 }, { fallback: { kept: true } })).toEqual({ kept: true });
    expect([dispatcher.requests.length, clock.now()]).toEqual([1, 0]);
  });

  test('end immediately in every call that waits for its next attempt, with what each of them met', async () => {
    const acme = client({ retry: { baseDelayMs: 100, jitter: false }, breaker: { ...alone, failureThreshold: 3 } });
    const calls = [1, 2, 3].map((id) => errorOf(acme.call(getThing, { id })));
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'http', status: 503 });
    expect([dispatcher.requests.length, clock.now()]).toEqual([3, 0]);
    expect(acme.breaker('things.get').openings.size, 'nothing is left behind').toBe(0);
  });

  test('wait for the probe instead where another call opened the circuit meanwhile, with `waitForProbe`', async () => {
    const acme = client({ retry: { ...waiting, baseDelayMs: 100, jitter: false }, breaker: { ...alone, failureThreshold: 2 } });
    const calls = [acme.call(getThing, { id: 1 }), acme.call(getThing, { id: 2 }, { retry: false }).result()] as const;
    await clock.advance(0);
    dispatcher.react(answers(200, { back: true }));
    await clock.advance(29_999);
    expect(dispatcher.requests).toHaveLength(2);
    await clock.advance(1);
    expect(await calls[0]).toEqual({ back: true });
    expect((await calls[1]).ok).toBe(false);
  });

  test('stop where it is held open by hand', async () => {
    const acme = client({ totalTimeoutMs: null });
    acme.breaker('things.get');
    dispatcher.react((...args) => {
      acme.breaker('things.get').forceOpen();
      answers(503)(...args);
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(0);
    expect(await failed).toMatchObject({ kind: 'http', status: 503 });
  });

  test('end with what they met where another call opened it meanwhile', async () => {
    const acme = client({ retry: { baseDelayMs: 100, jitter: false } });
    const failed = errorOf(acme.call(getThing, { id: 1 }));
    acme.breaker('things.get').forceOpen();
    expect(await failed).toMatchObject({ kind: 'http', status: 503 });
    expect(clock.now(), 'the call learns it immediately').toBe(0);
    expect(dispatcher.requests).toHaveLength(1);
  });
});

describe('an open circuit', () => {
  const open = async (options: ClientOptions = {}): Promise<ServiceClient> => {
    const acme = client({ retry: false, ...options });
    for (let n = 0; n < 2; n++) await errorOf(acme.call(getThing, { id: 1 }));
    expect(acme.breaker('things.get').state).toBe('open');
    dispatcher.requests.length = 0;
    return acme;
  };

  test('answers without a request, and says for how long', async () => {
    const acme = await open();
    const error = (await errorOf(acme.call(createThing, { body: {} }))) as CircuitOpenError;
    expect(error).toMatchObject({
      kind: 'circuit_open',
      code: 'EOPENBREAKER',
      service: 'acme',
      operation: 'things.create',
      retryAfterMs: 30_000,
      retryAfter: 30,
    });
    expect(dispatcher.requests).toHaveLength(0);
  });

  test('A44 gives a fresh error each time, without a growing cause', async () => {
    const acme = await open();
    const [first, second] = [await errorOf(acme.call(getThing, { id: 1 })), await errorOf(acme.call(getThing, { id: 1 }))] as Error[];
    expect(first).not.toBe(second);
    expect([first?.cause, second?.cause]).toEqual([undefined, undefined]);
  });

  test('asks nobody for a token', async () => {
    let asked = 0;
    const acme = await open({
      token: () => {
        asked++;
        return Promise.resolve('t');
      },
    });
    asked = 0;
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'circuit_open' });
    expect(asked).toBe(0);
    expect(acme.breaker('things.get').snapshot().stats.rejectedRequests).toBe(1);
    clock.jump(30_000);
    dispatcher.react(answers(200));
    await acme.call(getThing, { id: 1 });
    expect(asked).toBe(1);
  });

  test('is probed by as many calls as it allows, the others are refused', async () => {
    const acme = await open({ breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 2 } });
    clock.jump(30_000);
    dispatcher.react(waits);
    const calls = Array.from({ length: 10 }, () => acme.call(getThing, { id: 1 }).result());
    expect(dispatcher.requests).toHaveLength(2);
    await clock.advance(1_000);
    const kinds = (await Promise.all(calls)).map((result) => (result.ok ? 'ok' : (result.error as { kind: string }).kind));
    expect(kinds.filter((kind) => kind === 'circuit_open')).toHaveLength(8);
  });

  test('A7 a probe that its caller aborts gives its place back and decides nothing', async () => {
    const acme = await open({ breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 1 } });
    clock.jump(30_000);
    dispatcher.react(waits, answers(200, { back: true }));
    const aborter = new AbortController();
    const probe = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'circuit_open', retryAfterMs: 0 });
    aborter.abort();
    await probe;
    expect(acme.breaker('things.get').state).toBe('half_open');
    expect(await acme.call(getThing, { id: 1 })).toEqual({ back: true });
    expect(acme.breaker('things.get').state).toBe('closed');
  });

  test.each([
    ['in time', 0, 'probe_failed'],
    ['late, after another call came', 20, 'probe_failed'],
    ['so late that its lease has ended', 10_000, 'probe_expired'],
  ])('A7 a probe that times out is reported as that; its timer comes %s', async (_, lateMs, reason) => {
    const acme = await open({
      breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 1 },
      retry: false,
    });
    const openings: unknown[] = [];
    acme.breaker('things.get').on('circuit_opened', (event) => openings.push(event.reason));
    clock.jump(30_000);
    dispatcher.react(waits);
    const probe = errorOf(acme.call(getThing, { id: 1 }));
    clock.jump(lateMs === 0 ? 0 : 1_000 + lateMs);
    if (lateMs > 0) await errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(lateMs === 0 ? 1_000 : 0);
    expect(await probe).toMatchObject({ kind: 'timeout', scope: 'attempt' });
    expect(openings).toEqual([reason]);
  });

  test('A8 a probe that is answered with 404 proves the service alive', async () => {
    const acme = await open();
    clock.jump(30_000);
    dispatcher.react(answers(404));
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(acme.breaker('things.get').state).toBe('closed');
  });

  test('A8 a probe that cannot be sent at all gives its place back', async () => {
    const acme = await open({ breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 1 } });
    clock.jump(30_000);
    expect(await errorOf(acme.call(getThing, {}))).toMatchObject({ kind: 'request' });
    dispatcher.react(
      (handler) => handler.onResponseError(null, Object.assign(new Error('no'), { code: 'UND_ERR_INVALID_ARG' })),
      answers(200),
    );
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'request' });
    expect(await acme.call(getThing, { id: 1 })).toEqual({});
  });
});

describe('events', () => {
  test('tell the story of an outage, in order and without a secret', async () => {
    const story: string[] = [];
    const acme = client({
      retry: { ...AT_ONCE, maxAttempts: 2 },
      breaker: { failureThreshold: 3, successThreshold: 1, recoveryTimeoutMs: 30_000 },
      onEvent: (event) => story.push(event.type),
    });
    const first = acme.call(getThing, { id: 1 }, { fallback: 'kept' });
    await clock.advance(0);
    await first;
    for (let n = 0; n < 2; n++) await acme.call(getThing, { id: 1 }, { fallback: 'kept' });
    clock.jump(30_000);
    dispatcher.react(answers(200));
    await acme.call(getThing, { id: 1 });
    expect(story).toEqual([
      'call_failed',
      'retry_scheduled',
      'call_failed',
      'fallback_used',
      'call_failed',
      'circuit_opened',
      'fallback_used',
      'call_rejected',
      'fallback_used',
      'circuit_half_open',
      'circuit_closed',
    ]);
  });
});

test('an operation without a token in its security asks for none, so a token function may call it', async () => {
  const login = operation({ id: 'auth.login', method: 'POST', path: '/login', security: [] });
  dispatcher.react(answers(200, { access: 'fresh' }));
  const acme: ServiceClient = client({ token: async () => ((await acme.call(login, {})) as { access: string }).access });
  await acme.call(getThing, { id: 1 });
  expect(dispatcher.requests.map((request) => request.path)).toEqual(['/login', '/things/1']);
  expect(dispatcher.header('authorization', 0)).toBeUndefined();
  expect(dispatcher.header('authorization', 1)).toBe('Bearer fresh');
});
