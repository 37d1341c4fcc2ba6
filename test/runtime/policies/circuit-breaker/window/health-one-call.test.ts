import { describe, expect, test } from 'vitest';
import { HealthWindow } from '../../../../../runtime/policies/circuit-breaker/window/health.js';
import { type SlidingWindowOptions, windowOptions } from '../../../../../runtime/policies/circuit-breaker/window/options.js';

describe('R16 one call alone opens nothing', () => {
  const health = (options: SlidingWindowOptions, failureThreshold = 5): HealthWindow =>
    new HealthWindow(windowOptions({ size: 10, ...options }, failureThreshold), failureThreshold);
  const fails = (window: HealthWindow, callNumber: number): unknown => window.exit(window.enter(0), 'failure', 0, 0, { callNumber });
  const succeeds = (window: HealthWindow, callNumber: number): unknown => window.exit(window.enter(0), 'success', 0, 0, { callNumber });

  test('nor do the successes of others beside its failures', () => {
    const window = health({ minimumCalls: 4 });
    expect([fails(window, 1), succeeds(window, 2), succeeds(window, 3), fails(window, 1)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(fails(window, 4)).toBe('failure_rate');
  });

  test('nor one that hangs; two that hang are two calls', () => {
    const window = health({ minimumCalls: 2, slowCallDurationMs: 100 });
    window.enter(0);
    succeeds(window, 1);
    expect(window.verdict(200)).toBeUndefined();
    window.enter(200);
    expect(window.verdict(400)).toBe('slow_call_rate');
  });

  test('unless one sample is enough: one failure in the window, or a rate of one call', () => {
    expect(fails(health({ minimumCalls: 4, failureThresholdCounts: 'window' }, 1), 1)).toBe('failures_in_window');
    expect(fails(health({ minimumCalls: 1 }), 1)).toBe('failure_rate');
    const two = health({ minimumCalls: 1, failureRateThreshold: null, failureThresholdCounts: 'window' }, 2);
    expect([fails(two, 1), fails(two, 1), fails(two, 2)]).toEqual([undefined, undefined, 'failures_in_window']);
  });
});
