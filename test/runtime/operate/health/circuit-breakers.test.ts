import { BreakerRegistry } from 'fuseline';
import { circuitBreakersReport } from 'fuseline/health';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';

let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 1, 15, 11, 59, 57, 300));
  registry = new BreakerRegistry({ clock });
});

const report = () => circuitBreakersReport(registry, clock);

/** Attempts of one duration that ended now. */
function record(circuit: CircuitBreaker, outcome: 'success' | 'failure', times: number, durationMs = 0, timedOut = false): void {
  for (let at = 0; at < times; at++) circuit.exit(circuit.enter(clock.now()), outcome, clock.now(), durationMs, timedOut);
}

describe('the report', () => {
  // The guide's example. Its one contradiction is left out: failures without a last one.
  test('is the guide’s, to the letter', () => {
    const ghl = registry.obtain('ghl', 'ghl', {});
    record(ghl, 'failure', 3, 145.2);
    record(ghl, 'success', 8_540, 145.2);
    const others = ['retell', 'sendgrid', 'lyrio'].map((name) => registry.obtain(name, name, {}));
    for (const [at, circuit] of others.entries()) {
      record(circuit, 'failure', 3);
      record(circuit, 'success', [2_000, 2_000, 2_682][at] ?? 0);
    }
    clock.jump(1_000);
    const last = clock.wallNow();
    record(ghl, 'success', 0);
    clock.jump(1_700);
    expect(last).toBe(Date.UTC(2026, 1, 15, 11, 59, 58, 300));

    const { circuit_breakers: circuits, ...rest } = JSON.parse(JSON.stringify(report())) as ReturnType<typeof report>;
    expect(rest).toEqual({
      overall_status: 'healthy',
      timestamp: '2026-02-15T12:00:00Z',
      summary: {
        total_circuit_breakers: 4,
        states: { CLOSED: 4, OPEN: 0, HALF_OPEN: 0 },
        total_requests: 15_234,
        total_failures: 12,
        success_rate: 99.92,
      },
      recommendations: [{ service: 'all', severity: 'info', message: 'All circuit breakers are healthy', action: 'No action required' }],
    });
    expect(circuits['ghl']).toEqual({
      name: 'ghl',
      state: 'closed',
      failure_count: 0,
      success_count: 0,
      success_rate: 1.0,
      stats: {
        total_requests: 8_543,
        successful_requests: 8_540,
        failed_requests: 3,
        timeout_requests: 0,
        circuit_opens: 0,
        fallback_calls: 0,
        sign_in_failures: 0,
        avg_response_time_ms: 145.2,
        last_failure_time: '2026-02-15T11:59:57Z',
        last_success_time: '2026-02-15T11:59:57Z',
      },
    });
  });

  test('has the keys in the guide’s order', () => {
    registry.obtain('ghl', 'ghl', {});
    const made = report();
    expect(Object.keys(made)).toEqual(['overall_status', 'timestamp', 'summary', 'circuit_breakers', 'recommendations']);
    expect(Object.keys(made.circuit_breakers['ghl'] ?? {})).toEqual([
      'name',
      'state',
      'failure_count',
      'success_count',
      'success_rate',
      'stats',
    ]);
  });

  test('counts what happens: failures, timeouts, openings, fallbacks, probes', () => {
    const ghl = registry.obtain('ghl', 'ghl', { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 30_000 });
    registry.obtain('retell', 'retell', {});
    record(ghl, 'success', 1, 40);
    record(ghl, 'failure', 2, 60, true);
    expect(report().circuit_breakers['ghl']).toMatchObject({ state: 'closed', failure_count: 2, success_rate: 0.333 });
    record(ghl, 'failure', 1, 60);
    ghl.enter(clock.now());
    ghl.countFallback();
    expect(report()).toMatchObject({
      overall_status: 'degraded',
      summary: { states: { CLOSED: 1, OPEN: 1, HALF_OPEN: 0 }, total_requests: 5, total_failures: 3, success_rate: 25 },
      circuit_breakers: {
        ghl: {
          state: 'open',
          failure_count: 3,
          success_rate: 0.25,
          stats: { timeout_requests: 2, circuit_opens: 1, fallback_calls: 1, avg_response_time_ms: 55 },
        },
      },
    });
    clock.jump(30_000);
    record(ghl, 'success', 1);
    expect(report()).toMatchObject({
      overall_status: 'recovering',
      summary: { states: { HALF_OPEN: 1 } },
      circuit_breakers: { ghl: { state: 'half_open', success_count: 1 } },
    });
    registry.obtain('retell', 'retell', {}).forceOpen();
    ghl.forceOpen();
    expect(report().overall_status).toBe('critical');
  });

  test('is whole where a name is one of an object’s own', () => {
    for (const name of ['__proto__', 'constructor', 'a"b\n']) registry.obtain(name, name, {});
    const names = Object.keys((JSON.parse(JSON.stringify(report())) as { circuit_breakers: object }).circuit_breakers);
    expect(names).toEqual(['__proto__', 'constructor', 'a"b\n']);
  });

  test('without circuits it is healthy, and says why nothing is there', () => {
    expect(report()).toMatchObject({
      overall_status: 'healthy',
      summary: { total_circuit_breakers: 0, success_rate: 100 },
      circuit_breakers: {},
      recommendations: [{ service: 'all', severity: 'info', message: expect.stringContaining('first call') }],
    });
  });
});
