import { beforeEach, describe, expect, test } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BREAKER_DEFAULTS, type BreakerInput } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry, defaultRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
});

function obtain(name: string, options: Partial<typeof BREAKER_DEFAULTS> = {}): CircuitBreaker {
  return registry.obtain(name, name.split(/[@/#]/)[0] ?? name, { ...BREAKER_DEFAULTS, ...options });
}

function trip(breaker: CircuitBreaker): void {
  for (let at = 0; at < breaker.options.failureThreshold; at++) breaker.exit(breaker.enter(clock.now()), 'failure', clock.now());
}

describe('registry', () => {
  test('one name and the same thresholds are one circuit, so that clients made per request still open it', () => {
    for (let at = 0; at < 5; at++) {
      const breaker = obtain('ghl');
      breaker.exit(breaker.enter(clock.now()), 'failure', clock.now());
    }
    expect(registry.list()).toHaveLength(1);
    expect(obtain('ghl').state).toBe('open');
    expect(registry.get('ghl')).toBe(obtain('ghl'));
    expect(registry.get('nothing')).toBeUndefined();
  });

  test.each([
    ['failureThreshold', { failureThreshold: 1 }],
    ['successThreshold', { successThreshold: 1 }],
    ['recoveryTimeoutMs', { recoveryTimeoutMs: 1 }],
    ['halfOpenMaxCalls', { halfOpenMaxCalls: 1 }],
    ['enabled', { enabled: false }],
  ])('another %s gets a circuit of its own and leaves the first alone', (_, other) => {
    const first = obtain('ghl');
    const own = obtain('ghl', other);
    expect(own).not.toBe(first);
    expect(own.name).toMatch(/^ghl#/);
    expect(own.service).toBe('ghl');
    expect(own.options).toEqual({ ...BREAKER_DEFAULTS, ...other });
    expect(first.options).toEqual(BREAKER_DEFAULTS);
    expect(obtain('ghl', other)).toBe(own);
    expect(obtain('ghl')).toBe(first);
    expect(registry.get(own.name)).toBe(own);
  });

  test('an option that it does not have is refused, with the nearest that it has', () => {
    const make = (): unknown => new BreakerRegistry({ maxCircuit: 5 } as never);
    expect(make).toThrow(/^maxCircuit is not an option of a registry, .*maxCircuits/);
  });

  test('has a circuit until it forgets it, and then not the next one of that name instead', () => {
    const first = obtain('ghl');
    expect(registry.has(first)).toBe(true);
    registry.forget(first);
    expect(registry.has(first)).toBe(false);
    const second = obtain('ghl');
    expect([registry.has(first), registry.has(second)]).toEqual([false, true]);
  });

  test('its source of chance gives its circuits the jitter of their backoff', () => {
    const waits = [0.25, 0.25, 0.75].map((drawn) => {
      const own = new BreakerRegistry({ clock, random: () => drawn });
      const circuit = own.obtain('ghl', 'ghl', { failureThreshold: 1, recoveryTimeoutMs: 1_000, reopenBackoff: { jitter: 1 } });
      trip(circuit);
      return circuit.retryAfterMs();
    });
    expect(waits[0]).toBe(waits[1]);
    expect(waits[0]).not.toBe(waits[2]);
  });

  test('resetAll closes every circuit, those held by hand too', () => {
    trip(obtain('ghl'));
    obtain('retell').forceOpen();
    obtain('lyrio');
    expect(registry.states()).toEqual({ ghl: 'open', retell: 'open', lyrio: 'closed' });
    registry.resetAll();
    expect(registry.states()).toEqual({ ghl: 'closed', retell: 'closed', lyrio: 'closed' });
  });

  test('clear forgets: who holds a circuit keeps it, who asks gets a new one', () => {
    const old = obtain('ghl');
    trip(old);
    registry.clear();
    expect(registry.list()).toEqual([]);
    expect(registry.healthSummary().totalCircuits).toBe(0);
    expect(obtain('ghl')).not.toBe(old);
    expect(obtain('ghl').state).toBe('closed');
    expect(old.state).toBe('open');
  });

  test('list and JSON are in the order of making', () => {
    for (const name of ['c', 'a', 'b']) obtain(name);
    expect(registry.list().map((breaker) => breaker.name)).toEqual(['c', 'a', 'b']);
    expect((JSON.parse(JSON.stringify(registry)) as { name: string }[]).map((snapshot) => snapshot.name)).toEqual(['c', 'a', 'b']);
  });

  test('a circuit of other thresholds is named by them, each different from every other', () => {
    obtain('ghl');
    const named = (given: BreakerInput): string => registry.obtain('ghl', 'ghl', given).name;
    expect(named({ failureThreshold: 1, successThreshold: 2, recoveryTimeoutMs: 3, halfOpenMaxCalls: 4 })).toBe('ghl#1-2-3-4');
    expect(named({ enabled: false })).toBe('ghl#5-3-60000-2-off');
    expect(named({ ramp: { durationMs: 7, initialShare: 0.5 } })).toBe('ghl#5-3-60000-2-r7_0.5');
    const backoff = { multiplier: 3, maxMs: 4, jitter: 0.5, resetAfterMs: 6, flappingSuccessThreshold: 7 };
    expect(named({ ramp: {}, reopenBackoff: backoff })).toBe('ghl#5-3-60000-2-b3_4_0.5_6_7-r10000_0.1');
    expect(named({ slidingWindow: { size: 30 } })).toMatch(/^ghl#5-3-60000-2-wcount_30_60000_/);
  });

  test('one that is forgotten is no longer found, its name is free, and who holds it keeps it', () => {
    const [one, two, other] = [obtain('ghl'), obtain('ghl', { failureThreshold: 2 }), obtain('other')];
    registry.forget(one);
    expect(registry.list()).toEqual([two, other]);
    expect(obtain('ghl', { failureThreshold: 2 }), 'the rest of its family stays').toBe(two);
    const again = obtain('ghl');
    expect(again).not.toBe(one);
    expect(again.name).toBe('ghl');
    registry.forget(one);
    expect(registry.get('ghl'), 'one that it no longer knows is not another of its name').toBe(again);
    registry.forget(other);
    expect(obtain('other')).not.toBe(other);
    expect(one.state).toBe('closed');
  });

  test('tells who wants to know of each circuit that is made, once, and not of one that goes on from another', () => {
    const made: string[] = [];
    registry.made = (circuit) => made.push(circuit.name);
    const one = obtain('one');
    obtain('one');
    const off = obtain('off', { enabled: false });
    for (const previous of [one, off]) registry.obtain(`next ${previous.name}`, 'next', {}, clock, previous);
    expect(made).toEqual(['one', 'off']);
    registry.clear();
    obtain('three');
    expect(made).toEqual(['one', 'off']);
  });

  test('clients keep 64 MiB of last good responses unless it says otherwise', () => {
    expect([registry.maxLastGoodBytes, new BreakerRegistry({ maxLastGoodBytes: 0 }).maxLastGoodBytes]).toEqual([67_108_864, 0]);
  });

  test('its events are those of its circuits', () => {
    expect(registry.events).toBe(obtain('ghl').events);
    expect(registry.events).not.toBe(new BreakerRegistry().events);
  });

  test('events of all circuits reach its listeners; a listener of one circuit hears only that one', () => {
    const all: string[] = [];
    const one: string[] = [];
    registry.subscribe((event) => all.push(`${event.circuit} ${event.type}`));
    obtain('ghl').subscribe((event) => one.push(event.type));
    trip(obtain('retell'));
    trip(obtain('ghl'));
    expect(all).toEqual(['retell circuit_opened', 'ghl circuit_opened']);
    expect(one).toEqual(['circuit_opened']);
  });

  test('circuits can have a clock of their own', () => {
    const other = new FakeClock();
    const breaker = registry.obtain('ghl', 'ghl', BREAKER_DEFAULTS, other);
    clock.jump(500);
    expect(breaker.snapshot().inStateMs).toBe(0);
    other.jump(7);
    expect(breaker.snapshot().inStateMs).toBe(7);
  });

  test('the default registry is one per process', () => {
    expect(defaultRegistry).toBeInstanceOf(BreakerRegistry);
  });
});

describe('health summary', () => {
  test('no circuit: healthy, and 100 percent', () => {
    expect(registry.healthSummary()).toEqual({
      overallStatus: 'healthy',
      totalCircuits: 0,
      states: { closed: 0, open: 0, halfOpen: 0 },
      totalRequests: 0,
      totalFailures: 0,
      successRate: 100,
    });
  });

  test('healthy, degraded, recovering, critical', () => {
    const [first, second] = [obtain('a'), obtain('b')];
    expect(registry.healthSummary().overallStatus).toBe('healthy');
    trip(first);
    expect(registry.healthSummary()).toMatchObject({ overallStatus: 'degraded', states: { closed: 1, open: 1, halfOpen: 0 } });
    clock.jump(60_000);
    expect(registry.healthSummary()).toMatchObject({ overallStatus: 'recovering', states: { closed: 1, open: 0, halfOpen: 1 } });
    trip(second);
    expect(registry.healthSummary()).toMatchObject({ overallStatus: 'degraded', states: { closed: 0, open: 1, halfOpen: 1 } });
    first.forceOpen();
    expect(registry.healthSummary()).toMatchObject({ overallStatus: 'critical', states: { closed: 0, open: 2, halfOpen: 0 } });
  });

  test('sums, and a rate in percent of the calls with a verdict', () => {
    const [first, second] = [obtain('a'), obtain('b')];
    for (let at = 0; at < 3; at++) first.exit(first.enter(clock.now()), 'success', clock.now());
    second.exit(second.enter(clock.now()), 'failure', clock.now());
    second.exit(second.enter(clock.now()), 'released', clock.now());
    expect(registry.healthSummary()).toMatchObject({ totalRequests: 5, totalFailures: 1, successRate: 75 });
  });
});
