import { type ClientOptions, chain, type FallbackContext, lastGood, type ServiceClient, value } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';
import { fallbackClient } from './fallback-client.js';

let dispatcher: InMemory;

beforeEach(() => {
  dispatcher = new InMemory(answers(503));
});

const client = (fallback?: unknown, options?: ClientOptions): ServiceClient => fallbackClient(dispatcher, fallback, options);

describe('a value', () => {
  test('is a copy of its own for every caller', async () => {
    const kept = { tags: ['a'] };
    const acme = client(kept);
    const first = (await acme.call(getThing, { id: 1 })) as typeof kept;
    first.tags.push('changed');
    expect(await acme.call(getThing, { id: 1 })).toEqual({ tags: ['a'] });
    expect(kept).toEqual({ tags: ['a'] });
  });

  test.each([[null], [false], [0], [''], [[1, 2]]])('may be %j', async (answer) => {
    expect(await client(value(answer)).call(getThing, { id: 1 })).toEqual(answer);
  });

  test('that cannot be copied is passed over, and the call fails with its own error', async () => {
    const acme = client({ odd: () => 1 });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 503 });
  });

  test('of the YAML holds where the client says nothing, and `false` turns it off', async () => {
    const policies = { operations: { 'things.get': { fallback: [{ kind: 'value', value: { from: 'yaml' } }] } } } as const;
    const base = { baseUrl: 'http://acme.test', token: 't', dispatcher, retry: false } as const;
    expect(await testClient(base, { policies }).call(getThing, { id: 1 })).toEqual({ from: 'yaml' });
    expect(
      await errorOf(testClient({ ...base, fallbacks: { 'things.get': false } }, { policies }).call(getThing, { id: 1 })),
    ).toMatchObject({ status: 503 });
    expect(await testClient({ ...base, fallbacks: { 'things.get': 'client' } }, { policies }).call(getThing, { id: 1 })).toBe('client');
  });
});

describe('a function', () => {
  test('is told what was asked, and why it failed', async () => {
    let told: FallbackContext | undefined;
    const acme = client((context: FallbackContext) => {
      told = context;
      return 'computed';
    });
    const { signal } = new AbortController();
    expect(await acme.call(getThing, { id: 7 }, { signal })).toBe('computed');
    expect(told).toMatchObject({ params: { id: 7 }, operation: 'things.get', error: { kind: 'http', status: 503 } });
    expect(told?.signal).toBe(signal);
  });

  test('may be async', async () => {
    expect(await client(() => Promise.resolve('later')).call(getThing, { id: 1 })).toBe('later');
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('worse');
      },
    ],
    ['rejects', () => Promise.reject(new Error('worse'))],
  ])('that %s leaves the call`s own error', async (_, fallback) => {
    expect(await errorOf(client(fallback).call(getThing, { id: 1 }))).toMatchObject({ kind: 'http', status: 503 });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('worse');
      },
    ],
    ['rejects', () => Promise.reject(new Error('worse'))],
  ])('that %s hands over to the next step', async (_, fallback) => {
    expect(await client(chain(fallback, () => 'second')).call(getThing, { id: 1 })).toBe('second');
    expect(await client(chain(fallback, fallback, value('third'))).call(getThing, { id: 1 })).toBe('third');
  });

  test('for an open circuit: no error is made unless it is read, and then one', async () => {
    const seen: Error[] = [];
    let read = false;
    const acme = client((context: FallbackContext) => {
      if (read) seen.push(context.error, context.error);
      return 'kept';
    });
    acme.breaker('things.get').forceOpen();
    expect(await errorsMade(() => acme.call(getThing, { id: 1 }))).toBe(0);
    read = true;
    expect(await errorsMade(() => acme.call(getThing, { id: 1 }))).toBe(1);
    expect(seen[0]).toMatchObject({ kind: 'circuit_open' });
    expect(seen[0]).toBe(seen[1]);
  });

  test('that is at work when the caller aborts: the reason comes at once, and nothing counts as used', async () => {
    const events: string[] = [];
    const answer = withResolvers<string>();
    const acme = client(() => answer.promise, { onEvent: (event) => events.push(event.type) });
    const aborter = new AbortController();
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    aborter.abort('gone');
    expect(await failed).toBe('gone');
    answer.resolve('late');
    await answer.promise;
    expect(acme.breaker('things.get').snapshot().stats.fallbackCalls).toBe(0);
    expect(events).not.toContain('fallback_used');
  });
});

test('a function that outlasts the deadline is asked once, and answers', async () => {
  const clock = new FakeClock();
  const answer = withResolvers<string>();
  let asked = 0;
  const fallback = (): Promise<string> => {
    asked++;
    return answer.promise;
  };
  const call = client(fallback, { clock, timeoutMs: 500, totalTimeoutMs: 1_000 }).call(getThing, { id: 1 });
  await clock.advance(5_000);
  answer.resolve('late');
  expect(await call).toBe('late');
  expect(asked).toBe(1);
});

test('the event names the last failure as the cause, however many there were', async () => {
  const causes: string[] = [];
  const acme = client('kept', {
    retry: { ...AT_ONCE, maxAttempts: 2 },
    onEvent: (event) => event.type === 'fallback_used' && causes.push(event.cause),
  });
  expect(await acme.call(getThing, { id: 1 })).toBe('kept');
  expect([dispatcher.requests.length, causes]).toEqual([2, ['http_503']]);
});

describe('per call', () => {
  test('is stronger than the client`s, and `false` turns every one off', async () => {
    const acme = client('client');
    expect(await acme.call(getThing, { id: 1 }, { fallback: 'call' })).toBe('call');
    expect(await acme.call(getThing, { id: 1 }, { fallback: () => 'function' })).toBe('function');
    expect(await errorOf(acme.call(getThing, { id: 1 }, { fallback: false }))).toMatchObject({ status: 503 });
    expect(await acme.call(getThing, { id: 1 }, { fallback: undefined })).toBe('client');
  });

  test('a chain of all kinds, in order', async () => {
    const acme = client();
    const steps = chain(
      lastGood(),
      () => {
        throw new Error('second');
      },
      value({ third: true }),
    );
    expect(await acme.call(getThing, { id: 1 }, { fallback: steps })).toEqual({ third: true });
    dispatcher.react(answers(200, { fresh: true }));
    await acme.call(getThing, { id: 1 }, { fallback: steps });
    dispatcher.react(answers(503));
    expect(await acme.call(getThing, { id: 1 }, { fallback: steps })).toEqual({ fresh: true });
  });
});

describe('what the caller sees', () => {
  test('source, the answer`s status, attempts', async () => {
    const acme = client('kept');
    expect(await acme.call(getThing, { id: 1 }).result()).toEqual({
      ok: true,
      data: 'kept',
      source: 'fallback',
      status: 503,
      attempts: 1,
      ageMs: undefined,
    });
    acme.breaker('things.get').forceOpen();
    expect(await acme.call(getThing, { id: 1 }).result()).toEqual({
      ok: true,
      data: 'kept',
      source: 'fallback',
      status: undefined,
      attempts: 0,
      ageMs: undefined,
    });
    expect(acme.breaker('things.get').snapshot().stats.fallbackCalls).toBe(2);
  });

  test('no status of an earlier attempt where the last one met no server', async () => {
    dispatcher.react(answers(503), (handler) => handler.onResponseError(null, Object.assign(new Error('no'), { code: 'ECONNREFUSED' })));
    const result = await client('kept', { retry: { ...AT_ONCE, maxAttempts: 2 } })
      .call(getThing, { id: 1 })
      .result();
    expect(result).toMatchObject({ ok: true, status: undefined, attempts: 2 });
  });
});

test('a fallback for an operation that does not exist is an error of the constructor', () => {
  expect(() => client(undefined, { fallbacks: { 'things.gte': 1 } })).toThrow(/fallbacks\['things\.gte'\]/);
});

/** Errors of the runtime's: each is made with the stack limit set to 0 meanwhile, so writes of that are counted. */
async function errorsMade(run: () => Promise<unknown>): Promise<number> {
  const usual = Error.stackTraceLimit;
  let limit = usual;
  let made = 0;
  const count = (next: number): void => {
    if (next === 0) made++;
    limit = next;
  };
  Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, get: () => limit, set: count });
  try {
    await run();
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, enumerable: true, writable: true, value: usual });
  }
  return made;
}
