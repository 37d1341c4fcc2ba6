import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('forced states', () => {
  test('forceOpen refuses until reset, says so in the error, and probes never', async () => {
    const circuit = new Circuit();
    circuit.breaker.forceOpen();
    circuit.clock.jump(RECOVERY_MS * 100);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', forced: 'open', timeUntilRetryMs: null });
    expect(circuit.breaker.retryAfterMs()).toBe(Number.POSITIVE_INFINITY);
    const error: unknown = await circuit.breaker.call(() => 1).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ retryAfterMs: Number.POSITIVE_INFINITY, retryAfter: Number.POSITIVE_INFINITY });
    expect(String(error)).toContain('held open by hand');
    circuit.breaker.reset();
    await expect(circuit.breaker.call(() => 1)).resolves.toBe(1);
  });

  test('forceClosed lets every call through, and counts them', () => {
    const circuit = new Circuit().trip();
    circuit.breaker.forceClosed();
    circuit.fail(10);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', forced: 'closed', failureCount: 0 });
    expect(circuit.breaker.snapshot().stats.failedRequests).toBe(13);
    circuit.breaker.reset();
    circuit.fail(2);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', forced: null, failureCount: 2 });
  });

  test('metricsOnly lets every call through and shows what a threshold would have done', () => {
    const circuit = new Circuit();
    circuit.breaker.metricsOnly();
    circuit.fail(10);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', forced: 'metrics_only', failureCount: 10 });
    circuit.succeed();
    expect(circuit.breaker.failureCount).toBe(0);
    circuit.exit(circuit.permit(), 'ignored');
    expect(circuit.breaker.failureCount).toBe(0);
    expect(circuit.types).toEqual(['circuit_metrics_only']);
  });

  test('enabled: false passes calls through, counts, and reset keeps it so', () => {
    const circuit = new Circuit({ enabled: false });
    circuit.fail(10);
    circuit.breaker.reset();
    circuit.fail(10);
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.snapshot().stats).toMatchObject({ totalRequests: 20, failedRequests: 20, circuitOpens: 0, rejectedRequests: 0 });
  });

  test.each(['forceOpen', 'forceClosed', 'metricsOnly', 'reset'] as const)(
    '%s: results of calls that began before it change no state afterwards',
    (force) => {
      const circuit = new Circuit({ failureThreshold: 1 });
      const old = circuit.permit();
      circuit.breaker[force]();
      circuit.exit(old, 'failure');
      expect(circuit.breaker.failureCount).toBe(0);
      circuit.breaker.reset();
      expect(circuit.breaker.state).toBe('closed');
      circuit.exit(old, 'failure');
      expect(circuit.breaker.state).toBe('closed');
    },
  );

  test('forcing the state that is forced already tells nobody and counts nothing', () => {
    const circuit = new Circuit();
    circuit.breaker.forceOpen();
    circuit.breaker.forceOpen();
    expect(circuit.types).toEqual(['circuit_forced_open']);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ circuitOpens: 1, stateChanges: 1 });
  });

  test('a circuit that was open is not opened once more by hand in the count of openings of one outage', () => {
    const circuit = new Circuit().trip();
    circuit.clock.jump(300);
    circuit.breaker.forceOpen();
    circuit.clock.jump(700);
    circuit.breaker.reset();
    // The outage is one, from the first opening on.
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_closed', oldState: 'forced_open', downMs: 1_000 });
  });

  test('reset after a lease ran out: the history has the opening that time had decided', () => {
    const circuit = new Circuit().tripAndWait();
    circuit.permit(500);
    circuit.clock.jump(600);
    circuit.breaker.reset();
    expect(circuit.types).toEqual(['circuit_opened', 'circuit_half_open', 'circuit_opened', 'circuit_closed']);
    expect(circuit.events.at(-1)).toMatchObject({ oldState: 'open', downMs: RECOVERY_MS + 600 });
  });

  test('a refused permit given back counts as nothing', () => {
    const circuit = new Circuit().trip();
    const before = circuit.breaker.snapshot().stats;
    circuit.exit(REFUSED, 'failure');
    circuit.breaker.release(REFUSED);
    expect(circuit.breaker.snapshot().stats).toEqual(before);
  });
});
