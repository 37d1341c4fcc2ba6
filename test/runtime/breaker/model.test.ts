import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircuitBreaker, REFUSED } from '../../../runtime/breaker/breaker.js';
import type { BreakerOptions } from '../../../runtime/breaker/options.js';
import type { Outcome } from '../../../runtime/breaker/state.js';
import { opensOnNothing } from '../../../runtime/breaker/window/options.js';
import { protect } from '../../../runtime/protect/protect.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
import { BreakerModel, type Grant } from './breaker-model.js';

type Step =
  | { readonly do: 'enter'; readonly leaseMs: number }
  | { readonly do: 'exit'; readonly which: number; readonly outcome: Outcome; readonly timedOut: boolean; readonly durationMs: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'force'; readonly method: 'reset' | 'forceOpen' | 'forceClosed' | 'metricsOnly' };

const outcome = fc.constantFrom<Outcome>('success', 'failure', 'failure', 'ignored', 'released');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enter'), leaseMs: fc.constantFrom(50, 100, 400) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('exit'),
      which: fc.nat({ max: 50 }),
      outcome,
      timedOut: fc.boolean(),
      durationMs: fc.constantFrom(5, 79, 80, 200),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(0, 1, 49, 50, 51, 99, 100, 300, 1_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('force'), method: fc.constantFrom('reset', 'forceOpen', 'forceClosed', 'metricsOnly') }),
  },
) as fc.Arbitrary<Step>;

const thresholds: fc.Arbitrary<BreakerOptions> = fc.record({
  enabled: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  recoveryTimeoutMs: fc.constantFrom(0, 100, 300),
  halfOpenMaxCalls: fc.integer({ min: 1, max: 3 }),
});

const rate = fc.constantFrom(null, 0.25, 0.5, 1);
const slidingWindow = fc
  .record({
    type: fc.constantFrom('count' as const, 'time' as const),
    size: fc.integer({ min: 4, max: 8 }),
    durationMs: fc.constantFrom(100, 300),
    slots: fc.constantFrom(1, 3, 10),
    minimumCalls: fc.integer({ min: 1, max: 4 }),
    failureRateThreshold: rate,
    slowCallDurationMs: fc.constantFrom(null, 80),
    slowCallRateThreshold: rate,
    failureOrSlowRateThreshold: rate,
    failureThresholdCounts: fc.constantFrom('nothing' as const, 'consecutive' as const, 'window' as const),
  })
  .filter((window) => !opensOnNothing(window));
const reopenBackoff = fc.record({
  multiplier: fc.constantFrom(1, 2),
  maxMs: fc.constantFrom(0, 500),
  jitter: fc.constant(0),
  resetAfterMs: fc.constantFrom(0, 100, 1_000),
  flappingSuccessThreshold: fc.constantFrom(null, 1, 4),
});
const measured: fc.Arbitrary<BreakerOptions> = fc
  .tuple(thresholds, fc.option(slidingWindow, { nil: undefined }), fc.option(reopenBackoff, { nil: undefined }))
  .map(([basic, window, backoff]) => ({ ...basic, slidingWindow: window, reopenBackoff: backoff }));

describe.each([
  ['consecutive failures', thresholds, 500],
  ['a window, a backoff, or both', measured, 1_500],
] as const)('a circuit with %s against a simple model of it', (_, settings, numRuns) => {
  test('whatever happens, in whatever order: state, permits, counters and events agree, and it recovers in the end', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 80 }), (options, steps) => {
        const clock = new FakeClock();
        const events: string[] = [];
        const breaker = new CircuitBreaker({ ...options, clock });
        const model = new BreakerModel(options, clock.now());
        breaker.subscribe((event) => {
          if ('oldState' in event) events.push(`${event.oldState} ${event.newState}`);
        });
        const out: { readonly permit: number; readonly grant: Grant }[] = [];
        const seen = new Set<number>();

        const enter = (leaseMs: number): boolean => {
          const permit = breaker.enter(clock.now(), leaseMs);
          const grant = model.enter(clock.now(), leaseMs);
          expect(permit !== REFUSED, 'admitted').toBe(grant !== undefined);
          if (grant === undefined) return false;
          if (grant.probe) {
            expect(seen.has(permit), 'a probe has a permit of its own').toBe(false);
            seen.add(permit);
          }
          out.push({ permit, grant });
          return true;
        };
        const exit = (at: number, result: Outcome, timedOut: boolean, durationMs = 5): void => {
          const [held] = out.splice(at, 1);
          if (held === undefined) return;
          breaker.exit(held.permit, result, clock.now(), durationMs, timedOut);
          model.exit(held.grant, result, clock.now(), timedOut, durationMs);
        };
        const agree = (): void => {
          const snapshot = breaker.snapshot();
          expect(snapshot.state).toBe(model.shown(clock.now()));
          expect(breaker.state).toBe(snapshot.state);
          expect(snapshot.failureCount).toBe(model.shownFailures(clock.now()));
          expect(snapshot.successCount).toBe(model.successes);
          expect(breaker.retryAfterMs()).toBe(model.waitMs(clock.now()));
          expect(model.probesOut).toBeLessThanOrEqual(options.halfOpenMaxCalls);
          const window = model.window(clock.now());
          if (window === null) expect(snapshot.window).toBe(null);
          else expect(snapshot.window).toMatchObject(window);
          const { stats } = snapshot;
          expect(stats).toMatchObject(model.counters);
          for (const value of Object.values(stats)) if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0);
          const ended = stats.successfulRequests + stats.failedRequests + stats.ignoredRequests + stats.releasedRequests;
          expect(stats.totalRequests).toBe(ended + stats.rejectedRequests + out.length);
          expect(events.length).toBe(stats.stateChanges);
        };

        for (const one of steps) {
          if (one.do === 'enter') enter(one.leaseMs);
          else if (one.do === 'exit') exit(out.length === 0 ? 0 : one.which % out.length, one.outcome, one.timedOut, one.durationMs);
          else if (one.do === 'wait') clock.jump(one.ms);
          else {
            breaker[one.method]();
            model.force(one.method, clock.now());
          }
          agree();
        }

        // Half-open always ends, and an open circuit always probes: leases and waits over, a call gets through, unless held by hand.
        // Calls that hang would rightly open a window again, and so could a success that makes the minimum full.
        const left: Outcome = options.slidingWindow === undefined ? 'success' : 'released';
        if (left === 'released') while (out.length > 0) exit(0, left, false);
        clock.jump(1_000);
        if (!enter(50)) {
          expect(breaker.snapshot().forced).toBe('open');
          breaker.reset();
          model.force('reset', clock.now());
          expect(enter(50)).toBe(true);
        }
        expect(events).toEqual(model.events);
        for (let at = 0; at < 10 && breaker.state !== 'closed'; at++) {
          exit(out.length - 1, 'success', false);
          enter(50);
        }
        expect(breaker.state).toBe('closed');
        // What is still out belongs to periods that are over, or is a success: none of it can open the circuit.
        while (out.length > 0) exit(0, left, false);
        agree();
        expect(breaker.state).toBe('closed');
        expect(events).toEqual(model.events);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns },
    );
  });
});

describe('protected functions, whatever happens to them', () => {
  const run = fc.record({
    how: fc.constantFrom('resolve', 'reject', 'throw', 'abort', 'hang', 'inner'),
    afterMs: fc.integer({ min: 0, max: 300 }),
    startMs: fc.integer({ min: 0, max: 600 }),
  });

  test('each settles once, refused ones never run, the counters add up, and neither timer nor listener is left', async () => {
    await fc.assert(
      fc.asyncProperty(thresholds, fc.array(run, { minLength: 1, maxLength: 25 }), async (options, plans) => {
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
      { numRuns: 100 },
    );
  });
});
