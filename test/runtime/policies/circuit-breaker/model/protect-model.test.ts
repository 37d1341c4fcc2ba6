import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../../../runtime/policies/circuit-breaker/breaker.js';
import { protect } from '../../../../../runtime/protect/protect.js';
import { FakeClock } from '../../../../../runtime/testing/fake-clock.js';
import { modelRuns } from './runs.js';
import { basicOptions } from './steps.js';

describe('protected functions, whatever happens to them', () => {
  const run = fc.record({
    how: fc.constantFrom('resolve', 'reject', 'throw', 'abort', 'hang', 'inner'),
    afterMs: fc.integer({ min: 0, max: 300 }),
    startMs: fc.integer({ min: 0, max: 600 }),
  });

  test('each settles once, refused ones never run, the counters add up, and neither timer nor listener is left', async () => {
    await fc.assert(
      fc.asyncProperty(basicOptions, fc.array(run, { minLength: 1, maxLength: 25 }), async (options, plans) => {
        const clock = new FakeClock();
        const breaker = new CircuitBreaker({ ...options, clock });
        const refusing = new CircuitBreaker({ name: 'inner', clock });
        refusing.forceOpen();
        let settled = 0;
        let ran = 0;
        let refused = 0;
        const controllers: AbortController[] = [];
        for (const plan of plans) {
          const controller = new AbortController();
          controllers.push(controller);
          const call = protect(
            () => {
              ran++;
              if (plan.how === 'throw') throw new Error('sync');
              if (plan.how === 'inner') return refusing.call(() => 1);
              return new Promise<number>((resolve, reject) => {
                clock.setTimeout(() => {
                  if (plan.how === 'resolve') resolve(1);
                  else if (plan.how === 'reject') reject(new Error('x'));
                  else if (plan.how === 'abort') controller.abort();
                }, plan.afterMs);
              });
            },
            { breaker, timeoutMs: 200 },
          );
          clock.setTimeout(() => {
            call(controller.signal).then(
              () => settled++,
              (error: unknown) => {
                settled++;
                if ((error as { circuit?: string }).circuit === breaker.name) refused++;
              },
            );
          }, plan.startMs);
        }
        await clock.advance(2_000);
        expect(settled).toBe(plans.length);
        expect(ran + refused).toBe(plans.length);
        const { stats } = breaker.snapshot();
        expect(stats.totalRequests).toBe(plans.length);
        expect(stats.rejectedRequests).toBe(refused);
        expect(stats.successfulRequests + stats.failedRequests + stats.ignoredRequests + stats.releasedRequests).toBe(ran);
        expect(clock.pendingTimers).toBe(0);
        for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
      }),
      modelRuns(100),
    );
  });
});
