import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BREAKER_DEFAULTS, type BreakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

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
    other.reconfigure({ failureThreshold: 8 });
    const third = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    expect(third.name).toBe(`${two.name}~3`);
    expect(registry.list()).toEqual([one, two, other, third]);
  });

  test('keeps a caller on its circuit where two have become alike', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({}));
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    two.reconfigure(options({}));
    expect(registry.obtain('ghl', 'ghl', options({}), clock, two)).toBe(two);
    expect(registry.obtain('ghl', 'ghl', options({}), clock)).toBe(one);
  });

  test('a caller whose thresholds have changed leaves its circuit to the others, and takes its state along', () => {
    const registry = new BreakerRegistry({ clock });
    const one = registry.obtain('ghl', 'ghl', options({ failureThreshold: 2 }));
    one.exit(one.enter(clock.now()), 'failure', clock.now());
    const two = registry.obtain('ghl', 'ghl', options({ failureThreshold: 3 }), clock, one);
    expect(two).not.toBe(one);
    expect([one.failureCount, two.failureCount]).toEqual([1, 1]);
    const elsewhere = new BreakerRegistry({ clock }).obtain('ghl', 'ghl', options({ failureThreshold: 3 }), clock, two);
    expect(elsewhere, 'nor is that of another registry kept').not.toBe(two);
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
