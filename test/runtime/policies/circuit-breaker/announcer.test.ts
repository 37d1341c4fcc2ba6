import { describe, expect, test } from 'vitest';
import type { FuselineEvent } from '../../../../runtime/observe/events.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

/** Whole events, so that one that says `undefined` of what it does not know is found. */
const last = (circuit: Circuit): FuselineEvent | undefined => circuit.events.at(-1);

describe('what the event of a change says', () => {
  const base = (circuit: Circuit) => ({ circuit: 'billing', service: 'billing', at: circuit.clock.wallNow() });

  test('from closed to open, to probing, to closed', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, successThreshold: 1 }).trip();
    expect(last(circuit)).toStrictEqual({
      type: 'circuit_opened',
      ...base(circuit),
      oldState: 'closed',
      newState: 'open',
      failureCount: 3,
      recoveryTimeoutMs: RECOVERY_MS,
      reason: 'consecutive_failures',
    });
    circuit.clock.jump(RECOVERY_MS + 5);
    const permit = circuit.permit();
    expect(last(circuit)).toStrictEqual({
      type: 'circuit_half_open',
      ...base(circuit),
      oldState: 'open',
      newState: 'half_open',
      failureCount: 3,
      recoveryTimeoutMs: RECOVERY_MS,
    });
    circuit.exit(permit, 'success');
    expect(last(circuit)).toStrictEqual({
      type: 'circuit_closed',
      ...base(circuit),
      oldState: 'half_open',
      newState: 'closed',
      failureCount: 0,
      recoveryTimeoutMs: RECOVERY_MS,
      downMs: RECOVERY_MS + 5,
    });
  });

  test('by hand: how many failures there were, and no reason, no window, no time that it was down', () => {
    const circuit = new Circuit({ slidingWindow: { size: 4, minimumCalls: 4, failureThresholdCounts: 'consecutive' } });
    circuit.fail(2);
    circuit.breaker.forceOpen();
    const open = { oldState: 'closed', newState: 'forced_open', failureCount: 2, recoveryTimeoutMs: RECOVERY_MS };
    expect(last(circuit)).toStrictEqual({ type: 'circuit_forced_open', ...base(circuit), ...open });
    circuit.breaker.reset();
    circuit.fail();
    circuit.breaker.metricsOnly();
    const watched = { oldState: 'closed', newState: 'metrics_only', failureCount: 1, recoveryTimeoutMs: RECOVERY_MS };
    expect(last(circuit)).toStrictEqual({ type: 'circuit_metrics_only', ...base(circuit), ...watched });
    circuit.breaker.forceClosed();
    const held = { oldState: 'metrics_only', newState: 'forced_closed', failureCount: 0, recoveryTimeoutMs: RECOVERY_MS };
    expect(last(circuit)).toStrictEqual({ type: 'circuit_forced_closed', ...base(circuit), ...held });
  });

  test('this time’s wait, not the configured one, where a backoff makes it longer; and the window only of what was closed', () => {
    const circuit = new Circuit({
      reopenBackoff: { multiplier: 3, jitter: 0 },
      slidingWindow: { size: 4, minimumCalls: 4, failureThresholdCounts: 'consecutive' },
    }).tripAndWait();
    expect(last(circuit)).toMatchObject({ window: { calls: 3, failedCalls: 3 } });
    circuit.fail();
    expect(last(circuit)).toStrictEqual({
      type: 'circuit_opened',
      ...base(circuit),
      oldState: 'half_open',
      newState: 'open',
      failureCount: 1,
      recoveryTimeoutMs: 3 * RECOVERY_MS,
      reason: 'probe_failed',
    });
  });
});

test('the event of a refusal names a dependency only where there is one', () => {
  const [billing, auth] = [new Circuit(), new Circuit({ name: 'auth' })];
  billing.breaker.forceOpen();
  const refused = () => {
    expect(() => billing.breaker.acquire()).toThrow();
    return last(billing);
  };
  const said = { type: 'call_rejected', circuit: 'billing', service: 'billing', at: billing.clock.wallNow(), operation: undefined };
  expect(refused()).toStrictEqual({ ...said, retryAfterMs: Number.POSITIVE_INFINITY, reason: 'forced_open' });
  billing.breaker.reset();
  billing.breaker.follow(auth.breaker);
  auth.trip();
  expect(refused()).toStrictEqual({ ...said, retryAfterMs: RECOVERY_MS, reason: 'open', dependency: 'auth' });
});
