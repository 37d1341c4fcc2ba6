import { CircuitBreaker, type DispatcherLike } from 'fuseline';
import { protect } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { selectProvider, tiers } from 'fuseline/tiers';
import { describe, expect, test } from 'vitest';
import { startAlerts } from '../../runtime/operate/alerts/index.js';
import { answerOf, CURRENT, forgiven, userFunction } from '../../runtime/user-code.js';
import { AT_ONCE, errorOf, getThing, testClient } from '../support/client.js';
import { answers, InMemory } from '../support/in-memory.js';
import { noUnhandledRejections } from '../support/unhandled.js';

noUnhandledRejections(() => new FakeClock().advance(0));

const fault = new Error('fault');
const rejects = async (): Promise<never> => {
  throw new Error('of the user');
};
const fails = async (): Promise<never> => {
  throw fault;
};
/** A thenable of another library, which is a function and rejects. */
const foreign = () =>
  Object.assign(() => undefined, {
    // biome-ignore lint/suspicious/noThenProperty: it is one.
    then: (_: unknown, reject: (error: Error) => void) => reject(new Error('foreign')),
  });

/** Answers that are of no use where a boolean is read: a promise is truthy, whatever comes of it. */
const USELESS = [
  ['a promise that rejects', rejects],
  ['a promise of true', async () => true],
  ['a promise of false', async () => false],
  ['a foreign thenable', foreign],
  [
    'a throw',
    () => {
      throw new Error('of the user');
    },
  ],
] as const;

describe.each(USELESS)('a predicate whose answer is of no use: %s', (_, predicate) => {
  const asked = predicate as never;

  test('`isFailure`: the error counts', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    expect(await errorOf(protect(fails, { breaker, isFailure: asked })())).toBe(fault);
    expect(breaker.state).toBe('open');
  });

  test('`isFailure` of a tier: the error counts', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    await errorOf(tiers([{ name: 'only', run: fails, breaker, isFailure: asked }])());
    expect(breaker.state).toBe('open');
  });

  test('`retry.when`: the function is not run again', async () => {
    let runs = 0;
    const run = (): Promise<never> => {
      runs++;
      return fails();
    };
    const retry = { ...AT_ONCE, when: asked };
    expect(await errorOf(protect(run, { breaker: new CircuitBreaker(), retry })())).toBe(fault);
    expect(runs).toBe(1);
  });

  test('`stopOn`: the next tier is tried', async () => {
    const load = tiers<string>(
      [
        { name: 'one', run: fails },
        { name: 'two', run: () => 'two' },
      ],
      { stopOn: asked },
    );
    expect(await load()).toBe('two');
  });

  test('`quality`: not good enough', async () => {
    const load = tiers<string>(
      [
        { name: 'one', run: () => 'one', minQuality: 1 },
        { name: 'two', run: () => 'two' },
      ],
      { quality: asked },
    );
    expect(await load()).toBe('two');
  });

  test('`random`: another source is asked', async () => {
    let runs = 0;
    const run = (): Promise<never> => {
      runs++;
      return fails();
    };
    const retry = { maxAttempts: 2, baseDelayMs: 1 };
    await errorOf(protect(run, { breaker: new CircuitBreaker(), retry, random: asked })());
    expect(runs).toBe(2);
  });
});

describe('a promise in the place of another result', () => {
  const base = { baseUrl: 'http://acme.test', token: 't' };

  test('`identity`: the call fails, and nothing is sent', async () => {
    const dispatcher = new InMemory(answers(200));
    const acme = testClient({ ...base, dispatcher, identity: rejects as never });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'request', message: /identity/ });
    expect(dispatcher.requests).toHaveLength(0);
  });

  test('`token`: an abort by the token function itself leaves no rejection', async () => {
    const aborter = new AbortController();
    const token = (): Promise<string> => {
      aborter.abort('gone');
      return rejects();
    };
    const acme = testClient({ ...base, token, dispatcher: new InMemory(answers(200)) });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }))).toBe('gone');
  });

  test('an async `dispatch` that rejects fails the attempt like one that throws', async () => {
    const dispatcher = { dispatch: rejects } as unknown as DispatcherLike;
    const acme = testClient({ ...base, dispatcher, retry: false });
    const error = await errorOf(acme.call(getThing, { id: 1 }));
    expect(error).toMatchObject({ kind: 'network' });
    expect(acme.breaker('things.get').snapshot().stats).toMatchObject({ failedRequests: 1 });
  });

  test('an async `dispatch` that answers is an answer, whatever comes of its promise', async () => {
    const inner = new InMemory(answers(200, { id: 1 }));
    const dispatch = async (...given: Parameters<DispatcherLike['dispatch']>): Promise<never> => {
      await Promise.resolve();
      inner.dispatch(...given);
      return rejects();
    };
    const acme = testClient({ ...base, dispatcher: { dispatch } as unknown as DispatcherLike });
    expect(await acme.call(getThing, { id: 1 })).toEqual({ id: 1 });
  });

  test('the circuit of a provider and an alert channel: a ConfigurationError', () => {
    expect(() => selectProvider([{ circuit: rejects as never }])).toThrow(/^providers\[0\] is/);
    const channel = { name: 'sms', open: rejects as never };
    expect(() => startAlerts({ env: {}, channels: [channel] as never })).toThrow(/^open of channel sms is/);
  });
});

test('answerOf gives every other answer unchanged', () => {
  for (const answer of [true, false, 0, '', null, undefined, 'text']) {
    expect(
      answerOf(
        CURRENT,
        userFunction(() => answer),
      ),
    ).toBe(answer);
  }
});

test('forgiven gives back what it was given', () => {
  const rejected = rejects();
  expect([forgiven(rejected), forgiven(1), forgiven(undefined)]).toEqual([rejected, 1, undefined]);
});
