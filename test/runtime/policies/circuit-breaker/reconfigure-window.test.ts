import { describe, expect, test } from 'vitest';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

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
