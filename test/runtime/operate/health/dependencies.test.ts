import { BreakerRegistry } from 'fuseline';
import { dependenciesReport } from 'fuseline/health';
import { HealthMonitor } from 'fuseline/monitor';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';

let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 1, 15, 12));
  registry = new BreakerRegistry({ clock });
});

const circuit = (name: string, service = name) =>
  registry.obtain(name, service, { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000 });
const report = (monitor?: HealthMonitor) => dependenciesReport({ registry, clock, monitor });

function record(one: CircuitBreaker, outcome: 'success' | 'failure', times: number, durationMs = 0): void {
  for (let at = 0; at < times; at++) one.exit(one.enter(clock.now()), outcome, clock.now(), durationMs);
}

describe('the report', () => {
  test('tells of each circuit of a service: since when, what it refused, how long it takes', () => {
    const ghl = circuit('ghl');
    record(ghl, 'success', 97, 20);
    record(ghl, 'failure', 3, 500);
    clock.jump(12_300);
    ghl.enter(clock.now());
    ghl.countFallback();
    expect(report()).toEqual({
      status: 'critical',
      timestamp: '2026-02-15T12:00:12Z',
      dependencies: {
        ghl: {
          status: 'critical',
          check: null,
          sign_in: null,
          circuits: {
            ghl: {
              state: 'open',
              since: '2026-02-15T12:00:00Z',
              forced: null,
              blocked_by: null,
              retry_after_seconds: 48,
              error_rate: 0.03,
              latency_ms: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
              rejected_requests: 1,
              fallback_calls: 1,
              sign_in_failures: 0,
              last_failure_time: '2026-02-15T12:00:00Z',
              last_success_time: '2026-02-15T12:00:00Z',
            },
          },
        },
      },
    });
    const { p50, p95, p99 } = report().dependencies['ghl']?.circuits['ghl']?.latency_ms ?? { p50: 0, p95: 0, p99: 0 };
    expect([p50 / 20, p95 / 20, p99 / 500].map((ratio) => Math.abs(ratio - 1) < 0.05)).toEqual([true, true, true]);
  });

  test('a service is as its circuits are together, and all as the services are', () => {
    const eu = circuit('ghl@eu', 'ghl');
    const us = circuit('ghl@us', 'ghl');
    circuit('retell');
    const statuses = () => [report().status, report().dependencies['ghl']?.status, report().dependencies['retell']?.status];
    expect(statuses()).toEqual(['healthy', 'healthy', 'healthy']);
    record(eu, 'failure', 3);
    expect(statuses()).toEqual(['degraded', 'degraded', 'healthy']);
    us.forceOpen();
    expect(statuses()).toEqual(['degraded', 'critical', 'healthy']);
    expect(report().dependencies['ghl']?.circuits['ghl@us']).toMatchObject({ forced: 'open', retry_after_seconds: null });
    us.reset();
    clock.jump(60_000);
    expect(statuses()).toEqual(['recovering', 'recovering', 'healthy']);
  });

  test('a circuit that follows an open one refuses calls, and is no better', () => {
    registry.follow('billing', ['auth']);
    circuit('billing');
    record(circuit('auth'), 'failure', 3);
    expect(report()).toMatchObject({
      status: 'critical',
      dependencies: {
        billing: { status: 'critical', circuits: { billing: { state: 'closed', blocked_by: 'auth', retry_after_seconds: 60 } } },
      },
    });
  });

  test('shows what a monitor last found, and makes it check nothing', async () => {
    const check = vi.fn(() => false);
    const monitor = new HealthMonitor({ checks: { ghl: check, rates: () => true }, clock, env: {} });
    circuit('ghl');
    expect(report(monitor).dependencies).toMatchObject({ ghl: { status: 'healthy', check: null }, rates: { circuits: {} } });
    expect(check).not.toHaveBeenCalled();
    await monitor.checkAll();
    expect(report(monitor)).toMatchObject({
      status: 'degraded',
      dependencies: {
        ghl: { status: 'degraded', check: { healthy: false, cause: 'unhealthy', last_checked_at: '2026-02-15T12:00:00Z' } },
        rates: { status: 'healthy', check: { healthy: true, cause: null } },
      },
    });
    circuit('ghl').forceOpen();
    expect(report(monitor).dependencies['ghl']?.status).toBe('critical');
    expect(check).toHaveBeenCalledOnce();
  });

  test('nothing yet is healthy', () => {
    expect(report()).toEqual({ status: 'healthy', timestamp: '2026-02-15T12:00:00Z', dependencies: {} });
  });
});
