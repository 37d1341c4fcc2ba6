import { describe, expect, test } from 'vitest';
import { statusTable } from '../../../../runtime/call/answer/classify.js';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { DEFAULT_LEASE_MS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('probes', () => {
  test('A1 a probe that never settles: its lease expires, the circuit opens again from that moment, the late result is ignored', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, successThreshold: 1 }).tripAndWait();
    const lost = circuit.permit(500);
    circuit.clock.jump(499);
    expect(circuit.enter()).toBe(REFUSED);
    expect(circuit.breaker.state).toBe('half_open');
    circuit.clock.jump(101);
    expect(circuit.breaker.state).toBe('open');
    // Counted from the lease's end, not from the moment at which someone looked.
    expect(circuit.breaker.retryAfterMs()).toBe(RECOVERY_MS - 100);
    circuit.clock.jump(RECOVERY_MS - 100);
    const probe = circuit.permit(500);
    circuit.exit(lost, 'success');
    expect(circuit.breaker.state).toBe('half_open');
    circuit.exit(probe, 'success');
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.types).toEqual(['circuit_opened', 'circuit_half_open', 'circuit_opened', 'circuit_half_open', 'circuit_closed']);
  });

  test('A1 an expired lease counts as one failure, however many probes were out', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 3 }).tripAndWait();
    circuit.permit(500);
    circuit.permit(800);
    circuit.permit(800);
    circuit.clock.jump(600);
    circuit.enter();
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', failureCount: 1 });
  });

  test('A1 a probe that outlives its lease does not decide beside its successor', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, successThreshold: 1 }).tripAndWait();
    const slow = circuit.permit(500);
    circuit.clock.jump(500);
    expect(circuit.enter(), 'its place is not given away while it may still run').toBe(REFUSED);
    circuit.clock.jump(RECOVERY_MS);
    const second = circuit.permit(500);
    circuit.exit(slow, 'failure');
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.enter(), 'the late result frees no place').toBe(REFUSED);
    circuit.exit(second, 'success');
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A1 a result at the very end of the lease is late', () => {
    const circuit = new Circuit({ successThreshold: 1 }).tripAndWait();
    const probe = circuit.permit(500);
    circuit.clock.jump(500);
    circuit.exit(probe, 'success');
    expect(circuit.breaker.state).toBe('open');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -5])('A1 a lease of %s is the default lease: half-open always ends', (lease) => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.permit(lease);
    expect(circuit.breaker.state).toBe('half_open');
    circuit.clock.jump(DEFAULT_LEASE_MS - 1);
    expect(circuit.breaker.state).toBe('half_open');
    circuit.clock.jump(1);
    expect(circuit.breaker.state).toBe('open');
  });

  test('A2 the failure of a call from before the outage, arriving while half-open, is ignored', () => {
    const circuit = new Circuit();
    const old = circuit.permit();
    circuit.tripAndWait();
    const probe = circuit.permit();
    circuit.exit(old, 'failure');
    expect(circuit.breaker.state).toBe('half_open');
    circuit.exit(probe, 'success');
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A3 the success of a call from before the outage, arriving while half-open, does not close', () => {
    const circuit = new Circuit({ successThreshold: 1 });
    const old = circuit.permit();
    circuit.tripAndWait();
    const probe = circuit.permit();
    circuit.exit(old, 'success');
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.breaker.snapshot().successCount).toBe(0);
    circuit.exit(probe, 'failure');
    expect(circuit.breaker.state).toBe('open');
  });

  test('A4 the result of half-open period 1 in period 2 neither closes it nor frees a place', () => {
    const circuit = new Circuit({ successThreshold: 1 }).tripAndWait();
    const [first, sibling] = [circuit.permit(), circuit.permit()];
    circuit.exit(first, 'failure');
    circuit.clock.jump(RECOVERY_MS);
    circuit.permit();
    circuit.permit();
    for (const outcome of ['success', 'failure', 'ignored', 'released'] as const) {
      circuit.exit(sibling, outcome);
      expect(circuit.breaker.state).toBe('half_open');
      expect(circuit.enter()).toBe(REFUSED);
    }
  });

  test('A7 a caller that aborts the probe gives the place back, without a verdict', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.exit(circuit.permit(), 'released');
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.breaker.snapshot().successCount).toBe(0);
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A8 a probe that ends in an ignored error gives the place back, and the next call probes', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    for (let at = 0; at < 10; at++) circuit.exit(circuit.permit(), 'ignored');
    expect(circuit.breaker.state).toBe('half_open');
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A8 a 404 is by default neither failure nor ignored, so it proves the service alive; ignoredStatuses is the other choice', () => {
    const usual = statusTable({ failureStatuses: [500], ignoredStatuses: [], retryStatuses: [500] });
    expect(usual[404]).toBe(0);
    const other = statusTable({ failureStatuses: [500], ignoredStatuses: [404], retryStatuses: [500] });
    expect(other[404]).not.toBe(0);
    const circuit = new Circuit({ successThreshold: 1 }).tripAndWait();
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A9 a probe that an inner policy refused is released', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.breaker.release(circuit.permit());
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.breaker.snapshot().stats.releasedRequests).toBe(1);
    expect(circuit.enter()).not.toBe(REFUSED);
  });

  test('A9 a second breaker that refuses inside says nothing about the first', async () => {
    const outer = new Circuit({ name: 'outer', halfOpenMaxCalls: 1 }).tripAndWait();
    const inner = new Circuit({ name: 'inner' }).trip();
    const call = (): Promise<string> => outer.breaker.call(() => inner.breaker.call(async () => 'never'));
    await expect(call()).rejects.toMatchObject({ kind: 'circuit_open', circuit: 'inner' });
    expect(outer.breaker.state).toBe('half_open');
    await expect(call()).rejects.toMatchObject({ circuit: 'inner' });
    expect(outer.breaker.snapshot().stats).toMatchObject({ failedRequests: 3, releasedRequests: 2 });
  });

  test.each([1, 2, 7])('A10 of 1,000 callers at the instant of expiry exactly %i start', async (halfOpenMaxCalls) => {
    const circuit = new Circuit({ halfOpenMaxCalls, successThreshold: 50 }).tripAndWait();
    let started = 0;
    const calls = Array.from({ length: 1_000 }, () =>
      circuit.breaker.call(async () => {
        started++;
        return 'answer';
      }),
    );
    expect(started).toBe(halfOpenMaxCalls);
    const results = await Promise.allSettled(calls);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(halfOpenMaxCalls);
    expect(started).toBe(halfOpenMaxCalls);
  });

  test('A12 a probe that throws synchronously is a failed probe', async () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    const fault = new Error('sync');
    await expect(
      circuit.breaker.call(() => {
        throw fault;
      }),
    ).rejects.toBe(fault);
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A13 the failure threshold does not apply while half-open: one failed probe reopens, and few places do not deadlock', () => {
    const circuit = new Circuit({ failureThreshold: 100, halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('closed');
  });
});
