import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { SEVERAL } from '../../../../runtime/policies/circuit-breaker/calls.js';
import { openWithPeers } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { STABLE } from '../../../../runtime/policies/circuit-breaker/recovery/reopen-backoff.js';
import type { BreakerState } from '../../../../runtime/policies/circuit-breaker/state.js';
import { admit, type Rules, settle } from '../../../../runtime/policies/circuit-breaker/transition.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('transitions, row by row', () => {
  test('CLOSED -> OPEN: failure_count >= failure_threshold', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    expect(circuit.breaker.state).toBe('closed');
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.enter()).toBe(REFUSED);
  });

  test('CLOSED -> OPEN at the first failure where the threshold is 1', () => {
    const circuit = new Circuit({ failureThreshold: 1 });
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test('OPEN -> HALF_OPEN: time_since_failure >= recovery_timeout, and not a millisecond before', () => {
    const circuit = new Circuit().trip();
    circuit.clock.jump(RECOVERY_MS - 1);
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.enter()).toBe(REFUSED);
    // Timers fire up to a millisecond early. A caller that waited for as long as it was told gets through.
    circuit.clock.jump(0.001);
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.enter()).not.toBe(REFUSED);
  });

  test('OPEN -> HALF_OPEN at once where recovery_timeout is 0', () => {
    const circuit = new Circuit({ recoveryTimeoutMs: 0 }).trip();
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.enter()).not.toBe(REFUSED);
  });

  test('HALF_OPEN -> CLOSED: success_count >= success_threshold', () => {
    const circuit = new Circuit().tripAndWait();
    circuit.succeed();
    expect(circuit.breaker.state).toBe('half_open');
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.failureCount).toBe(0);
  });

  test('HALF_OPEN -> OPEN: any failure during testing, for a full recovery_timeout', () => {
    const circuit = new Circuit().tripAndWait();
    circuit.succeed();
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS - 1);
    expect(circuit.enter()).toBe(REFUSED);
    circuit.clock.jump(1);
    circuit.succeed();
    // The success before the failure does not count in the new period.
    expect(circuit.breaker.state).toBe('half_open');
  });

  test('CLOSED -> CLOSED: a successful request resets the failure count', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    expect(circuit.breaker.failureCount).toBe(2);
    circuit.succeed();
    expect(circuit.breaker.failureCount).toBe(0);
    circuit.fail(2);
    expect(circuit.breaker.state).toBe('closed');
  });

  test('ignored and released calls neither count nor reset', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    circuit.exit(circuit.permit(), 'ignored');
    circuit.exit(circuit.permit(), 'released');
    expect(circuit.breaker.failureCount).toBe(2);
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test('success_threshold above half_open_max_calls is reachable: the latter limits probes at once, not their total', () => {
    const circuit = new Circuit({ successThreshold: 5, halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.succeed(5);
    expect(circuit.breaker.state).toBe('closed');
  });
});

test('an opening says what opened it', () => {
  const circuit = new Circuit().tripAndWait();
  expect(circuit.events[0]).toMatchObject({ type: 'circuit_opened', reason: 'consecutive_failures' });
  circuit.fail();
  expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'probe_failed' });
  circuit.clock.jump(RECOVERY_MS);
  circuit.permit(10);
  circuit.clock.jump(10);
  circuit.enter();
  expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'probe_expired' });
});

describe('CLOSED -> OPEN: other processes found it down', () => {
  const wait = (circuit: Circuit): number => circuit.breaker.retryAfterMs();

  test('for as long as they still wait, and then it probes', () => {
    const circuit = new Circuit();
    circuit.fail(2);
    expect(openWithPeers(circuit.breaker, 400)).toBe(true);
    expect(wait(circuit)).toBe(400);
    expect(circuit.enter()).toBe(REFUSED);
    expect(circuit.events).toMatchObject([{ type: 'circuit_opened', reason: 'peers', failureCount: 2, recoveryTimeoutMs: 400 }]);
    circuit.clock.jump(400);
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.snapshot().stats.circuitOpens).toBe(1);
  });

  test('never longer than it would by itself: with a backoff, what its turn is', () => {
    const circuit = new Circuit({ reopenBackoff: { jitter: 0 } });
    openWithPeers(circuit.breaker, 1_000_000);
    expect(wait(circuit)).toBe(RECOVERY_MS);
    circuit.clock.jump(RECOVERY_MS);
    circuit.fail();
    expect(wait(circuit)).toBe(2 * RECOVERY_MS);
    circuit.clock.jump(2 * RECOVERY_MS);
    circuit.succeed(2);
    openWithPeers(circuit.breaker, 1_000_000);
    expect(wait(circuit)).toBe(4 * RECOVERY_MS);
    expect(circuit.breaker.snapshot().openingsInARow).toBe(3);
  });

  test('not where it is open, probes, or is held by hand; a call that was under way counts no more', () => {
    const circuit = new Circuit();
    const permit = circuit.permit();
    expect(openWithPeers(circuit.breaker, 400)).toBe(true);
    expect(openWithPeers(circuit.breaker, 900)).toBe(false);
    expect(wait(circuit)).toBe(400);
    circuit.clock.jump(400);
    const probe = circuit.permit(50);
    expect(openWithPeers(circuit.breaker, 900)).toBe(false);
    circuit.exit(permit, 'failure');
    expect(circuit.breaker.state).toBe('half_open');
    // A lease that has run out is settled first.
    circuit.clock.jump(50);
    expect(openWithPeers(circuit.breaker, 900)).toBe(false);
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'probe_expired' });
    circuit.exit(probe, 'success');
    for (const method of ['forceOpen', 'forceClosed', 'metricsOnly'] as const) {
      circuit.breaker[method]();
      expect(openWithPeers(circuit.breaker, 900)).toBe(false);
    }
  });
});

/** What mutation testing found that only the functions themselves show: the breaker takes shortcuts around them. */
describe('the functions behind the table', () => {
  let ids = 100;
  const nextId = (): number => ++ids;
  const rules: Rules = { options: BREAKER_DEFAULTS, seed: 1 };
  const standing = (kind: 'closed' | 'metrics_only', failures: number): BreakerState => {
    const common = { epoch: 7, since: 0, failures };
    return kind === 'closed'
      ? { ...common, kind, failedBy: failures === 0 ? undefined : SEVERAL, history: STABLE, rampUntil: Number.NEGATIVE_INFINITY }
      : { ...common, kind };
  };

  test.each(['closed', 'metrics_only'] as const)('%s: what changes nothing gives the same object', (kind) => {
    const state = standing(kind, 0);
    expect(admit(state, 0, 1, rules, nextId)).toEqual({ state, permit: 7 });
    for (const outcome of ['success', 'ignored', 'released'] as const) expect(settle(state, 7, outcome, 1, rules, nextId)).toBe(state);
  });

  test.each(['closed', 'metrics_only'] as const)('%s: only a success forgets failures', (kind) => {
    const state = standing(kind, 2);
    for (const outcome of ['ignored', 'released'] as const) expect(settle(state, 7, outcome, 1, rules, nextId)).toBe(state);
    expect(settle(state, 7, 'success', 1, rules, nextId)).toEqual({
      ...state,
      failures: 0,
      ...(kind === 'closed' && { failedBy: undefined }),
    });
  });

  test('a probe that comes back frees its own place and no other', () => {
    const probes = [1, 2, 3].map((permit) => ({ permit, leaseUntil: 1_000 }));
    const state: BreakerState = { kind: 'half_open', epoch: 7, since: 0, successes: 0, probes, history: STABLE };
    const left = [probes[0], probes[2]];
    expect(settle(state, 2, 'success', 1, rules, nextId)).toEqual({ ...state, successes: 1, probes: left });
    expect(settle(state, 2, 'released', 1, rules, nextId)).toEqual({ ...state, probes: left });
  });
});
