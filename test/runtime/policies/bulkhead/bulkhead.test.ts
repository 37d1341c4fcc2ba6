import { getEventListeners } from 'node:events';
import { BulkheadFullError, CircuitBreaker } from 'fuseline';
import { Bulkhead, protect } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Waiter } from '../../../../runtime/policies/queue/wait-queue.js';
import { errorOf } from '../../../support/client.js';
import { withResolvers } from '../../../support/with-resolvers.js';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

const bulkhead = (maxConcurrent: number, maxQueue = 0, maxWaitMs?: number): Bulkhead =>
  new Bulkhead({ maxConcurrent, maxQueue, clock, name: 'reports', ...(maxWaitMs === undefined ? {} : { maxWaitMs }) });

describe('places', () => {
  test('as many as configured; the next is refused at once, and told why', async () => {
    const full = bulkhead(2);
    await full.acquire();
    await full.acquire();
    const error = await errorOf(full.acquire());
    expect(error).toBeInstanceOf(BulkheadFullError);
    expect(error).toMatchObject({ kind: 'bulkhead_full', code: 'EBULKHEADFULL', reason: 'queue_full', maxConcurrent: 2, maxQueue: 0 });
    expect((error as Error).message).toBe("call: no place is free in bulkhead 'reports' (2 at once, 0 waiting); no request was made");
    expect(full.stats()).toMatchObject({ active: 2, admitted: 2, rejected: 1, mostActive: 2 });
  });

  test('one given back twice is one place', async () => {
    const one = bulkhead(1);
    const permit = await one.acquire();
    permit.release();
    permit.release();
    expect(one.stats().active).toBe(0);
    await one.acquire();
    await expect(one.acquire()).rejects.toMatchObject({ kind: 'bulkhead_full' });
  });

  test('given back by `call` whether the work resolves, rejects or throws', async () => {
    const one = bulkhead(1);
    expect(await one.call(() => 1)).toBe(1);
    await expect(one.call(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      one.call(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(one.stats()).toMatchObject({ active: 0, admitted: 3 });
  });

  test('A38 timed-out work that still runs keeps its place', async () => {
    const two = bulkhead(2);
    const breaker = new CircuitBreaker({ clock });
    let running = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const work = protect(
      () =>
        two.call(async () => {
          most = Math.max(most, ++running);
          await new Promise<void>((resolve) => ends.push(resolve));
          running--;
        }),
      { breaker, timeoutMs: 100 },
    );
    const kinds: string[] = [];
    for (let n = 0; n < 10; n++) {
      const run = errorOf(work()).then((error) => kinds.push((error as { kind: string }).kind));
      await clock.advance(100);
      await run;
    }
    expect(kinds).toEqual(['timeout', 'timeout', ...Array<string>(8).fill('bulkhead_full')]);
    expect([most, two.stats().active]).toEqual([2, 2]);
    for (const end of ends) end();
    await clock.advance(0);
    expect(two.stats().active).toBe(0);
  });
});

describe('the queue', () => {
  test('first in, first out, and no one who comes later overtakes', async () => {
    const one = bulkhead(1, 3);
    const order: number[] = [];
    const first = await one.acquire();
    const waiting = [1, 2, 3].map(async (n) => {
      const permit = await one.acquire();
      order.push(n);
      permit.release();
    });
    expect(one.enter()).toBe(false);
    await expect(one.acquire()).rejects.toMatchObject({ reason: 'queue_full' });
    first.release();
    expect(one.enter()).toBe(false);
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  test('one who gives a place back while others wait for it cannot take it again before them', async () => {
    const one = bulkhead(1, 2);
    const again: boolean[] = [];
    class Greedy extends Waiter {
      override onGranted(): void {
        one.leave();
        again.push(one.enter());
      }

      override onRefused(): void {}
    }
    one.enter();
    one.wait(new Greedy());
    const behind = one.acquire();
    one.leave();
    expect(again).toEqual([false]);
    (await behind).release();
    expect(one.stats().active).toBe(0);
  });

  test('A37 an aborted waiter leaves at once, with its own reason, and gets no place', async () => {
    const one = bulkhead(1, 1);
    const first = await one.acquire();
    const aborter = new AbortController();
    const gone = errorOf(one.acquire({ signal: aborter.signal }));
    const reason = new Error('mine');
    aborter.abort(reason);
    expect(await gone).toBe(reason);
    expect(one.stats()).toMatchObject({ queued: 0, aborted: 1 });
    const next = one.acquire();
    first.release();
    (await next).release();
    expect(one.stats()).toMatchObject({ active: 0, admitted: 2 });
    expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
  });

  test('A37 a waiter whose time is up leaves at once, and gets no place', async () => {
    const one = bulkhead(1, 1, 50);
    const first = await one.acquire();
    const gone = errorOf(one.acquire());
    await clock.advance(49);
    expect(one.stats().queued).toBe(1);
    await clock.advance(1);
    expect(await gone).toMatchObject({ kind: 'bulkhead_full', reason: 'wait_timeout' });
    expect(one.stats()).toMatchObject({ queued: 0, timedOut: 1 });
    first.release();
    expect(one.stats()).toMatchObject({ active: 0, admitted: 1 });
  });

  test('A37 nor where its timer is late because the event loop was blocked', async () => {
    const one = bulkhead(1, 2, 50);
    const first = await one.acquire();
    const gone = errorOf(one.acquire());
    const patient = one.acquire({ maxWaitMs: 500 });
    clock.jump(60);
    first.release();
    expect(await gone).toMatchObject({ reason: 'wait_timeout' });
    expect(one.stats()).toMatchObject({ active: 1, timedOut: 1 });
    (await patient).release();
  });

  test('a signal that is aborted already, or between the grant and the work, runs nothing', async () => {
    const one = bulkhead(1, 1);
    let ran = 0;
    const work = (): number => ++ran;
    await expect(one.call(work, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    const aborter = new AbortController();
    const held = await one.acquire();
    const late = errorOf(one.call(work, { signal: aborter.signal }));
    held.release();
    aborter.abort(new Error('between'));
    expect(await late).toMatchObject({ message: 'between' });
    expect([ran, one.stats().active]).toEqual([0, 0]);
  });

  test('a wait of its own; none at all', async () => {
    const one = bulkhead(1, 5);
    await one.acquire();
    await expect(one.acquire({ maxWaitMs: 0 })).rejects.toMatchObject({ reason: 'queue_full' });
    const gone = errorOf(one.acquire({ maxWaitMs: 10 }));
    await clock.advance(10);
    expect(await gone).toMatchObject({ reason: 'wait_timeout' });
  });

  test('a long row of waiters who give up their places at once does not grow the stack', async () => {
    const one = bulkhead(1, 20_000);
    const first = await one.acquire();
    const done = withResolvers<void>();
    let served = 0;
    for (let n = 0; n < 20_000; n++) {
      void one.call(() => {
        if (++served === 20_000) done.resolve();
      });
    }
    first.release();
    await done.promise;
    expect(one.stats()).toMatchObject({ queued: 0, mostActive: 1 });
  });
});

test('A9 its refusal counts as nothing in a circuit around it, and a probe`s permit is released', async () => {
  const one = bulkhead(1);
  await one.acquire();
  const breaker = new CircuitBreaker({ clock, failureThreshold: 1, recoveryTimeoutMs: 100, halfOpenMaxCalls: 1 });
  await errorOf(breaker.call(() => Promise.reject(new Error('down'))));
  clock.jump(100);
  for (let n = 0; n < 3; n++) expect(await errorOf(breaker.call(() => one.call(() => 1)))).toMatchObject({ kind: 'bulkhead_full' });
  for (let n = 0; n < 3; n++)
    expect(await errorOf(protect(() => one.call(() => 1), { breaker })())).toMatchObject({ kind: 'bulkhead_full' });
  expect(breaker.snapshot()).toMatchObject({ state: 'half_open', stats: { releasedRequests: 6, failedRequests: 1 } });
});

test.each([
  [{ maxConcurrent: 0 }, 'bulkhead.maxConcurrent is 0, expected a whole number, 1 or more'],
  [{ maxConcurrent: 1.5 }, 'bulkhead.maxConcurrent is 1.5, expected a whole number, 1 or more'],
  [{ maxConcurrent: 1, maxQueue: -1 }, 'bulkhead.maxQueue is -1, expected a whole number, 0 or more'],
  [{ maxConcurrent: 1, maxWaitMs: Number.NaN }, 'bulkhead.maxWaitMs is NaN, expected milliseconds, 0 or more'],
  [{ maxConcurrent: 1, name: '' }, 'bulkhead.name is "", expected a name'],
])('%j is refused', (options, message) => {
  expect(() => new Bulkhead(options)).toThrow(message);
});
