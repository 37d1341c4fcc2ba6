import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../../runtime/policies/circuit-breaker/breaker.js';
import type { SlidingWindowOptions } from '../../../../../runtime/policies/circuit-breaker/window/options.js';
import { Circuit, RECOVERY_MS } from '../circuit.js';

const windowed = (slidingWindow: SlidingWindowOptions, more: object = {}): Circuit =>
  new Circuit({ slidingWindow: { size: 10, minimumCalls: 4, ...slidingWindow }, ...more });
const reason = (circuit: Circuit): unknown => circuit.events.find(({ type }) => type === 'circuit_opened');

function run(circuit: Circuit, outcomes: string, durationMs = 0): void {
  const of = { s: 'success', f: 'failure', i: 'ignored', r: 'released' } as const;
  for (const letter of outcomes) circuit.exit(circuit.permit(), of[letter as keyof typeof of], durationMs);
}

describe('failure rate', () => {
  test('opens at the rate, not below it, and not before the minimum of calls', () => {
    const circuit = windowed({});
    run(circuit, 'ffs');
    expect(circuit.breaker.state).toBe('closed');
    run(circuit, 's');
    expect(circuit.breaker.state).toBe('open');
    expect(reason(circuit)).toMatchObject({ reason: 'failure_rate', window: { calls: 4, failedCalls: 2, failureRate: 0.5 } });
    const below = windowed({ failureRateThreshold: 0.51 });
    run(below, 'ffss');
    expect(below.breaker.state).toBe('closed');
  });

  test('7 of 100 is 0.07', () => {
    const circuit = windowed({ size: 100, minimumCalls: 100, failureRateThreshold: 0.07 });
    run(circuit, `${'s'.repeat(93)}ffffff`);
    expect(circuit.breaker.state).toBe('closed');
    run(circuit, 'f');
    expect(circuit.breaker.state).toBe('open');
  });

  test('consecutive failures alone do not open it, unless they are meant to', () => {
    const circuit = windowed({ minimumCalls: 10, size: 20 });
    run(circuit, 'fffffffff');
    expect(circuit.breaker.state).toBe('closed');
    const both = windowed({ minimumCalls: 10, size: 20, failureThresholdCounts: 'consecutive' });
    run(both, 'ffsff');
    expect(both.breaker.state).toBe('closed');
    run(both, 'f');
    expect(reason(both)).toMatchObject({ reason: 'consecutive_failures', failureCount: 3 });
  });

  test('so many failures anywhere in the window, whatever the minimum', () => {
    const circuit = windowed({ size: 6, minimumCalls: 6, failureRateThreshold: null, failureThresholdCounts: 'window' });
    run(circuit, 'fsssfsss');
    expect(circuit.breaker.state).toBe('closed');
    run(circuit, 'sfsfsf');
    expect(reason(circuit)).toMatchObject({ reason: 'failures_in_window' });
    expect(circuit.breaker.state).toBe('open');
  });

  test('a time window forgets', () => {
    const circuit = windowed({ type: 'time', durationMs: 1_000, slots: 10 });
    run(circuit, 'fff');
    circuit.clock.jump(1_000);
    run(circuit, 'sssf');
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.snapshot().window).toMatchObject({ type: 'time', calls: 4, failedCalls: 1, failureRate: 0.25 });
    circuit.clock.jump(1_000);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 0, failureRate: null });
  });

  test('a time window that forgets successes opens nothing by itself: the next result does', () => {
    const circuit = windowed({ type: 'time', durationMs: 1_000, slots: 10, slowCallDurationMs: 100 });
    run(circuit, 'sssss');
    circuit.clock.jump(900);
    run(circuit, 'ffff');
    circuit.clock.jump(100);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 4, failureRate: 1 });
    const permit = circuit.permit();
    expect(circuit.breaker.state).toBe('closed');
    circuit.exit(permit, 'success');
    expect(reason(circuit)).toMatchObject({ reason: 'failure_rate', window: { calls: 5, failedCalls: 4 } });
  });

  test('A20 refused, ignored, released and unfinished calls are in no denominator', () => {
    const circuit = windowed({ minimumCalls: 10 });
    for (let at = 0; at < 20; at++) circuit.permit();
    run(circuit, 'irirfffffssssirir');
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 9, failedCalls: 5, failureRate: null });
    run(circuit, 's');
    expect(circuit.breaker.state).toBe('open');
    for (let at = 0; at < 20; at++) expect(circuit.enter()).toBe(REFUSED);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 10, failureRate: 0.5 });
  });
});

describe('slow calls', () => {
  const slow = { slowCallDurationMs: 100, failureRateThreshold: null } as const;

  test('A22 slow and failed are two rates', () => {
    const circuit = windowed({ ...slow, failureRateThreshold: 0.5 });
    run(circuit, 'sss');
    run(circuit, 's', 100);
    run(circuit, 'f');
    expect(circuit.breaker.snapshot().window).toMatchObject({ failureRate: 0.2, slowCallRate: 0.2, failureOrSlowRate: 0.4 });
    expect(circuit.breaker.state).toBe('closed');
    run(circuit, 'ss', 100);
    expect(circuit.breaker.state).toBe('closed');
    run(circuit, 's', 100);
    expect(reason(circuit)).toMatchObject({ reason: 'slow_call_rate', window: { slowCalls: 4, failedCalls: 1 } });
  });

  test('A22 and their union is a third: a call that is both counts once', () => {
    const union = { ...slow, slowCallRateThreshold: null, failureOrSlowRateThreshold: 0.5 };
    const both = windowed(union);
    run(both, 'sss');
    run(both, 'ff', 100);
    expect(both.breaker.state).toBe('closed');
    expect(both.breaker.snapshot().window).toMatchObject({ failureOrSlowRate: 0.4 });
    const apart = windowed(union);
    run(apart, 'ss');
    run(apart, 'f');
    run(apart, 's', 100);
    expect(reason(apart)).toMatchObject({ reason: 'failure_or_slow_rate' });
  });

  test('where nothing says what slow is, no call is, and there is no such rate', () => {
    const circuit = windowed({ failureRateThreshold: null, failureOrSlowRateThreshold: 1, slowCallRateThreshold: 0.01 });
    run(circuit, 'sssss', 1e9);
    expect(circuit.breaker.snapshot()).toMatchObject({
      state: 'closed',
      window: { slowCalls: 0, slowCallRate: null, failureOrSlowRate: 0 },
    });
  });

  test('A21 A22 calls that hang count in the union, too', () => {
    const circuit = windowed({ ...slow, slowCallRateThreshold: null, failureOrSlowRateThreshold: 0.5 });
    const hanging = [circuit.permit(), circuit.permit()];
    run(circuit, 'ss');
    circuit.clock.jump(110);
    expect(circuit.breaker.snapshot().window).toMatchObject({ slowCallsInFlight: 2, slowCallRate: 0.5, failureOrSlowRate: 0.5 });
    expect(circuit.enter()).toBe(REFUSED);
    expect(reason(circuit)).toMatchObject({ reason: 'failure_or_slow_rate', window: { calls: 2, slowCallsInFlight: 2 } });
    for (const permit of hanging) circuit.exit(permit, 'released');
  });

  test('a call just below the threshold is not slow', () => {
    const circuit = windowed(slow);
    run(circuit, 'ssssssssss', 99.9);
    expect(circuit.breaker.snapshot().window).toMatchObject({ slowCalls: 0, slowCallRate: 0 });
  });

  test('A21 calls that still run past the threshold count, and open the circuit although none ends', () => {
    const circuit = windowed(slow);
    const hanging = [circuit.permit(), circuit.permit(), circuit.permit(), circuit.permit()];
    circuit.clock.jump(99);
    circuit.exit(circuit.permit(), 'success');
    expect(circuit.breaker.snapshot().window).toMatchObject({ slowCallsInFlight: 0 });
    circuit.clock.jump(15);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 1, slowCallsInFlight: 4, slowCallRate: 0.8 });
    expect(circuit.enter()).toBe(REFUSED);
    expect(reason(circuit)).toMatchObject({ reason: 'slow_call_rate', failureCount: 0, window: { slowCallsInFlight: 4 } });
    // What they come to is of the period before.
    for (const permit of hanging) circuit.exit(permit, 'success', 114);
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0, slowCallsInFlight: 0 } });
  });

  test('A21 a call that hung and ends counts once, as slow; one that is released leaves nothing', () => {
    const circuit = windowed({ ...slow, minimumCalls: 10 });
    const [first, second] = [circuit.permit(), circuit.permit()];
    circuit.clock.jump(200);
    expect(circuit.breaker.snapshot().window).toMatchObject({ slowCallsInFlight: 2 });
    circuit.exit(first, 'success', 200);
    circuit.exit(second, 'released', 200);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 1, slowCalls: 1, slowCallsInFlight: 0 });
  });

  test('A21 fewer than the minimum that hang open nothing', () => {
    const circuit = windowed(slow);
    for (let at = 0; at < 3; at++) circuit.permit();
    circuit.clock.jump(1_000);
    expect(circuit.enter()).not.toBe(REFUSED);
  });

  test('A41 a listener that resets the circuit while it opens for calls that hang: the call is let in, and counted right', () => {
    const circuit = windowed(slow);
    circuit.breaker.subscribe(({ type }) => {
      if (type === 'circuit_opened') circuit.breaker.reset();
    });
    for (let at = 0; at < 4; at++) circuit.permit();
    circuit.clock.jump(200);
    const permit = circuit.permit();
    expect(circuit.types).toEqual(['circuit_opened', 'circuit_closed']);
    circuit.clock.jump(200);
    expect(circuit.breaker.snapshot().window).toMatchObject({ slowCallsInFlight: 1 });
    circuit.exit(permit, 'success', 200);
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 1, slowCalls: 1, slowCallsInFlight: 0 });
  });
});

describe('periods', () => {
  test('A13 neither the minimum nor the rate holds while half-open: one failed probe reopens, few places do not deadlock', () => {
    const circuit = windowed({ size: 100, minimumCalls: 50 }, { halfOpenMaxCalls: 1 });
    run(circuit, 'f'.repeat(50));
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    run(circuit, 'f');
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    run(circuit, 'ss');
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A5 A16 a new period begins with an empty window, after a recovery and after every force', () => {
    const circuit = windowed({});
    const late = circuit.permit();
    run(circuit, 'ffff');
    circuit.clock.jump(RECOVERY_MS);
    run(circuit, 'ss');
    circuit.exit(late, 'failure');
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 0 });
    for (const force of ['reset', 'metricsOnly', 'forceClosed'] as const) {
      circuit.breaker.reset();
      run(circuit, 'fff');
      circuit.breaker[force]();
      expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 0, failedCalls: 0 });
    }
    run(circuit, 'ffff');
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', window: { calls: 0 } });
  });

  test('metricsOnly keeps measuring and opens nothing', () => {
    const circuit = windowed({ slowCallDurationMs: 100 });
    circuit.breaker.metricsOnly();
    run(circuit, 'ffff', 200);
    circuit.permit();
    circuit.clock.jump(500);
    circuit.permit();
    expect(circuit.breaker.snapshot()).toMatchObject({
      state: 'closed',
      window: { calls: 4, failureRate: 1, slowCallsInFlight: 1, slowCallRate: 1 },
    });
  });

  test('a late result of a measured period frees no probe', () => {
    const circuit = windowed({ slowCallDurationMs: 100 }, { halfOpenMaxCalls: 1, successThreshold: 1 });
    circuit.clock.jump(77);
    const late = circuit.permit();
    run(circuit, 'ffff');
    circuit.clock.jump(RECOVERY_MS);
    circuit.permit();
    circuit.exit(late, 'success');
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.enter()).toBe(REFUSED);
  });

  test('100,000 calls keep no timer and cost no memory but the ring', () => {
    const circuit = windowed({ size: 1_000, minimumCalls: 1_000, slowCallDurationMs: 50 });
    run(circuit, 'sssssssssf'.repeat(10_000));
    expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 1_000, failedCalls: 100, failureRate: 0.1 });
    expect(circuit.clock.pendingTimers).toBe(0);
  });
});
