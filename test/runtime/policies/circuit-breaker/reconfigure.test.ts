import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BREAKER_DEFAULTS, type BreakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('A53 reconfigure', () => {
  test('failures counted so far count on', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    circuit.breaker.reconfigure({ failureThreshold: 4 });
    circuit.fail();
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', failureCount: 3, stats: { failedRequests: 3 } });
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test('a lower threshold opens nothing by itself, the next failure does', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    circuit.breaker.reconfigure({ failureThreshold: 1 });
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.types).toEqual([]);
    circuit.succeed();
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test.each(['ignored', 'released'] as const)('nor does a call that ends %s, although the failures before would be enough', (outcome) => {
    const circuit = new Circuit();
    const permit = circuit.permit();
    circuit.fail(2);
    circuit.breaker.reconfigure({ failureThreshold: 2 });
    circuit.exit(permit, outcome);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', failureCount: 2 });
    circuit.fail();
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'consecutive_failures', failureCount: 3 });
  });

  test('an open circuit waits as long as it said; the next wait is the new one', () => {
    const circuit = new Circuit().trip();
    circuit.breaker.reconfigure({ recoveryTimeoutMs: 5 });
    expect(circuit.breaker.retryAfterMs()).toBe(RECOVERY_MS);
    circuit.clock.jump(RECOVERY_MS);
    circuit.fail();
    expect(circuit.breaker.retryAfterMs()).toBe(5);
    expect(circuit.breaker.snapshot().stats.circuitOpens).toBe(2);
  });

  test('probes count on and keep their permits', () => {
    const circuit = new Circuit({ successThreshold: 3 }).tripAndWait();
    circuit.succeed(1);
    const [first, second] = [circuit.permit(), circuit.permit()];
    circuit.breaker.reconfigure({ halfOpenMaxCalls: 1, successThreshold: 2 });
    expect(circuit.enter()).toBe(REFUSED);
    circuit.exit(first, 'released');
    circuit.exit(second, 'success');
    expect(circuit.breaker.state).toBe('closed');
  });

  test('a lease that ran out before is judged by what held then', () => {
    const circuit = new Circuit().tripAndWait();
    circuit.permit(10);
    circuit.clock.jump(10);
    circuit.breaker.reconfigure({ recoveryTimeoutMs: 1 });
    expect(circuit.breaker.retryAfterMs()).toBe(RECOVERY_MS);
  });

  test('a call in flight counts by the new threshold', () => {
    const circuit = new Circuit();
    const permit = circuit.permit();
    circuit.breaker.reconfigure({ failureThreshold: 1 });
    circuit.exit(permit, 'failure');
    expect(circuit.breaker.state).toBe('open');
  });

  test('switched off and on', () => {
    const circuit = new Circuit().trip();
    circuit.breaker.reconfigure({ enabled: false });
    circuit.fail(9);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', stats: { failedRequests: 12 } });
    circuit.breaker.reconfigure({ enabled: true });
    expect(circuit.breaker.failureCount).toBe(0);
    circuit.trip();
    expect(circuit.types).toEqual(['circuit_opened', 'circuit_forced_closed', 'circuit_closed', 'circuit_opened']);
  });

  test.each(['forceOpen', 'forceClosed', 'metricsOnly'] as const)('%s by hand outlasts it', (force) => {
    const circuit = new Circuit();
    circuit.breaker[force]();
    const { forced } = circuit.breaker.snapshot();
    circuit.breaker.reconfigure({ enabled: false });
    circuit.breaker.reconfigure({ enabled: true });
    expect(circuit.breaker.snapshot().forced).toBe(forced);
    circuit.breaker.reset();
    expect(circuit.breaker.snapshot().forced).toBeNull();
  });

  test('refuses what is out of range, and keeps what it had', () => {
    const circuit = new Circuit();
    const before = circuit.breaker.options;
    expect(() => circuit.breaker.reconfigure({ successThreshold: 7, failureThreshold: 0 })).toThrow(
      /breaker\.failureThreshold is 0, expected a whole number, 1 or more/,
    );
    expect(circuit.breaker.options).toBe(before);
  });
});

describe('A53 reconfigure with window, backoff and ramp', () => {
  const slidingWindow = { size: 4, minimumCalls: 4, failureRateThreshold: 0.5 };

  test('a window of other calls starts empty; state and statistics stay', () => {
    const circuit = new Circuit({ slidingWindow });
    circuit.fail(1);
    circuit.succeed(2);
    circuit.breaker.reconfigure({ slidingWindow: { ...slidingWindow, size: 5 } });
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 }, stats: { failedRequests: 1 } });
    circuit.fail(3);
    expect(circuit.breaker.state).toBe('closed');
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test.each([
    ['failureRateThreshold', { failureRateThreshold: 0.25 }, 'failure_rate'],
    ['minimumCalls', { minimumCalls: 3, failureRateThreshold: 0.3 }, 'failure_rate'],
    ['failureOrSlowRateThreshold', { failureRateThreshold: null, failureOrSlowRateThreshold: 0.25 }, 'failure_or_slow_rate'],
  ])('a window whose %s changes is kept: nothing opens by itself, the next call is judged by it', (_, change, reason) => {
    const circuit = new Circuit({ slidingWindow: { ...slidingWindow, minimumCalls: 3, failureRateThreshold: 1 } });
    circuit.fail(1);
    circuit.succeed(2);
    circuit.breaker.reconfigure({ slidingWindow: { ...slidingWindow, ...change } });
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 3, failedCalls: 1 } });
    circuit.fail();
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason });
  });

  test('a window whose options stay is kept, and goes by the new threshold', () => {
    const counted = { ...slidingWindow, failureRateThreshold: null, failureThresholdCounts: 'window' } as const;
    const circuit = new Circuit({ slidingWindow: counted });
    circuit.fail(2);
    circuit.breaker.reconfigure({ failureThreshold: 2, slidingWindow: { ...counted } });
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 2 } });
    circuit.fail();
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'failures_in_window' });
  });

  test.each([
    ['another', { ...slidingWindow, slowCallDurationMs: 160 }, { ...slidingWindow, slowCallDurationMs: 80 }],
    ['its first', false, { ...slidingWindow, slowCallDurationMs: 80 }],
    ['no', { ...slidingWindow, slowCallDurationMs: 160 }, false],
  ] as const)('calls in flight while a circuit gets %s window are in the statistics alone', (_, before, after) => {
    const circuit = new Circuit({ slidingWindow: before });
    circuit.clock.jump(50);
    const permits = [1, 2, 3, 4].map(() => circuit.permit());
    circuit.breaker.reconfigure({ slidingWindow: after });
    circuit.clock.jump(50);
    for (const permit of permits) circuit.exit(permit, 'failure', 50);
    const { window, ...rest } = circuit.breaker.snapshot();
    expect(rest).toMatchObject({ state: 'closed', failureCount: 0, stats: { failedRequests: 4 } });
    if (after === false) expect(window).toBeNull();
    else expect(window).toMatchObject({ calls: 0, slowCallsInFlight: 0 });
    circuit.permit();
    circuit.clock.jump(100);
    if (after !== false) expect(circuit.breaker.snapshot().window?.slowCallsInFlight).toBe(1);
  });

  test('an open circuit that gets a window stays open, and measures once it closes', () => {
    const circuit = new Circuit().trip();
    circuit.breaker.reconfigure({ slidingWindow });
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    circuit.fail(4);
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'failure_rate', window: { calls: 4 } });
  });

  test('openings in a row count on under another backoff, and are forgotten without one', () => {
    const reopenBackoff = { multiplier: 2, jitter: 0 };
    const circuit = new Circuit({ reopenBackoff }).tripAndWait();
    circuit.breaker.reconfigure({ reopenBackoff: { ...reopenBackoff, multiplier: 10 } });
    circuit.fail();
    expect(circuit.breaker.retryAfterMs()).toBe(10 * RECOVERY_MS);
    circuit.breaker.reconfigure({ reopenBackoff: false });
    expect(circuit.breaker.snapshot()).toMatchObject({ openingsInARow: 0, timeUntilRetryMs: 10 * RECOVERY_MS });
    circuit.clock.jump(10 * RECOVERY_MS);
    circuit.fail();
    expect(circuit.breaker.retryAfterMs()).toBe(RECOVERY_MS);
  });

  test('a backoff that comes later has jitter of its own, drawn once', () => {
    let draws = 0;
    const random = (): number => {
      draws++;
      return 0.3;
    };
    const circuit = new Circuit({ random });
    expect(draws).toBe(0);
    for (const multiplier of [2, 3]) circuit.breaker.reconfigure({ reopenBackoff: { multiplier, jitter: 0.5 } });
    expect(draws).toBe(1);
    circuit.trip();
    expect(circuit.breaker.retryAfterMs()).toBeGreaterThan(RECOVERY_MS);
  });

  test('a circuit that ramps up goes on under the new ramp, and lets all in without one', () => {
    const circuit = new Circuit({ ramp: { durationMs: 1_000, initialShare: 0 } }).tripAndWait();
    circuit.succeed(2);
    circuit.clock.jump(250);
    circuit.breaker.reconfigure({ ramp: { durationMs: 500, initialShare: 0 } });
    expect(circuit.breaker.snapshot().rampShare).toBe(0.5);
    circuit.breaker.reconfigure({ ramp: false });
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
    circuit.breaker.reconfigure({ ramp: { durationMs: 60_000, initialShare: 0 } });
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
    circuit.succeed(9);
    expect(circuit.breaker.snapshot().stats.rejectedRequests).toBe(0);
  });

  test('what is not given stays', () => {
    const circuit = new Circuit({ slidingWindow, ramp: {}, reopenBackoff: {} });
    const { options } = circuit.breaker;
    circuit.breaker.reconfigure({ slidingWindow: undefined, halfOpenMaxCalls: 7 });
    expect(circuit.breaker.options).toEqual({ ...options, halfOpenMaxCalls: 7 });
  });

  test('refuses a window that contradicts a threshold, and keeps what it had', () => {
    const circuit = new Circuit({ slidingWindow: { ...slidingWindow, failureThresholdCounts: 'window' } });
    circuit.fail();
    expect(() => circuit.breaker.reconfigure({ failureThreshold: 5 })).toThrow(/at most slidingWindow\.size, which is 4/);
    expect(circuit.breaker.snapshot()).toMatchObject({ window: { calls: 1 } });
  });

  test('a circuit that follows another one measures anew under its own window', () => {
    const old = new Circuit({ slidingWindow, reopenBackoff: { jitter: 0 } });
    old.fail(3);
    const given = { ...BREAKER_DEFAULTS, slidingWindow };
    const next = new BreakerRegistry({ clock: old.clock }).obtain('billing/new', 'billing', given, old.clock, old.breaker);
    for (let n = 0; n < 4; n++) {
      expect(next.snapshot()).toMatchObject({ state: 'closed', window: { calls: n } });
      next.exit(next.enter(old.clock.now()), 'failure', old.clock.now());
    }
    expect(next.snapshot()).toMatchObject({ state: 'open', openingsInARow: 0 });
  });
});

describe('a registry whose circuits are reconfigured', () => {
  const clock = new FakeClock();
  const options = (given: Partial<BreakerOptions>): BreakerOptions => ({ ...BREAKER_DEFAULTS, ...given });

  test('finds a circuit by what holds now, and never gives two circuits one name', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({ failureThreshold: 1 }));
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    two.reconfigure({ failureThreshold: 9 });
    expect(registry.obtain('ghl', 'ghl', options({ failureThreshold: 9 }))).toBe(two);
    const other = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    expect(other).not.toBe(two);
    expect(other.name).toBe(`${two.name}~2`);
    other.reconfigure({ failureThreshold: 8 });
    const third = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    expect(third.name).toBe(`${two.name}~3`);
    expect(registry.list()).toEqual([one, two, other, third]);
  });

  test('keeps a caller on its circuit where two have become alike', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({}));
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    two.reconfigure(options({}));
    expect(registry.obtain('ghl', 'ghl', options({}), clock, two)).toBe(two);
    expect(registry.obtain('ghl', 'ghl', options({}), clock)).toBe(one);
  });

  test('a caller whose thresholds have changed leaves its circuit to the others, and takes its state along', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    one.exit(one.enter(clock.now()), 'failure', clock.now());
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 3 }), clock, one);
    expect(two).not.toBe(one);
    expect([one.failureCount, two.failureCount]).toEqual([1, 1]);
    const elsewhere = new BreakerRegistry({ clock }).obtain('ghl', 'ghl', options({ failureThreshold: 3 }), clock, two);
    expect(elsewhere, 'nor is that of another registry kept').not.toBe(two);
  });

  test.each([
    ['closed', (circuit: Circuit) => circuit.fail(2), { state: 'closed', failureCount: 2 }],
    ['open', (circuit: Circuit) => circuit.trip(), { state: 'open', timeUntilRetryMs: RECOVERY_MS }],
    ['half-open', (circuit: Circuit) => circuit.tripAndWait().permit(), { state: 'half_open', failureCount: 0 }],
    ['forced', (circuit: Circuit) => circuit.breaker.forceOpen(), { state: 'open', forced: 'open' }],
    ['off', (circuit: Circuit) => circuit.breaker.reconfigure({ enabled: false }), { state: 'closed', forced: null }],
  ])('a circuit that follows another one continues its state: %s', (_, act, expected) => {
    const old = new Circuit();
    act(old);
    const registry = new BreakerRegistry({ clock: old.clock });
    const next = registry.obtain('billing/new', 'billing', options({}), old.clock, old.breaker);
    expect(next.snapshot()).toMatchObject(expected);
    expect(next.snapshot().stats.totalRequests).toBe(0);
    if (expected.state === 'half_open') expect(next.enter(old.clock.now())).not.toBe(REFUSED);
  });

  test('one that is switched off does not go on being open', () => {
    const old = new Circuit().trip();
    const next = new BreakerRegistry().obtain('x', 'x', options({ enabled: false }), old.clock, old.breaker);
    expect(next.state).toBe('closed');
  });
});
