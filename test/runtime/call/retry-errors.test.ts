import { HttpError, RetryExhaustedError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
import { AT_ONCE, createThing, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

describe('the error', () => {
  test('is the answer`s own after one attempt, and names each attempt after several', async () => {
    const dispatcher = new InMemory(answers(500), answers(502), answers(503, { why: 'down' }));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: AT_ONCE });
    expect(await errorOf(acme.call(createThing, { body: {} }))).toBeInstanceOf(HttpError);
    dispatcher.react(answers(500), answers(502), answers(503, { why: 'down' }));
    const error = (await errorOf(acme.call(getThing, { id: 1 }))) as RetryExhaustedError;
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(error.errors.map((each) => (each as HttpError).status)).toEqual([500, 502, 503]);
    expect(error).toMatchObject({ attempts: 3, status: 503, lastError: { body: { why: 'down' } } });
    expect(error.cause).toBe(error.lastError);
  });

  test('is the 404 that the last attempt met, where a repetition was answered', async () => {
    const dispatcher = new InMemory(answers(500), answers(404));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: AT_ONCE });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 404 });
  });

  test('A39 is the original one where the retry budget is used up, and a success refills it', async () => {
    const dispatcher = new InMemory(answers(500));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: AT_ONCE, breaker: { enabled: false } });
    const kinds = new Map<string, number>();
    for (let n = 0; n < 30; n++) {
      const result = await acme.call(getThing, { id: 1 }).result();
      const kind = result.ok ? 'ok' : (result.error as { kind: string }).kind;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // 500 tokens, 14 a retry: 35 retries, two of them in each of 17 calls and one in the 18th.
    expect(dispatcher.requests).toHaveLength(30 + 35);
    expect(kinds).toEqual(
      new Map([
        ['retry_exhausted', 18],
        ['http', 12],
      ]),
    );
    dispatcher.react(answers(200));
    for (let n = 0; n < 14; n++) await acme.call(getThing, { id: 1 });
    dispatcher.react(answers(500));
    expect((await acme.call(getThing, { id: 1 }).result()).attempts).toBe(2);
  });

  test('A39 a retry that was never sent costs nothing: 100 aborts in backoff leave the budget whole', async () => {
    const clock = new FakeClock();
    const dispatcher = new InMemory(answers(500));
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', clock, dispatcher, breaker: { enabled: false } });
    for (let n = 0; n < 100; n++) {
      const aborter = new AbortController();
      const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
      aborter.abort();
      await failed;
    }
    const call = acme.call(getThing, { id: 1 }).result();
    await clock.advance(10_000);
    expect((await call).attempts).toBe(3);
  });

  test('A39 nor does one whose token did not come', async () => {
    let fail = false;
    const token = (): Promise<string> => (fail ? Promise.reject(new Error('no token')) : Promise.resolve('t'));
    const dispatcher = new InMemory(answers(500));
    const acme = testClient({
      baseUrl: 'http://acme.test',
      token,
      dispatcher,
      retry: AT_ONCE,
      breaker: { enabled: false },
      onEvent: () => {
        fail = true;
      },
    });
    for (let n = 0; n < 100; n++) {
      fail = false;
      expect((await acme.call(getThing, { id: 1 }).result()).attempts).toBe(1);
    }
    const calm = acme.withOptions({ onEvent: () => undefined });
    fail = false;
    expect((await calm.call(getThing, { id: 1 }).result()).attempts).toBe(3);
  });
});
