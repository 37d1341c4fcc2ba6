import { describe, expect, test } from 'vitest';
import { type BreakerSetup, REFUSED } from '../../../../../runtime/policies/circuit-breaker/breaker.js';
import { Circuit, RECOVERY_MS } from '../circuit.js';

const ramping = (setup: BreakerSetup = {}): Circuit => {
  const circuit = new Circuit({ successThreshold: 1, ramp: { durationMs: 1_000, initialShare: 0.1 }, ...setup }).tripAndWait();
  circuit.succeed();
  return circuit;
};

function admitted(circuit: Circuit, of: number): number {
  let passed = 0;
  for (let at = 0; at < of; at++) {
    const permit = circuit.enter();
    if (permit === REFUSED) continue;
    passed++;
    circuit.exit(permit, 'success');
  }
  return passed;
}

describe('the ramp after a recovery', () => {
  test('lets a growing share of calls in', () => {
    const circuit = ramping();
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'closed', rampShare: 0.1 });
    const first = admitted(circuit, 1_000);
    expect(first).toBeGreaterThanOrEqual(100);
    expect(first).toBeLessThanOrEqual(101);
    circuit.clock.jump(500);
    expect(circuit.breaker.snapshot().rampShare).toBeCloseTo(0.55, 9);
    expect(Math.abs(admitted(circuit, 1_000) - 550)).toBeLessThanOrEqual(1);
    circuit.clock.jump(499);
    expect(admitted(circuit, 1_000)).toBeLessThan(1_000);
    circuit.clock.jump(1);
    expect(admitted(circuit, 1_000)).toBe(1_000);
    expect(circuit.breaker.snapshot().rampShare).toBe(1);
    expect(circuit.clock.pendingTimers).toBe(0);
  });

  test('evenly: the first call passes, and then every tenth', () => {
    const circuit = ramping();
    const passed = Array.from({ length: 41 }, () => circuit.enter() !== REFUSED);
    const places = passed.flatMap((one, at) => (one ? [at] : []));
    expect(places[0]).toBe(0);
    const gaps = places.slice(1).map((place, at) => place - (places[at] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9);
  });

  test('a refusal says why, is counted, and runs nothing', async () => {
    const circuit = ramping({ ramp: { durationMs: 1_000, initialShare: 0 } });
    await expect(circuit.breaker.call(() => 'first')).resolves.toBe('first');
    let ran = false;
    const error: unknown = await circuit.breaker
      .call(() => {
        ran = true;
      })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'circuit_open', code: 'EOPENBREAKER', reason: 'ramp', retryAfterMs: 0 });
    expect(String(error)).toContain("circuit 'billing' has just closed and lets only a share of calls in; no request was made");
    expect(ran).toBe(false);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ rejectedRequests: 1, rampRejectedRequests: 1 });
  });

  test('only a recovery ramps: not a new circuit, not one reset by hand', () => {
    expect(admitted(new Circuit({ ramp: {} }), 100)).toBe(100);
    const circuit = ramping();
    circuit.breaker.reset();
    expect(admitted(circuit, 100)).toBe(100);
  });

  test('failures during the ramp open as ever, and the next recovery ramps anew', () => {
    const circuit = ramping({ failureThreshold: 1 });
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.breaker.refusalReason()).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed();
    expect(circuit.breaker.snapshot().rampShare).toBe(0.1);
    expect(admitted(circuit, 100)).toBeLessThanOrEqual(11);
  });

  test('the first call of every ramp passes, whatever the last one owed', () => {
    const circuit = ramping({ failureThreshold: 1, ramp: { durationMs: 1_000, initialShare: 0 } });
    circuit.fail();
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed();
    expect(admitted(circuit, 10)).toBe(1);
  });

  test('each reason to refuse', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, ramp: {} }).trip();
    expect(circuit.breaker.openError()).toMatchObject({ reason: 'open' });
    circuit.clock.jump(RECOVERY_MS);
    circuit.permit();
    expect(circuit.enter()).toBe(REFUSED);
    expect(circuit.breaker.openError()).toMatchObject({ reason: 'half_open' });
    circuit.breaker.forceOpen();
    expect(circuit.breaker.openError()).toMatchObject({ reason: 'forced_open' });
    expect(circuit.breaker.openError().toJSON()).toMatchObject({ reason: 'forced_open' });
  });
});
