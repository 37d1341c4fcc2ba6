import { TimeoutError } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { protection } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import { endOfTime } from '../../../runtime/protect/time-of-call.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, work } from './fixture.js';

const TOTAL_MS = 200;
const PLACE = { service: 's', operation: 'o' };
const timeout = (scope: 'total' | 'attempt'): TimeoutError => new TimeoutError(PLACE, scope, TOTAL_MS, 'waiting');

freshForEach({});

describe('the reason of an abort', () => {
  test('is the end of a call’s time only if it is a timeout of a whole call', () => {
    const error = timeout('total');
    expect(endOfTime(error)).toEqual({ error, limitMs: TOTAL_MS });
    for (const other of [timeout('attempt'), new Error('enough'), undefined, 'enough', { scope: 'total' }]) {
      expect(endOfTime(other)).toBeUndefined();
    }
  });
});

describe.each<[string, Partial<ProtectOptions<never, never>>]>([
  ['one run', {}],
  ['retries', { retry: true }],
])('a function with %s whose caller’s time is up', (_, options) => {
  test.each([
    ['as part of a call: a failure, since it had most of the time', true, timeout('total'), TOTAL_MS, 1],
    ['as part of a call, late in it: nothing', true, timeout('total'), 99, 0],
    ['as part of a call whose caller left: nothing', true, new Error('enough'), TOTAL_MS, 0],
    ['as a call of its own: nothing', false, timeout('total'), TOTAL_MS, 0],
  ])('%s', async (__, isPart, reason, ranMs, failures) => {
    const start = protection(work.fn as never, { breaker: circuit.breaker, ...options }, '', isPart);
    const controller = new AbortController();
    const seen = watch(start([], controller.signal));
    const { signal } = work.run().context;
    circuit.clock.jump(ranMs);
    controller.abort(reason);
    await circuit.clock.advance(0);
    expect([seen.error, signal.reason]).toEqual([reason, reason]);
    expect(circuit.breaker.snapshot().stats).toMatchObject({
      failedRequests: failures,
      timeoutRequests: failures,
      releasedRequests: 1 - failures,
    });
  });
});
