import { describe, expect, it } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { getCircuitBreaker } from '../../../../runtime/policies/circuit-breaker/get-circuit-breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const clock = new FakeClock();
const OPTIONS = { failureThreshold: 1, recoveryTimeoutMs: 1_000, successThreshold: 1 };

function registryOf(maxCircuits?: number): BreakerRegistry {
  return new BreakerRegistry({ clock, ...(maxCircuits === undefined ? {} : { maxCircuits }) });
}

function end(circuit: CircuitBreaker, outcome: 'success' | 'failure' = 'success'): void {
  circuit.exit(circuit.enter(clock.now()), outcome, clock.now());
}

/** Makes circuits and uses each once, a millisecond apart. */
function fill(registry: BreakerRegistry, names: readonly string[]): readonly CircuitBreaker[] {
  return names.map((name) => {
    clock.jump(1);
    const circuit = registry.obtain(name, 'tenants', OPTIONS);
    end(circuit);
    return circuit;
  });
}

const names = (registry: BreakerRegistry): readonly string[] => registry.list().map(({ name }) => name);

describe('A51 dynamic keys', () => {
  it('a bound of 100,000 unless said otherwise', () => {
    expect([registryOf().maxCircuits, registryOf(7).maxCircuits]).toEqual([100_000, 7]);
  });

  it('A51 the closed circuit goes that was not used for longest: asked for or called', () => {
    const registry = registryOf(4);
    const [a] = fill(registry, ['a', 'b', 'c', 'd']);
    clock.jump(1);
    end(a as CircuitBreaker);
    clock.jump(1);
    registry.obtain('b', 'tenants', OPTIONS);
    fill(registry, ['e']);
    expect(names(registry)).toEqual(['a', 'b', 'd', 'e']);
    fill(registry, ['f']);
    expect(names(registry)).toEqual(['a', 'b', 'e', 'f']);
    // Used since it was found to be idle.
    end(a as CircuitBreaker);
    fill(registry, ['g']);
    expect(names(registry)).toEqual(['a', 'e', 'f', 'g']);
  });

  it.each([
    ['open', (circuit: CircuitBreaker) => end(circuit, 'failure')],
    ['ready to probe', (circuit: CircuitBreaker) => [end(circuit, 'failure'), clock.jump(1_000)]],
    ['probing', (circuit: CircuitBreaker) => [end(circuit, 'failure'), clock.jump(1_000), circuit.enter(clock.now())]],
    ['held open', (circuit: CircuitBreaker) => circuit.forceOpen()],
    ['held closed', (circuit: CircuitBreaker) => circuit.forceClosed()],
    ['metrics only', (circuit: CircuitBreaker) => circuit.metricsOnly()],
    ['in use by a call', (circuit: CircuitBreaker) => circuit.enter(clock.now())],
  ])('A51 one that is %s never goes', (_, act) => {
    const registry = registryOf(2);
    const [held] = fill(registry, ['held', 'other']);
    act(held as CircuitBreaker);
    fill(registry, ['a', 'b', 'c', 'd']);
    expect(names(registry)).toEqual(['held', 'd']);
    expect(registry.get('held')).toBe(held);
  });

  it('A51 one that is off by its options may go, and so may one whose call has ended, however it did', () => {
    const registry = registryOf(1);
    end(registry.obtain('off', 'off', { enabled: false }));
    fill(registry, ['a']);
    expect(names(registry)).toEqual(['a']);
    for (const outcome of ['ignored', 'released'] as const) {
      const [circuit] = fill(registry, [outcome]);
      circuit?.exit(circuit.enter(clock.now()), outcome, clock.now());
      fill(registry, ['next']);
      expect(names(registry)).toEqual(['next']);
    }
  });

  it('A51 where none may go, a new circuit works, and is its caller’s alone', () => {
    const registry = registryOf(2);
    for (const circuit of fill(registry, ['a', 'b'])) circuit.forceOpen();
    const events: string[] = [];
    registry.subscribe(({ circuit, type }) => events.push(`${circuit} ${type}`));
    const [alone] = fill(registry, ['c']);
    expect(names(registry)).toEqual(['a', 'b']);
    end(alone as CircuitBreaker, 'failure');
    expect(alone?.state).toBe('open');
    expect(events).toEqual(['c circuit_opened']);
    registry.resetAll();
    for (let at = 0; at < 5; at++) fill(registry, [`more ${at}`]);
    expect(names(registry)).toEqual(['more 3', 'more 4']);
  });

  it('A51 circuits of one name with other thresholds count as any, and leave nothing behind', () => {
    const registry = registryOf(3);
    for (let failureThreshold = 1; failureThreshold < 50; failureThreshold++) {
      clock.jump(1);
      registry.obtain('ghl', 'ghl', { failureThreshold });
    }
    expect(registry.list().map(({ options }) => options.failureThreshold)).toEqual([47, 48, 49]);
    const [, last] = registry.list();
    expect(registry.obtain('ghl', 'ghl', { failureThreshold: 48 })).toBe(last);
    registry.obtain('ghl', 'ghl', { failureThreshold: 1 });
    expect(registry.list().map(({ options }) => options.failureThreshold)).toEqual([48, 49, 1]);
  });

  it('A51 one that is forgotten by hand, after it was found to be idle, makes room but once', () => {
    const registry = registryOf(3);
    const [, b] = fill(registry, ['a', 'b', 'c', 'd']);
    registry.forget(b as CircuitBreaker);
    fill(registry, ['e', 'f']);
    expect(names(registry)).toEqual(['d', 'e', 'f']);
  });

  it.each([0, 1.5, -1, Number.NaN, '5' as never])('maxCircuits %s is refused', (maxCircuits) => {
    expect(() => new BreakerRegistry({ maxCircuits })).toThrow(/^maxCircuits is .* expected a whole number, 1 or more$/);
  });

  it('maxLastGoodBytes below 0 is refused', () => {
    expect(() => new BreakerRegistry({ maxLastGoodBytes: -1 })).toThrow('maxLastGoodBytes is -1, expected a whole number, 0 or more');
  });
});

describe('A51 circuits that follow others', () => {
  it('A51 a followed circuit that was forgotten and comes back is followed again, and the old one is not', () => {
    const registry = registryOf(2);
    registry.follow('billing', ['auth']);
    const [billing, auth] = fill(registry, ['billing', 'auth']);
    end(billing as CircuitBreaker);
    clock.jump(1);
    end(billing as CircuitBreaker);
    fill(registry, ['x']);
    expect(names(registry)).toEqual(['billing', 'x']);
    auth?.forceOpen();
    expect(billing?.blockedBy()).toBeUndefined();
    clock.jump(1);
    end(billing as CircuitBreaker);
    const [again] = fill(registry, ['auth']);
    again?.forceOpen();
    expect(billing?.blockedBy()).toBe(again);
  });

  it('A51 a rule that came with a circuit goes with it; one of the registry stays', () => {
    const registry = registryOf(2);
    getCircuitBreaker('a', { registry, ...OPTIONS, follows: ['auth'] });
    registry.follow('b', ['auth']);
    registry.clear();
    fill(registry, ['auth'])[0]?.forceOpen();
    expect(registry.obtain('a', 'a', OPTIONS).blockedBy()).toBeUndefined();
    registry.forget(registry.get('a') as CircuitBreaker);
    expect(registry.obtain('b', 'b', OPTIONS).blockedBy()?.name).toBe('auth');
  });

  it('A51 a circuit for which there is no room follows as any other', () => {
    const registry = registryOf(1);
    const auth = getCircuitBreaker('auth', { registry, ...OPTIONS });
    auth.forceOpen();
    const billing = getCircuitBreaker('billing', { registry, ...OPTIONS, follows: ['auth'] });
    expect(registry.get('billing')).toBeUndefined();
    expect(billing.blockedBy()).toBe(auth);
  });

  it('a circuit may bear the name that its own service follows', () => {
    const registry = registryOf();
    registry.follow('ghl', ['auth']);
    const own = registry.obtain('auth', 'ghl', OPTIONS);
    const other = registry.obtain('ghl', 'ghl', OPTIONS);
    own.forceOpen();
    expect(other.blockedBy()).toBe(own);
    expect(own.blockedBy()).toBeUndefined();
  });
});
