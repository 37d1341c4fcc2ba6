import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { glanceAt } from '../../../../runtime/policies/circuit-breaker/glance.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

const slidingWindow = { size: 4, minimumCalls: 4 };

describe('a snapshot', () => {
  test('a new circuit: nothing happened, and the rates say so without dividing by zero', () => {
    expect(new Circuit().breaker.snapshot()).toEqual({
      name: 'billing',
      service: 'billing',
      state: 'closed',
      forced: null,
      failureCount: 0,
      successCount: 0,
      successRate: 1,
      errorRate: 0,
      timeUntilRetryMs: null,
      inStateMs: 0,
      blockedBy: null,
      downMs: null,
      window: null,
      rampShare: 1,
      openingsInARow: 0,
      stats: {
        totalRequests: 0,
        successfulRequests: 0,
        failedRequests: 0,
        timeoutRequests: 0,
        rejectedRequests: 0,
        rampRejectedRequests: 0,
        ignoredRequests: 0,
        releasedRequests: 0,
        circuitOpens: 0,
        stateChanges: 0,
        fallbackCalls: 0,
        consecutiveFailures: 0,
        consecutiveSuccesses: 0,
        avgResponseTimeMs: 0,
        latency: null,
        lastFailureTime: null,
        lastSuccessTime: null,
      },
    });
  });

  test('call measures its own duration; the wall clock may step without harm', async () => {
    const circuit = new Circuit();
    await circuit.breaker.call(async () => {
      circuit.clock.jump(250);
      circuit.clock.stepWall(-3_600_000);
    });
    await expect(
      circuit.breaker.call(() => {
        circuit.clock.jump(750);
        throw new Error('x');
      }),
    ).rejects.toThrow('x');
    expect(circuit.breaker.snapshot().stats.avgResponseTimeMs).toBe(500);
  });

  test('latency: percentiles of what succeeded and failed in the last minutes, of calls and permits', async () => {
    const circuit = new Circuit({ failureThreshold: 1_000 });
    const { breaker, clock } = circuit;
    for (let ms = 1; ms <= 90; ms++) circuit.exit(circuit.permit(), ms % 2 === 0 ? 'success' : 'failure', ms);
    for (const outcome of ['ignored', 'released'] as const) circuit.exit(circuit.permit(), outcome, 1e6);
    for (let ms = 91; ms <= 99; ms++) await breaker.call(() => clock.jump(ms));
    const permit = breaker.acquire();
    clock.jump(100);
    permit.success();
    const { latency } = breaker.snapshot().stats;
    for (const [found, wanted] of [
      [latency?.p50Ms, 50],
      [latency?.p95Ms, 95],
      [latency?.p99Ms, 99],
    ] as const)
      expect(Math.abs((found ?? Number.NaN) / wanted - 1)).toBeLessThan(0.05);
    clock.jump(600_000);
    expect(breaker.snapshot().stats).toMatchObject({ latency: null, successfulRequests: 55 });
  });

  test('how long it has been down: from the first opening to the closing, probes included', () => {
    const circuit = new Circuit().trip();
    circuit.clock.jump(RECOVERY_MS + 500);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'half_open', downMs: RECOVERY_MS + 500, inStateMs: 500 });
    circuit.fail();
    circuit.clock.jump(10);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', downMs: RECOVERY_MS + 510, inStateMs: 10 });
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', downMs: null });
    circuit.trip();
    circuit.clock.jump(40);
    expect(circuit.breaker.snapshot().downMs, 'counted from this opening').toBe(40);
  });

  test('JSON and the defaults of a circuit that is given nothing', () => {
    const breaker = new CircuitBreaker({ clock: new FakeClock() });
    expect(JSON.parse(JSON.stringify(breaker))).toMatchObject({ name: 'default', service: 'default', state: 'closed' });
    expect(breaker.options).toEqual({
      enabled: true,
      failureThreshold: 5,
      successThreshold: 3,
      recoveryTimeoutMs: 60_000,
      halfOpenMaxCalls: 2,
    });
  });

  test('a permit taken and never given back leaves a closed circuit as it was', () => {
    const circuit = new Circuit();
    for (let at = 0; at < 1_000; at++) circuit.permit();
    circuit.clock.jump(1e9);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', successRate: 1 });
    circuit.trip();
    expect(circuit.breaker.state).toBe('open');
  });
});

describe('a circuit at a glance', () => {
  test('closed, open, and ready to probe', () => {
    const circuit = new Circuit({ slidingWindow: { ...slidingWindow, failureThresholdCounts: 'consecutive' } });
    const { breaker, clock } = circuit;
    const glance = () => glanceAt(breaker, clock.now());
    clock.jump(10);
    expect(glance()).toEqual({ state: 'closed', forced: false, inStateMs: 10, downMs: 0, retryAfterMs: 0, window: expect.anything() });
    circuit.trip();
    clock.jump(100);
    expect(glance()).toMatchObject({ state: 'open', inStateMs: 100, downMs: 100, retryAfterMs: 900, window: { calls: 3 } });
    clock.jump(1_000);
    expect(glance()).toMatchObject({ state: 'half_open', inStateMs: 100, downMs: 1_100, retryAfterMs: 0 });
  });

  test('held by hand, and off by its options, which is not by hand; no window where it has none', () => {
    const { breaker, clock } = new Circuit();
    expect(glanceAt(breaker, clock.now())).toEqual({
      state: 'closed',
      forced: false,
      inStateMs: 0,
      downMs: 0,
      retryAfterMs: 0,
      window: undefined,
    });
    breaker.forceOpen();
    expect(glanceAt(breaker, clock.now())).toMatchObject({ state: 'open', forced: true, retryAfterMs: Number.POSITIVE_INFINITY });
    const off = new Circuit({ enabled: false });
    off.breaker.reconfigure({ slidingWindow });
    expect(glanceAt(off.breaker, off.clock.now())).toMatchObject({ state: 'closed', forced: false, window: { calls: 0 } });
  });
});
