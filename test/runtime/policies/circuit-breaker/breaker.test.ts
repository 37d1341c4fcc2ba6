import { describe, expect, test } from 'vitest';
import type { FuselineEvent } from '../../../../runtime/observe/events.js';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { idleSince } from '../../../../runtime/policies/circuit-breaker/idle-circuits.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { audience } from '../../../support/audience.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

const slidingWindow = { size: 4, minimumCalls: 4 };

test('admits: not while open, not while every place of a probe is taken', () => {
  const circuit = new Circuit();
  expect(circuit.breaker.admits).toBe(true);
  circuit.trip();
  expect(circuit.breaker.admits).toBe(false);
  circuit.clock.jump(RECOVERY_MS);
  expect(circuit.breaker.admits).toBe(true);
  const first = circuit.permit();
  expect(circuit.breaker.admits).toBe(true);
  circuit.permit();
  expect(circuit.breaker.admits).toBe(false);
  circuit.exit(first, 'released');
  expect(circuit.breaker.admits).toBe(true);
});

test('the refusal of another circuit further in, and a permit that is released, count as released', async () => {
  const circuit = new Circuit();
  const inner = new Circuit({ name: 'inner' }).trip();
  await circuit.breaker.call(() => inner.breaker.call(() => 1)).catch(() => undefined);
  circuit.breaker.release(circuit.permit());
  expect(circuit.breaker.snapshot().stats).toMatchObject({ totalRequests: 2, releasedRequests: 2, ignoredRequests: 0, failedRequests: 0 });
});

test('who asks for a permit on behalf of one hears what comes of it, although nobody else listens', () => {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker({ failureThreshold: 1, recoveryTimeoutMs: 10, clock });
  const heard: FuselineEvent[] = [];
  const observer = audience((event) => heard.push(event));
  breaker.exit(breaker.enter(clock.now(), 100, observer), 'failure', clock.now(), 0, false, observer);
  clock.jump(10);
  breaker.enter(clock.now(), 100, observer);
  clock.jump(100);
  breaker.enter(clock.now(), 100, observer);
  expect(heard.map(({ type }) => type)).toEqual(['circuit_opened', 'circuit_half_open', 'circuit_opened']);
});

describe('when it was last used', () => {
  test('made, succeeded or failed, whichever was last', () => {
    const circuit = new Circuit();
    circuit.clock.jump(10);
    expect(idleSince(circuit.breaker)).toBe(0);
    circuit.succeed();
    circuit.clock.jump(10);
    expect(idleSince(circuit.breaker)).toBe(10);
    circuit.fail();
    circuit.clock.jump(10);
    expect(idleSince(circuit.breaker)).toBe(20);
    circuit.permit();
    expect(idleSince(circuit.breaker)).toBeUndefined();
  });

  test('nothing of one that is open, or held by hand', () => {
    const circuit = new Circuit().trip();
    expect(idleSince(circuit.breaker)).toBeUndefined();
    circuit.breaker.forceClosed();
    expect(idleSince(circuit.breaker)).toBeUndefined();
    expect(idleSince(new Circuit({ enabled: false }).breaker)).toBe(0);
  });
});

describe('a ramp that comes later', () => {
  const ramp = { durationMs: 1_000, initialShare: 0 };

  test('holds back from the next recovery on', () => {
    const circuit = new Circuit({ successThreshold: 1 });
    circuit.breaker.reconfigure({ ramp });
    circuit.tripAndWait();
    circuit.succeed();
    expect([circuit.enter(), circuit.enter(), circuit.enter()].map((permit) => permit > 0)).toEqual([true, false, false]);
    expect(circuit.breaker.refusalReason()).toBe('ramp');
  });

  test('owes what it owed where only its length changes', () => {
    const circuit = new Circuit({ successThreshold: 1, ramp }).tripAndWait();
    circuit.succeed();
    expect([circuit.enter(), circuit.enter()].map((permit) => permit > 0)).toEqual([true, false]);
    circuit.breaker.reconfigure({ ramp: { ...ramp, durationMs: 2_000 } });
    expect(circuit.enter() > 0).toBe(false);
  });

  test('is no share of a circuit that is not closed', () => {
    const circuit = new Circuit({ successThreshold: 1, ramp }).trip();
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
    circuit.clock.jump(RECOVERY_MS);
    circuit.permit();
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
    circuit.breaker.forceClosed();
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
  });
});

test('a window that goes while the circuit is open is gone', () => {
  const circuit = new Circuit({ slidingWindow: { ...slidingWindow, failureThresholdCounts: 'consecutive' } }).trip();
  circuit.breaker.reconfigure({ slidingWindow: false });
  expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', window: null });
});

test('a function that is none is the user’s fault, and counts as nothing', async () => {
  const circuit = new Circuit();
  await expect(circuit.breaker.call('no' as never)).rejects.toThrow(/^fn is "no", expected a function$/);
  expect(circuit.breaker.snapshot().stats.totalRequests).toBe(0);
});
