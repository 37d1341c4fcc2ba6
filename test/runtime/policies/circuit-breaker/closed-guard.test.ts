import { describe, expect, test } from 'vitest';
import { ClosedGuard } from '../../../../runtime/policies/circuit-breaker/closed-guard.js';
import { type BreakerInput, breakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { closed, REFUSED } from '../../../../runtime/policies/circuit-breaker/transition.js';

const slidingWindow = { size: 4, minimumCalls: 2, slowCallDurationMs: 16, slowCallRateThreshold: 1 };

/** A guard of a circuit that has just closed, in period 1. */
function guardOf(given: BreakerInput): ClosedGuard {
  const guard = ClosedGuard.refitted(null, undefined, breakerOptions(given));
  if (guard === null) throw new Error('the options ask for no guard');
  guard.clear(closed(1, 0), 0);
  return guard;
}

/** As `guardOf`, after the options changed. */
function refitted(before: BreakerInput, after: BreakerInput, meanwhile: (guard: ClosedGuard) => void): ClosedGuard | null {
  const guard = guardOf(before);
  meanwhile(guard);
  return ClosedGuard.refitted(guard, breakerOptions(before), breakerOptions(after));
}

const fail = (guard: ClosedGuard): void => void guard.exit(guard.enter(1, 0), 'failure', 0, 0);

describe('a guard', () => {
  test('is there only if there is something to watch', () => {
    expect(ClosedGuard.refitted(null, undefined, breakerOptions({}))).toBeNull();
    expect(refitted({ ramp: {}, slidingWindow }, {}, fail)).toBeNull();
  });

  test('of a ramp alone has no window, and lets its permits be', () => {
    const guard = guardOf({ ramp: {} });
    expect([guard.enter(7, 0), guard.exit(7, 'failure', 0, 0), guard.window(0), guard.hanging(99)]).toEqual([
      7,
      undefined,
      undefined,
      undefined,
    ]);
    expect([guard.admits(0), guard.admits(0)]).toEqual([true, false]);
    guard.clear(closed(2, 0), 0);
    expect([guard.admits(0), guard.admits(0)]).toEqual([true, false]);
  });

  test('of a window alone holds no call back, and says why the circuit must open', () => {
    const guard = guardOf({ slidingWindow });
    expect(guard.admits(0) && guard.admits(0)).toBe(true);
    fail(guard);
    expect(guard.exit(guard.enter(1, 0), 'failure', 0, 0)).toBe('failure_rate');
    expect(guard.window(0)).toMatchObject({ calls: 2, failedCalls: 2 });
  });

  test('sees calls that hang', () => {
    const guard = guardOf({ slidingWindow });
    guard.enter(1, 0);
    guard.enter(1, 0);
    expect([guard.hanging(1), guard.hanging(17)]).toEqual([undefined, 'slow_call_rate']);
  });

  test('measures no call of a state that is not measured', () => {
    const guard = guardOf({ slidingWindow });
    const permit = guard.enter(1, 0);
    guard.clear({ kind: 'forced_closed', epoch: 2, since: 0 }, 0);
    guard.exit(permit, 'released', 0, 0);
    expect(Math.floor(guard.enter(2, 0))).toBe(REFUSED);
    guard.clear({ kind: 'metrics_only', epoch: 3, since: 0, failures: 0 }, 0);
    expect(Math.floor(guard.enter(3, 0))).toBe(3);
  });
});

describe('other options', () => {
  test('keep a window of the same calls, under its new thresholds', () => {
    const after = { slidingWindow: { ...slidingWindow, minimumCalls: 1 } };
    const guard = refitted({ slidingWindow }, after, fail);
    expect(guard?.window(0)).toMatchObject({ calls: 1, failureRate: 1 });
  });

  test.each([
    ['of other calls', { slidingWindow: { ...slidingWindow, size: 5 } }],
    ['that was not there', { slidingWindow }],
  ])('begin a window %s', (_, after) => {
    const before = after.slidingWindow.size === 5 ? { slidingWindow } : { ramp: {} };
    expect(refitted(before, after, fail)?.window(0)).toMatchObject({ calls: 0 });
  });

  test('keep what the ramp owes', () => {
    const guard = refitted({ ramp: {} }, { ramp: { durationMs: 5 }, slidingWindow }, (before) => before.admits(0));
    expect(guard?.admits(0.5)).toBe(false);
  });
});
