import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../runtime/breaker/breaker.js';
import { BREAKER_DEFAULTS, type BreakerOptions } from '../../../runtime/breaker/options.js';
import { BreakerRegistry } from '../../../runtime/breaker/registry.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
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

describe('a registry whose circuits are reconfigured', () => {
  const clock = new FakeClock();
  const options = (given: Partial<BreakerOptions>): BreakerOptions => ({ ...BREAKER_DEFAULTS, ...given });

  test('finds a circuit by what holds now, and never gives two circuits one name', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({ failureThreshold: 1 }));
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    two.reconfigure({ failureThreshold: 9 });
    expect(registry.obtain('ghl', 'ghl', options({ failureThreshold: 9 }))).toBe(two);
    const other = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    expect(other).not.toBe(two);
    expect(other.name).toBe(`${two.name}~2`);
    expect(registry.list()).toEqual([one, two, other]);
  });

  test('keeps a caller on its circuit where two have become alike', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({}));
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    two.reconfigure(options({}));
    expect(registry.obtain('ghl', 'ghl', options({}), clock, two)).toBe(two);
    expect(registry.obtain('ghl', 'ghl', options({}), clock)).toBe(one);
  });

  test.each([
    ['closed', (circuit: Circuit) => circuit.fail(2), { state: 'closed', failureCount: 2 }],
    ['open', (circuit: Circuit) => circuit.trip(), { state: 'open', timeUntilRetryMs: RECOVERY_MS }],
    ['half-open', (circuit: Circuit) => circuit.tripAndWait().permit(), { state: 'half_open', failureCount: 0 }],
    ['forced', (circuit: Circuit) => circuit.breaker.forceOpen(), { state: 'open', forced: 'open' }],
    ['off', (circuit: Circuit) => circuit.breaker.reconfigure({ enabled: false }), { state: 'closed', forced: null }],
  ])('a circuit that follows another one continues its state: %s', (_, act, expected) => {
    const old = new Circuit();
    act(old);
    const registry = new BreakerRegistry({ clock: old.clock });
    const next = registry.obtain('billing/new', 'billing', options({}), old.clock, old.breaker);
    expect(next.snapshot()).toMatchObject(expected);
    expect(next.snapshot().stats.totalRequests).toBe(0);
    if (expected.state === 'half_open') expect(next.enter(old.clock.now())).not.toBe(REFUSED);
  });

  test('one that is switched off does not go on being open', () => {
    const old = new Circuit().trip();
    const next = new BreakerRegistry().obtain('x', 'x', options({ enabled: false }), old.clock, old.breaker);
    expect(next.state).toBe('closed');
  });
});
