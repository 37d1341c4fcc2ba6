import { BreakerRegistry, type ClientOptions, chain, lastGood, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../../support/client.js';
import { Held } from '../../support/held.js';
import { answers, breaks, InMemory, socketError, waits } from '../../support/in-memory.js';
import { Recorder } from '../../support/recorder.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;
let recorder: Recorder;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry();
  dispatcher = new InMemory(answers(200));
  recorder = new Recorder();
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({
    baseUrl: 'http://acme.test/v1',
    token: 't',
    clock,
    registry,
    dispatcher,
    retry: false,
    instrumentation: recorder,
    ...options,
  });

describe('what an instrumentation is told, in order', () => {
  test('a success', async () => {
    await client().call(getThing, { id: 'secret-value' });
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '1 attempt 1 ended: 200 -', '1 ended: network']);
    expect(recorder.ends).toEqual([{ source: 'network', status: 200, attempts: 1, error: undefined, cancelled: false }]);
    expect(recorder.infos).toEqual([
      {
        service: 'acme',
        operation: 'things.get',
        circuit: 'acme@acme.test',
        method: 'GET',
        pathTemplate: '/things/{id}',
        origin: 'http://acme.test',
      },
    ]);
  });

  test('repetitions, and what they make of the circuit', async () => {
    dispatcher.react(answers(503), breaks(socketError('ECONNRESET')), answers(200));
    const retry = { baseDelayMs: 0, maxDelayMs: 50, jitter: false, waitForProbe: true };
    const call = client({ retry, breaker: { failureThreshold: 1, recoveryTimeoutMs: 50, successThreshold: 1 } }).call(getThing, {
      id: 1,
    });
    await clock.advance(0);
    await clock.advance(100);
    await call;
    expect(recorder.lines).toEqual([
      '1 started',
      '1 attempt 1',
      '1 attempt 1 ended: 503 http',
      '1 call_failed',
      '1 circuit_opened',
      '1 retry_scheduled',
      '1 circuit_half_open',
      '1 attempt 2',
      '1 attempt 2 ended: - network',
      '1 call_failed',
      '1 circuit_opened',
      '1 retry_scheduled',
      '1 circuit_half_open',
      '1 attempt 3',
      '1 attempt 3 ended: 200 -',
      '1 circuit_closed',
      '1 ended: network',
    ]);
    expect(recorder.ends[0]).toMatchObject({ attempts: 3, status: 200 });
  });

  test('a failure: the caller gets what the trace is told', async () => {
    dispatcher.react(answers(404));
    const error = await errorOf(client().call(getThing, { id: 1 }));
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '1 attempt 1 ended: 404 http', '1 ended: failed']);
    expect(recorder.ends[0]).toEqual({ source: 'network', status: 404, attempts: 1, error, cancelled: false });
  });

  test('a body that cannot be read: a status and an error', async () => {
    dispatcher.react(answers(200, 'no json'));
    await errorOf(client().call(getThing, { id: 1 }));
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '1 attempt 1 ended: 200 response', '1 call_failed', '1 ended: failed']);
  });

  test('a deadline', async () => {
    dispatcher.react(waits);
    const call = errorOf(client().call(getThing, { id: 1 }, { timeoutMs: 100 }));
    await clock.advance(100);
    await call;
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '1 attempt 1 ended: - timeout', '1 call_failed', '1 ended: failed']);
  });

  test('a call that fails before any attempt', async () => {
    const error = await errorOf(client().call(getThing, {}));
    expect(recorder.lines).toEqual(['1 started', '1 ended: failed']);
    expect(recorder.ends[0]).toMatchObject({ attempts: 0, status: undefined, error });
  });

  test('an open circuit, and a fallback that answers', async () => {
    const acme = client();
    acme.breaker().forceOpen();
    await acme.call(getThing, { id: 1 }, { fallback: 'spare' });
    expect(recorder.lines).toEqual(['1 started', '1 call_rejected', '1 fallback_used', '1 ended: fallback']);
    expect(recorder.ends[0]).toEqual({ source: 'fallback', status: undefined, attempts: 0, error: undefined, cancelled: false });
  });

  test('the last good response', async () => {
    dispatcher.react(answers(200), answers(503));
    const acme = client({ fallbacks: { 'things.get': chain(lastGood(), 'none') } });
    await acme.call(getThing, { id: 1 });
    await acme.call(getThing, { id: 1 });
    expect(recorder.of(2)).toEqual([
      '2 started',
      '2 attempt 1',
      '2 attempt 1 ended: 503 http',
      '2 call_failed',
      '2 fallback_used',
      '2 ended: cache',
    ]);
    expect(recorder.ends[1]).toEqual({ source: 'cache', status: 503, attempts: 1, error: undefined, cancelled: false });
  });

  test('a bulkhead that is full', async () => {
    dispatcher.react(waits);
    const aborter = new AbortController();
    const acme = client({ bulkhead: { maxConcurrent: 1 } });
    const first = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    await errorOf(acme.call(getThing, { id: 1 }));
    aborter.abort();
    await first;
    expect(recorder.of(2)).toEqual(['2 started', '2 call_limited', '2 ended: failed']);
  });

  test('a caller that aborts, before and during the request', async () => {
    dispatcher.react(waits);
    const aborter = new AbortController();
    const call = client().call(getThing, { id: 1 }, { signal: aborter.signal });
    const reason = new Error('enough');
    aborter.abort(reason);
    await errorOf(call);
    await errorOf(client().call(getThing, { id: 1 }, { signal: aborter.signal }));
    expect(recorder.lines).toEqual([
      '1 started',
      '1 attempt 1',
      '1 attempt 1 ended: - -',
      '1 ended: cancelled',
      '2 started',
      '2 ended: cancelled',
    ]);
    expect(recorder.ends).toMatchObject([
      { error: reason, attempts: 1 },
      { error: reason, attempts: 0 },
    ]);
  });

  test('the listeners of the client and of the registry hear the same, in the same order', async () => {
    dispatcher.react(answers(503));
    const heard: string[] = [];
    registry.subscribe(({ type }) => heard.push(`registry ${type}`));
    const acme = client({ breaker: { failureThreshold: 1 }, onEvent: ({ type }) => heard.push(`client ${type}`) });
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(heard).toEqual(['registry call_failed', 'client call_failed', 'registry circuit_opened', 'client circuit_opened']);
    expect(recorder.lines).toContain('1 circuit_opened');
  });
});

describe('calls that share a request', () => {
  test('each has a trace; the request is told to the call that began it', async () => {
    recorder = new Recorder((call) => ({ traceparent: `of-${call}` }));
    recorder.signsRequests = false;
    const held = new Held();
    dispatcher.react(held.reaction);
    const acme = client({ coalesce: true });
    const calls = [1, 1].map((id) => acme.call(getThing, { id }));
    held.answer(0);
    await Promise.all(calls);
    expect(recorder.lines).toEqual([
      '1 started',
      '1 attempt 1',
      '2 started',
      '1 attempt 1 ended: 200 -',
      '1 ended: network',
      '2 ended: network',
    ]);
    expect(recorder.ends).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
    expect(dispatcher.header('traceparent')).toBe('of-1');
  });

  test('a call that has left is told nothing more of the request that goes on', async () => {
    recorder.signsRequests = false;
    const held = new Held();
    dispatcher.react(held.reaction);
    const acme = client({ coalesce: true, retry: AT_ONCE });
    const aborter = new AbortController();
    const leaving = acme.call(getThing, { id: 1 }, { signal: aborter.signal });
    const staying = acme.call(getThing, { id: 1 }, { fallback: 'spare' });
    aborter.abort();
    await errorOf(leaving);
    held.answer(0, 503);
    await clock.advance(0);
    held.answer(1, 404);
    await errorOf(staying);
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '2 started', '1 ended: cancelled', '2 ended: failed']);
  });
});

test('a call that it does not want to follow is told nothing of', async () => {
  const acme = client({ instrumentation: { callStarted: () => undefined } });
  await acme.call(createThing, { body: {} });
  expect(dispatcher.requests).toHaveLength(1);
});

test('what is no instrumentation is refused at once', () => {
  expect(() => client({ instrumentation: { start: 1 } as never })).toThrow(/instrumentation.*callStarted/s);
  expect(() => client({ instrumentation: null as never })).toThrow(/instrumentation/);
});
