import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
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
