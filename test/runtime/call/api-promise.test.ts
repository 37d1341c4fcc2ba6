import { ApiPromise, call, type FuselineError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

let dispatcher: InMemory;

beforeEach(() => {
  dispatcher = new InMemory(answers(200, { id: 1 }, { 'content-type': 'application/json', 'x-request-id': 'r-1', 'x-extra': 'yes' }));
});

const acme = () => testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: AT_ONCE });

test('await gives the data', async () => {
  expect(await acme().call(getThing, { id: 1 })).toEqual({ id: 1 });
});

test('`call` does the same without the client`s methods', async () => {
  expect(await call(acme(), getThing, { id: 1 })).toEqual({ id: 1 });
});

test('is a promise whose `then`, `catch` and `finally` make plain ones', async () => {
  const promise = acme().call(getThing, { id: 1 });
  expect(promise).toBeInstanceOf(Promise);
  expect(promise).toBeInstanceOf(ApiPromise);
  for (const derived of [promise.then((data) => data), promise.catch(() => undefined), promise.finally(() => undefined)]) {
    expect(derived).toBeInstanceOf(Promise);
    expect(derived).not.toBeInstanceOf(ApiPromise);
  }
  expect(await Promise.all([promise, promise])).toEqual([{ id: 1 }, { id: 1 }]);
  expect(await Promise.resolve(promise)).toEqual({ id: 1 });
});

describe('result()', () => {
  test('of a success', async () => {
    expect(await acme().call(getThing, { id: 1 }).result()).toEqual({
      ok: true,
      data: { id: 1 },
      source: 'network',
      status: 200,
      attempts: 1,
      ageMs: undefined,
    });
  });

  test('of a success at the second attempt', async () => {
    dispatcher.react(answers(503), answers(200));
    expect(await acme().call(getThing, { id: 1 }).result()).toMatchObject({ ok: true, status: 200, attempts: 2 });
  });

  test('of a failure', async () => {
    dispatcher.react(answers(404, { message: 'none' }));
    const result = await acme().call(getThing, { id: 1 }).result();
    expect(result).toMatchObject({ ok: false, attempts: 1, error: { kind: 'http', status: 404, body: { message: 'none' } } });
  });

  test('of an abort: its reason is the cause', async () => {
    const aborter = new AbortController();
    const reason = { why: 'gone' };
    aborter.abort(reason);
    const result = await acme().call(getThing, { id: 1 }, { signal: aborter.signal }).result();
    expect(result).toMatchObject({ ok: false, attempts: 0, error: { kind: 'aborted', code: 'EABORTED', operation: 'things.get' } });
    if (!result.ok) expect((result.error as FuselineError).cause).toBe(reason);
  });

  test.each([
    ['options', { id: 1 }, { timeoutMs: -1 }, 'configuration'],
    ['a missing parameter', {}, {}, 'request'],
    ['no params at all', undefined, {}, 'request'],
  ])('never rejects, and nothing throws before it: %s', async (_, params, options, kind) => {
    expect(await acme().call(getThing, params, options).result()).toMatchObject({ ok: false, attempts: 0, error: { kind } });
  });
});

describe('withResponse()', () => {
  test('gives what surrounds the data', async () => {
    expect(await acme().call(getThing, { id: 1 }).withResponse()).toEqual({
      data: { id: 1 },
      source: 'network',
      status: 200,
      headers: { 'content-type': 'application/json', 'x-request-id': 'r-1', 'x-extra': 'yes' },
      requestId: 'r-1',
      attempts: 1,
      ageMs: undefined,
    });
  });

  test('has empty headers where a fallback answered for an open circuit', async () => {
    const client = acme();
    client.breaker('things.get').forceOpen();
    expect(await client.call(getThing, { id: 1 }, { fallback: 'kept' }).withResponse()).toMatchObject({
      headers: {},
      status: undefined,
      requestId: undefined,
      attempts: 0,
    });
  });

  test('rejects as the promise does', async () => {
    dispatcher.react(answers(404));
    const promise = acme().call(getThing, { id: 1 });
    expect(await errorOf(promise.withResponse())).toBe(await errorOf(promise));
  });
});

test('a call that is only looked at through `result` or `withResponse` leaves no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const clock = new FakeClock();
  dispatcher.react(answers(404));
  const client = acme();
  await client.call(getThing, { id: 1 }).result();
  await client
    .call(getThing, { id: 1 })
    .withResponse()
    .catch(() => undefined);
  await client.call(getThing, { id: 1 }, { fallback: () => Promise.reject(new Error('no')) }).result();
  await client.call(getThing, { id: 1 }, { signal: AbortSignal.abort() }).result();
  await client
    .withOptions({ token: () => Promise.reject(new Error('no')) })
    .call(getThing, { id: 1 })
    .result();
  await clock.advance(0);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
