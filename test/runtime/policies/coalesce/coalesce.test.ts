import { getEventListeners } from 'node:events';
import { Coalescer } from 'fuseline/protect';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../../support/client.js';
import { withResolvers } from '../../../support/with-resolvers.js';

describe('A47 coalescing', () => {
  test('those who ask for the same at once share one piece of work, and each has a copy of the result', async () => {
    const coalescer = new Coalescer();
    const work = withResolvers<{ list: number[] }>();
    let runs = 0;
    const ask = (key = 'k'): Promise<{ list: number[] }> =>
      coalescer.run(key, () => {
        runs++;
        return work.promise;
      });
    const asked = [ask(), ask(), ask(), ask('other')];
    expect(coalescer.stats()).toEqual({ inFlight: 2, started: 2, joined: 2 });
    work.resolve({ list: [1] });
    const results = await Promise.all(asked);
    results[0]?.list.push(2);
    expect(results.slice(1, 3)).toEqual([{ list: [1] }, { list: [1] }]);
    expect(results[1]).not.toBe(results[2]);
    expect(runs).toBe(2);
  });

  test('it is no cache: the next one starts anew, after a success and after a failure', async () => {
    const coalescer = new Coalescer();
    let runs = 0;
    const ask = (): Promise<number> => coalescer.run('k', () => Promise.resolve(++runs));
    expect([await ask(), await ask()]).toEqual([1, 2]);
    const fail = (): Promise<unknown> => errorOf(coalescer.run('k', () => Promise.reject(new Error(String(++runs)))));
    const [a, b] = await Promise.all([fail(), fail()]);
    expect(a).toBe(b);
    expect(await fail()).toMatchObject({ message: '4' });
    expect(coalescer.stats().inFlight).toBe(0);
  });

  test('a synchronous throw is a rejection', async () => {
    const coalescer = new Coalescer();
    const throws = (): never => {
      throw new Error('sync');
    };
    await expect(coalescer.run('k', throws)).rejects.toThrow('sync');
    expect(coalescer.stats().inFlight).toBe(0);
  });

  test('one who aborts leaves alone; the last one ends the work, and whoever comes then starts anew', async () => {
    const coalescer = new Coalescer();
    const [one, two] = [new AbortController(), new AbortController()];
    const signals: AbortSignal[] = [];
    const ask = (signal: AbortSignal): Promise<unknown> =>
      errorOf(
        coalescer.run(
          'k',
          (context) => {
            signals.push(context.signal);
            return new Promise(() => undefined);
          },
          { signal },
        ),
      );
    const [first, second] = [ask(one.signal), ask(two.signal)];
    one.abort(new Error('one'));
    expect(await first).toMatchObject({ message: 'one' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    two.abort(new Error('two'));
    void ask(new AbortController().signal);
    expect(await second).toMatchObject({ message: 'two' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    for (const { signal } of [one, two]) expect(getEventListeners(signal, 'abort')).toEqual([]);
    await expect(coalescer.run('k', () => 1, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  test('what has no copy is an error for all but the first', async () => {
    const coalescer = new Coalescer();
    const value = { run: () => 1 };
    const ask = (): Promise<unknown> => coalescer.run('k', () => Promise.resolve(value));
    const [first, second] = await Promise.allSettled([ask(), ask()]);
    expect(first).toEqual({ status: 'fulfilled', value });
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'DataCloneError' } });
  });
});
