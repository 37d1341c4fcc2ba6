import { describe, expect, test } from 'vitest';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('what a circuit counts', () => {
  test('each outcome has its own counter', () => {
    const circuit = new Circuit({ failureThreshold: 4, service: 'money' });
    const call = (outcome: 'success' | 'failure' | 'ignored' | 'released', durationMs = 0, timedOut = false): void =>
      circuit.exit(circuit.permit(), outcome, durationMs, timedOut);
    call('success', 100);
    call('success', 200);
    circuit.clock.jump(1_000);
    call('failure', 300);
    call('failure', 1_000, true);
    call('ignored', 99_999);
    call('released', 99_999, true);
    circuit.clock.jump(1_000);
    circuit.breaker.countFallback();
    expect(circuit.breaker.snapshot()).toMatchObject({ service: 'money', successRate: 0.5, errorRate: 0.5, failureCount: 2 });
    expect(circuit.breaker.snapshot().stats).toEqual({
      totalRequests: 6,
      successfulRequests: 2,
      failedRequests: 2,
      timeoutRequests: 1,
      rejectedRequests: 0,
      rampRejectedRequests: 0,
      ignoredRequests: 1,
      releasedRequests: 1,
      circuitOpens: 0,
      stateChanges: 0,
      fallbackCalls: 1,
      consecutiveFailures: 2,
      consecutiveSuccesses: 0,
      avgResponseTimeMs: 400,
      latency: { p50Ms: expect.closeTo(200, -1), p95Ms: expect.closeTo(1_000, -2), p99Ms: expect.closeTo(1_000, -2) },
      lastFailureTime: '2026-01-01T00:00:01.000Z',
      lastSuccessTime: '2026-01-01T00:00:00.000Z',
    });
  });

  test('openings, changes of state, refusals and the run of successes', () => {
    const circuit = new Circuit().trip();
    circuit.enter();
    circuit.enter();
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    expect(circuit.breaker.snapshot().stats).toMatchObject({
      totalRequests: 7,
      rejectedRequests: 2,
      circuitOpens: 1,
      stateChanges: 3,
      consecutiveSuccesses: 2,
      consecutiveFailures: 0,
    });
  });

  test('the statistics stay at reset', () => {
    const circuit = new Circuit().trip();
    circuit.breaker.reset();
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', failureCount: 0 });
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 3, circuitOpens: 1, stateChanges: 2 });
  });
});

test('a failure is no timeout unless it is said to be one', () => {
  const { breaker, clock } = new Circuit();
  breaker.exit(breaker.enter(clock.now()), 'failure', clock.now());
  expect(breaker.snapshot().stats).toMatchObject({ failedRequests: 1, timeoutRequests: 0 });
});

test('calls under way are those let in that have not ended, however the others did', () => {
  const { breaker, clock } = new Circuit({ failureThreshold: 100 });
  const permits = Array.from({ length: 10 }, () => breaker.enter(clock.now()));
  expect(breaker.counters.underWay).toBe(10);
  for (const [at, outcome] of (['success', 'failure', 'failure', 'ignored', 'released'] as const).entries())
    breaker.exit(permits[at] ?? 0, outcome, clock.now());
  breaker.forceOpen();
  for (let n = 0; n < 3; n++) breaker.enter(clock.now());
  expect(breaker.counters.underWay).toBe(5);
});
