import { describe, expect, it } from 'vitest';
import { getCircuitBreaker } from '../../../../runtime/policies/circuit-breaker/get-circuit-breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const clock = new FakeClock();
const OPTIONS = { failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 };

describe('A51 very many dynamic keys', () => {
  it('A51 1e5 keys and more: never more than the bound, and no timer at all', () => {
    const registry = new BreakerRegistry({ clock });
    const first = registry.obtain('key 0', 'tenants', OPTIONS);
    first.exit(first.enter(clock.now()), 'failure', clock.now());
    for (let at = 1; at < 100_000; at++) registry.obtain(`key ${at}`, 'tenants', OPTIONS);
    expect(registry.list()).toHaveLength(100_000);
    for (let at = 0; at < 10_000; at++) registry.obtain(`more ${at}`, 'tenants', OPTIONS);
    expect(registry.list()).toHaveLength(100_000);
    // The open one, and the last of the others.
    expect(registry.get('key 0')).toBe(first);
    expect(registry.get('key 1')).toBeUndefined();
    expect(registry.get('more 9999')).toBeDefined();
    expect(registry.get('key 10000')).toBeUndefined();
    expect(registry.get('key 10001')).toBeDefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('A51 many keys that follow one circuit: made, followed and forgotten without looking through all of them', () => {
    const registry = new BreakerRegistry({ clock, maxCircuits: 1_000 });
    const auth = getCircuitBreaker('auth', { registry, ...OPTIONS });
    for (let at = 0; at < 20_000; at++) getCircuitBreaker(`key ${at}`, { registry, ...OPTIONS, follows: ['auth'] });
    expect(registry.list()).toHaveLength(1_000);
    const made = registry.get('auth') ?? getCircuitBreaker('auth', { registry, ...OPTIONS });
    made.forceOpen();
    expect(registry.get('key 19999')?.blockedBy()).toBe(made);
    expect(auth.name).toBe('auth');
  });
});
