import { BreakerRegistry, type ClientOptions, type FuselineEvent, limitStats, operationStats } from 'fuseline';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../runtime/clock.js';
import { errorOf, getThing, testClient } from '../support/client.js';
import { revoked } from '../support/hostile.js';
import { json, Loopback } from '../support/loopback.js';
import { noUnhandledRejections } from '../support/unhandled.js';

/** Dispatchers, patched `fetch` functions and clocks that break, each in another way. No call hangs, and no place of the bulkhead is lost. */

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const uncaught: unknown[] = [];
const remember = (error: unknown): void => void uncaught.push(error);
let server: Loopback;
let registry: BreakerRegistry;

noUnhandledRejections(later);

beforeEach(async () => {
  server = await Loopback.start();
  registry = new BreakerRegistry();
  uncaught.length = 0;
  process.on('uncaughtException', remember);
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await later();
  await server.stop();
  process.off('uncaughtException', remember);
  expect(uncaught).toEqual([]);
});

const refuse = (what = 'refused'): never => {
  throw new Error(what);
};

const client = (options: Record<string, unknown>) =>
  testClient({ baseUrl: server.origin, token: 't', registry, retry: false, bulkhead: true, ...options } as ClientOptions);

const idle = (): void => {
  expect(limitStats(registry).bulkheads.map(({ active, queued }) => [active, queued])).toEqual([[0, 0]]);
  expect(operationStats(registry).map(({ inFlight }) => inFlight)).toEqual([0]);
};

describe('a dispatcher', () => {
  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('signing failed'))],
    ['throws', () => refuse('signing failed')],
    [
      'throws null',
      () => {
        throw null;
      },
    ],
    [
      'throws a revoked proxy',
      () => {
        throw revoked();
      },
    ],
    ['rejects with a revoked proxy', () => Promise.reject(revoked())],
    [
      'throws an error whose fields throw',
      () => {
        throw Object.defineProperty(new Error('x'), 'code', { get: () => refuse() });
      },
    ],
    ['returns a promise whose then throws', () => Object.defineProperty(Promise.resolve(), 'then', { value: refuse })],
  ])('that %s: a failed attempt', async (_, dispatch) => {
    const acme = client({ dispatcher: { dispatch } });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'network' });
    expect(acme.breaker('things.get').failureCount).toBe(1);
    idle();
  });

  test('that is asynchronous, and sends: its answer', async () => {
    const agent = new Agent();
    const dispatcher = { dispatch: async (...args: Parameters<Agent['dispatch']>) => later().then(() => agent.dispatch(...args)) };
    server.answer(json({ id: 1 }));
    expect(await client({ dispatcher }).call(getThing, { id: 1 })).toEqual({ id: 1 });
    idle();
    await agent.close();
  });

  test('that reports undefined as the error: a failed attempt', async () => {
    const dispatcher = {
      dispatch: (_: unknown, handler: { onResponseError(...args: unknown[]): void }) => handler.onResponseError(null, undefined),
    };
    expect(await errorOf(client({ dispatcher }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'network' });
    idle();
  });

  test.each(['before the request starts', 'after it'])('whose controller cannot abort, and the caller leaves %s', async (when) => {
    let start: () => void = () => undefined;
    const dispatcher = {
      dispatch: (_: unknown, handler: { onRequestStart(...args: unknown[]): void }) => {
        start = () => handler.onRequestStart({ abort: () => refuse() }, undefined);
      },
    };
    const aborter = new AbortController();
    const failed = errorOf(client({ dispatcher }).call(getThing, { id: 1 }, { signal: aborter.signal }));
    while (limitStats(registry).bulkheads[0]?.active !== 1) await later();
    if (when === 'after it') start();
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    if (when !== 'after it') start();
    idle();
  });
});

describe('a patched fetch', () => {
  const body = (chunk: string | undefined): Response => {
    const stream = new ReadableStream({
      start: (controller) => {
        if (chunk !== undefined) controller.enqueue(new TextEncoder().encode(chunk));
      },
      cancel: () => refuse('cancel'),
    });
    return new Response(stream, { headers: { 'content-type': 'application/json' } });
  };

  test.each<[string, () => unknown]>([
    ['never settles', () => new Promise(() => undefined)],
    ['returns a body that never ends', () => body('{"id":')],
    ['returns a body that never starts', () => body(undefined)],
  ])('that ignores the signal and %s: an abort gives the place back at once', async (_, patched) => {
    const called = vi.fn(patched);
    vi.stubGlobal('fetch', called);
    const aborter = new AbortController();
    const failed = errorOf(client({ transport: 'fetch' }).call(getThing, { id: 1 }, { signal: aborter.signal }));
    while (called.mock.calls.length === 0) await later();
    await later();
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    idle();
  });

  test('whose body gives text in place of bytes: a failed attempt, at once', async () => {
    const stream = () => new ReadableStream({ start: (controller) => [controller.enqueue('{"a":1}'), controller.close()] });
    vi.stubGlobal('fetch', async () => new Response(stream(), { headers: { 'content-type': 'application/json' } }));
    expect(await errorOf(client({ transport: 'fetch', timeoutMs: null }).call(getThing, { id: 1 }))).toMatchObject({ kind: 'network' });
    idle();
  });

  test('that answers after the abort: its answer changes nothing, and its body is cancelled', async () => {
    let answer: (response: Response) => void = () => undefined;
    const cancelled: unknown[] = [];
    const called = vi.fn(
      () =>
        new Promise<Response>((resolve) => {
          answer = resolve;
        }),
    );
    vi.stubGlobal('fetch', called);
    const aborter = new AbortController();
    const failed = errorOf(client({ transport: 'fetch' }).call(getThing, { id: 1 }, { signal: aborter.signal }));
    while (called.mock.calls.length === 0) await later();
    aborter.abort('gone');
    await failed;
    answer(new Response(new ReadableStream({ cancel: (reason) => void cancelled.push(reason) })));
    while (cancelled.length === 0) await later();
    expect(cancelled).toHaveLength(1);
    idle();
  });
});

describe('a clock', () => {
  const CLOCKS: readonly (readonly [string, object])[] = [
    ['whose setTimeout returns nothing', { setTimeout: (callback: () => void, ms: number) => void setTimeout(callback, ms) }],
    ['whose setTimeout returns null', { setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms) && null }],
    [
      'whose unref throws',
      { setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms) && { unref: refuse, ref: refuse } },
    ],
    ['whose now is a BigInt', { now: () => 5n }],
    ['whose now is NaN', { now: () => Number.NaN }],
  ];

  test.each(CLOCKS)('%s: calls are answered, retried and timed out', async (_, part) => {
    const clock = { ...systemClock, ...part };
    server.answer(json({}, 503), json({ id: 1 }));
    const retry = { baseDelayMs: 1, maxDelayMs: 1, maxAttempts: 2 };
    expect(await client({ clock, retry, timeoutMs: 60_000, totalTimeoutMs: 60_000 }).call(getThing, { id: 1 })).toEqual({ id: 1 });
    server.answer(() => undefined);
    expect(await errorOf(client({ clock, timeoutMs: 20, totalTimeoutMs: 60_000 }).call(getThing, { id: 1 }))).toMatchObject({
      kind: 'timeout',
    });
    while (limitStats(registry).bulkheads[0]?.active !== 0) await later();
    idle();
  });
});

test('a filter of events that throws: the listener receives the event, and the call ends as it would', async () => {
  const acme = client({ clock: systemClock });
  const events: FuselineEvent[] = [];
  acme.breaker('things.get').events.subscribe(
    (event) => events.push(event),
    () => refuse('wants'),
  );
  server.answer(json({}, 503));
  expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ status: 503 });
  expect(events.map(({ type }) => type)).toEqual(['call_failed']);
  idle();
});
