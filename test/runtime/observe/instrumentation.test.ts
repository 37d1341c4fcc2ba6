import {
  BreakerRegistry,
  type CallEnd,
  type CallInfo,
  type CallTrace,
  type ClientOptions,
  chain,
  type Instrumentation,
  lastGood,
  type ServiceClient,
  type TransportController,
  type TransportHandler,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, TRANSPORTS, testClient } from '../../support/client.js';
import { answers, breaks, InMemory, type Reaction, socketError, waits } from '../../support/in-memory.js';
import { json, Loopback } from '../../support/loopback.js';

/** Writes down what it is told, one line for each thing, by the number of the call. */
class Recorder implements Instrumentation {
  readonly lines: string[] = [];
  readonly infos: CallInfo[] = [];
  readonly ends: CallEnd[] = [];
  #calls = 0;

  constructor(readonly headers: (call: number, attempt: number) => Record<string, string> | undefined = () => undefined) {}

  callStarted(info: CallInfo): CallTrace {
    const call = ++this.#calls;
    this.infos.push(info);
    const say = (what: string): number => this.lines.push(`${call} ${what}`);
    say('started');
    return {
      attemptStarted: (attempt) => {
        say(`attempt ${attempt}`);
        return this.headers(call, attempt);
      },
      attemptEnded: (attempt, status, error) => say(`attempt ${attempt} ended: ${status ?? '-'} ${error?.kind ?? '-'}`),
      event: ({ type }) => say(type),
      ended: (end) => {
        this.ends.push(end);
        say(`ended: ${end.cancelled ? 'cancelled' : end.error === undefined ? end.source : 'failed'}`);
      },
    };
  }
}

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
    const call = client({ retry: AT_ONCE, breaker: { failureThreshold: 2, recoveryTimeoutMs: 50, successThreshold: 1 } }).call(getThing, {
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
      '1 retry_scheduled',
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
    expect(recorder.lines.filter((line) => line.startsWith('2'))).toEqual([
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
    expect(recorder.lines.filter((line) => line.startsWith('2'))).toEqual(['2 started', '2 call_limited', '2 ended: failed']);
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
  let open: { readonly handler: TransportHandler; readonly controller: TransportController }[];
  const held: Reaction = (handler, _, controller) => {
    open.push({ handler, controller });
    handler.onRequestStart(controller, undefined);
  };

  beforeEach(() => {
    open = [];
    dispatcher.react(held);
  });

  const answer = (at: number, status = 200): void => {
    const { handler, controller } = open[at] ?? {};
    if (handler !== undefined) answers(status)(handler, undefined as never, controller as TransportController);
  };

  test('each has a trace; the request is told to the call that began it', async () => {
    recorder = new Recorder((call) => ({ traceparent: `of-${call}` }));
    const acme = client({ coalesce: true });
    const calls = [1, 1].map((id) => acme.call(getThing, { id }));
    answer(0);
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
    const acme = client({ coalesce: true, retry: AT_ONCE });
    const aborter = new AbortController();
    const leaving = acme.call(getThing, { id: 1 }, { signal: aborter.signal });
    const staying = acme.call(getThing, { id: 1 }, { fallback: 'spare' });
    aborter.abort();
    await errorOf(leaving);
    answer(0, 503);
    await clock.advance(0);
    answer(1, 404);
    await errorOf(staying);
    expect(recorder.lines).toEqual(['1 started', '1 attempt 1', '2 started', '1 ended: cancelled', '2 ended: failed']);
  });
});

describe('headers of an instrumentation', () => {
  let server: Loopback;
  beforeAll(async () => {
    server = await Loopback.start();
  });
  afterAll(() => server.stop());

  test.each(TRANSPORTS)('reach the server, new ones with each attempt: %s', async (_, transport) => {
    server.requests.length = 0;
    server.answer(json({}, 503), json({}));
    const instrumentation = new Recorder((_call, attempt) => ({ traceparent: `attempt-${attempt}`, 'X-Trace': 'yes' }));
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, instrumentation, ...transport });
    await acme.call(getThing, { id: 1 });
    expect(server.requests.map(({ headers }) => [headers['traceparent'], headers['x-trace']])).toEqual([
      ['attempt-1', 'yes'],
      ['attempt-2', 'yes'],
    ]);
  });

  test('stay out where the request has them, or where they cannot be sent', async () => {
    recorder = new Recorder(
      () =>
        ({
          authorization: 'stolen',
          Traceparent: 'theirs',
          'bad name': 'x',
          'x-bad-value': 'a\r\nx-injected: 1',
          'x-number': 1,
          'x-fine': 'tab\tand é',
        }) as object as Record<string, string>,
    );
    await client().call(getThing, { id: 1 }, { headers: { traceparent: 'mine' } });
    const [request] = dispatcher.requests;
    const names = (request?.headers ?? []).filter((_, at) => at % 2 === 0);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('bad') || name === 'x-number')).toEqual([]);
    expect(dispatcher.header('authorization')).toBe('Bearer t');
    expect(dispatcher.header('traceparent')).toBe('mine');
    expect(dispatcher.header('x-fine')).toBe('tab\tand é');
  });

  test('are no part of who asks: the last good response is found without them', async () => {
    dispatcher.react(answers(200, { kept: true }), answers(503));
    let count = 0;
    recorder = new Recorder(() => ({ 'x-trace': String(count++) }));
    const acme = client({ fallbacks: { 'things.get': lastGood() } });
    await acme.call(getThing, { id: 1 });
    expect(await acme.call(getThing, { id: 1 })).toEqual({ kept: true });
  });
});

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
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
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
