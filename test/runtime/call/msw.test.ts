import { FakeClock, mockTransport } from 'fuseline/testing';
import { delay, HttpResponse, http, type RequestHandler } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../../support/client.js';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

const url = 'http://acme.test/things/:id';
const client = (...handlers: readonly RequestHandler[]) => {
  const mock = mockTransport(...handlers);
  const acme = testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    dispatcher: mock,
    timeoutMs: 1_000,
    totalTimeoutMs: 5_000,
    retry: { ...AT_ONCE, maxAttempts: 2 },
  });
  return { acme, mock };
};

/** Headers and half of a body, and then nothing. */
const stall = (): Response =>
  new HttpResponse(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{"half":')) }), {
    headers: { 'content-type': 'application/json' },
  });
const stalled = http.get(url, stall);

describe('through MSW', () => {
  test('A25 A31 a timeout aborts the request, in the body too, and the next attempt answers', async () => {
    for (const [first, phase] of [
      [http.get(url, () => delay('infinite'), { once: true }), 'waiting'],
      [http.get(url, stall, { once: true }), 'body'],
    ] as const) {
      const { acme, mock } = client(
        first,
        http.get(url, () => HttpResponse.json({ attempt: 2 })),
      );
      const phases: unknown[] = [];
      const call = acme.call(getThing, { id: 1 });
      await clock.advance(1_000);
      phases.push(mock.requests.map((request) => request.aborted));
      expect(await call).toEqual({ attempt: 2 });
      expect(phases).toEqual([[true, false]]);
      const { acme: again } = client(phase === 'body' ? stalled : http.get(url, () => delay('infinite')));
      const failed = errorOf(again.call(getThing, { id: 1 }, { retry: false }));
      await clock.advance(1_000);
      expect(await failed).toMatchObject({ kind: 'timeout', phase });
    }
  });

  test('A26 an abort in the middle of a body', async () => {
    const { acme, mock } = client(stalled);
    const aborter = new AbortController();
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    await clock.advance(0);
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    expect(mock.requests.map((request) => request.aborted)).toEqual([true]);
  });

  test('a broken connection is tried again for GET, not for POST', async () => {
    const { acme, mock } = client(http.all('*', () => HttpResponse.error()));
    const get = errorOf(acme.call(getThing, { id: 1 }));
    await clock.advance(0);
    expect(await get).toMatchObject({ kind: 'retry_exhausted', attempts: 2, lastError: { kind: 'network', reason: 'ECONNRESET' } });
    const post = errorOf(acme.call(createThing, { body: {} }));
    await clock.advance(0);
    expect(await post).toMatchObject({ kind: 'network', maybeSent: true });
    expect(mock.requests.map((request) => request.method)).toEqual(['GET', 'GET', 'POST']);
  });

  test('an outage from beginning to end', async () => {
    const { acme, mock } = client(http.get(url, () => HttpResponse.json({}, { status: 503 })));
    const states: string[] = [];
    for (let n = 0; n < 6; n++) {
      const call = acme.call(getThing, { id: n }, { retry: false, fallback: { kept: true } });
      await clock.advance(0);
      await call;
      states.push(acme.breaker('things.get').state);
    }
    expect(states).toEqual(['closed', 'closed', 'closed', 'closed', 'open', 'open']);
    expect(mock.requests).toHaveLength(5);
    mock.use(http.get(url, () => HttpResponse.json({ back: true })));
    await clock.advance(60_000);
    expect(acme.breaker('things.get').state).toBe('half_open');
    for (let n = 0; n < 3; n++) expect(await acme.call(getThing, { id: n })).toEqual({ back: true });
    expect(acme.breaker('things.get').state).toBe('closed');
  });
});
