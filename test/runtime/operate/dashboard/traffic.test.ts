import { describe, expect, it } from 'vitest';
import { Selection } from '../../../../runtime/operate/dashboard/selection.js';
import { type Rates, SAMPLE_MS, Traffic } from '../../../../runtime/operate/dashboard/traffic.js';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

function setup() {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const circuit = (name = 'ghl'): CircuitBreaker => registry.obtain(name, name, { failureThreshold: 1_000 });
  const run = (target: CircuitBreaker, good: number, bad = 0): void => {
    for (let n = 0; n < good + bad; n++) target.exit(target.enter(clock.now()), n < good ? 'success' : 'failure', clock.now());
  };
  return { clock, registry, circuit, run };
}

function rates(traffic: Traffic, circuit: CircuitBreaker): Rates {
  return traffic.ratesOf(circuit);
}

describe('traffic', () => {
  it('gives rates of the last minute', async () => {
    const { clock, registry, circuit, run } = setup();
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    const ghl = circuit();
    for (let second = 0; second < 300; second++) {
      run(ghl, 3, 1);
      await clock.advance(1_000);
    }
    expect(rates(traffic, ghl).requests).toBeCloseTo(4, 1);
    expect(rates(traffic, ghl).failed).toBeCloseTo(0.25, 2);
    for (let second = 0; second < 60; second++) {
      run(ghl, 1);
      await clock.advance(1_000);
    }
    expect(rates(traffic, ghl).requests).toBeCloseTo(1, 1);
    expect(rates(traffic, ghl).failed).toBe(0);
    await clock.advance(65_000);
    expect(rates(traffic, ghl)).toEqual({ requests: 0, refused: 0, failed: null });
  });

  it('gives rates of a young process over the time it has lived', async () => {
    const { clock, registry, circuit, run } = setup();
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    const ghl = circuit();
    run(ghl, 10);
    expect(rates(traffic, ghl).requests).toBe(10);
    await clock.advance(2_000);
    expect(rates(traffic, ghl).requests).toBe(5);
  });

  it('counts refusals apart', async () => {
    const { clock, registry, circuit, run } = setup();
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    const ghl = circuit();
    run(ghl, 2);
    ghl.forceOpen();
    for (let n = 0; n < 6; n++) ghl.enter(clock.now());
    await clock.advance(2_000);
    expect(rates(traffic, ghl)).toEqual({ requests: 4, refused: 3, failed: 0 });
  });

  it('counts nothing that a circuit did before', async () => {
    const { clock, registry, circuit, run } = setup();
    const ghl = circuit();
    run(ghl, 500, 500);
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    await clock.advance(SAMPLE_MS);
    expect(rates(traffic, ghl)).toEqual({ requests: 0, refused: 0, failed: null });
    expect(traffic.courseOf(ghl).requests.every((count) => count === 0)).toBe(true);
  });

  it('gives the course of the last five minutes, oldest first', async () => {
    const { clock, registry, circuit, run } = setup();
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    const ghl = circuit();
    for (let step = 1; step <= 100; step++) {
      run(ghl, step, 2);
      await clock.advance(SAMPLE_MS);
    }
    const { requests, failures } = traffic.courseOf(ghl);
    expect(requests).toHaveLength(60);
    expect(requests).toEqual(Array.from({ length: 60 }, (_, n) => 43 + n));
    expect(failures).toEqual(Array.from({ length: 60 }, () => 2));
  });

  it('holds no circuit that the registry has forgotten', async () => {
    const { clock, registry, circuit, run } = setup();
    using traffic = new Traffic(new Selection(registry, clock, 100), clock);
    const old = circuit();
    await clock.advance(SAMPLE_MS);
    run(old, 5);
    await clock.advance(SAMPLE_MS);
    registry.clear();
    await clock.advance(SAMPLE_MS);
    expect(traffic.courseOf(old).requests.every((count) => count === 0)).toBe(true);
  });

  it('has one timer, and none once it is disposed of', async () => {
    const { clock, registry, circuit } = setup();
    const traffic = new Traffic(new Selection(registry, clock, 100), clock);
    circuit();
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(1);
    traffic[Symbol.dispose]();
    expect(clock.pendingTimers).toBe(0);
  });
});
