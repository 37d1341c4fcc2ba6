import { describe, expect, test } from 'vitest';
import { CircuitBreaker, REFUSED } from '../../../runtime/breaker/breaker.js';
import { BREAKER_DEFAULTS, DEFAULT_LEASE_MS } from '../../../runtime/breaker/options.js';
import { BreakerRegistry } from '../../../runtime/breaker/registry.js';
import { CircuitOpenError } from '../../../runtime/errors/call-errors.js';
import { statusTable } from '../../../runtime/policies/classify.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
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

describe('late results', () => {
  test('A5 a failure from before the outage, arriving after the recovery, is not counted', () => {
    const circuit = new Circuit();
    const old = [circuit.permit(), circuit.permit(), circuit.permit()];
    circuit.tripAndWait();
    circuit.succeed(2);
    for (const permit of old) circuit.exit(permit, 'failure');
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.failureCount).toBe(0);
  });

  test('A5 nor does its success forgive failures of the new period', () => {
    const circuit = new Circuit();
    const old = circuit.permit();
    circuit.tripAndWait();
    circuit.succeed(2);
    circuit.fail(2);
    circuit.exit(old, 'success');
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });

  test('A6 late failures while open: no second event, no longer wait', () => {
    const circuit = new Circuit();
    const late = Array.from({ length: 6 }, () => circuit.permit());
    circuit.trip();
    circuit.clock.jump(900);
    for (const permit of late) circuit.exit(permit, 'failure');
    expect(circuit.types).toEqual(['circuit_opened']);
    expect(circuit.breaker.retryAfterMs()).toBe(100);
    expect(circuit.breaker.snapshot().stats.circuitOpens).toBe(1);
    circuit.clock.jump(100);
    expect(circuit.enter()).not.toBe(REFUSED);
  });
});

describe('one state', () => {
  test('A14 every snapshot, at every moment of an outage, is of one state', () => {
    const circuit = new Circuit();
    const look = (): unknown => {
      const { state, forced, failureCount, successCount, timeUntilRetryMs, inStateMs } = circuit.breaker.snapshot();
      expect(state).toBe(circuit.breaker.state);
      return { state, forced, failureCount, successCount, timeUntilRetryMs, inStateMs };
    };
    const closed = { state: 'closed', forced: null, failureCount: 0, successCount: 0, timeUntilRetryMs: null, inStateMs: 0 };
    expect(look()).toEqual(closed);
    circuit.trip();
    expect(look()).toEqual({ ...closed, state: 'open', failureCount: 3, timeUntilRetryMs: RECOVERY_MS });
    circuit.clock.jump(RECOVERY_MS);
    expect(look()).toEqual({ ...closed, state: 'half_open' });
    circuit.clock.jump(70);
    expect(look()).toEqual({ ...closed, state: 'half_open', inStateMs: 70 });
    circuit.succeed();
    expect(look()).toEqual({ ...closed, state: 'half_open', successCount: 1, inStateMs: 70 });
    circuit.succeed();
    expect(look()).toEqual(closed);
  });

  test('A14 looking changes nothing and tells nobody', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    circuit.permit(500);
    circuit.clock.jump(700);
    const before = circuit.events.length;
    const first = JSON.stringify(circuit.breaker);
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.breaker.retryAfterMs()).toBe(RECOVERY_MS - 200);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ circuitOpens: 1, stateChanges: 2 });
    expect(JSON.stringify(circuit.breaker)).toBe(first);
    expect(circuit.events).toHaveLength(before);
    // What time decided is told to whoever comes next, and to the client on whose behalf it happens.
    const seen: string[] = [];
    expect(circuit.breaker.enter(circuit.clock.now(), 500, (event) => seen.push(event.type))).toBe(REFUSED);
    expect(seen).toEqual(['circuit_opened']);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ circuitOpens: 2, stateChanges: 3 });
  });

  test('A14 asking about another moment does not move the circuit there', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, successThreshold: 1 }).tripAndWait();
    const probe = circuit.permit(500);
    expect(circuit.breaker.retryAfterMs(circuit.clock.now() + 600)).toBe(RECOVERY_MS - 100);
    circuit.exit(probe, 'success');
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A16 forced open while half-open, then released: counters start anew, and a manual opening stays', () => {
    const circuit = new Circuit().tripAndWait();
    const probe = circuit.permit();
    circuit.breaker.forceOpen();
    circuit.exit(probe, 'success');
    circuit.clock.jump(RECOVERY_MS * 1_000);
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.enter()).toBe(REFUSED);
    circuit.breaker.reset();
    expect(circuit.breaker.state).toBe('closed');
    circuit.fail(2);
    expect(circuit.breaker.state).toBe('closed');
    circuit.fail();
    expect(circuit.breaker.state).toBe('open');
  });
});

describe('clocks', () => {
  test.each([3_600_000, -3_600_000])('A19 the wall clock steps by %i ms while open: the wait stays as it is', (step) => {
    const circuit = new Circuit().trip();
    circuit.clock.jump(400);
    circuit.clock.stepWall(step);
    expect(circuit.breaker.retryAfterMs()).toBe(600);
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(600);
    expect(circuit.breaker.state).toBe('half_open');
  });

  test.each([3_600_000, -3_600_000])('A19 the wall clock steps by %i ms while closed, and while a probe runs', (step) => {
    const circuit = new Circuit();
    circuit.fail(2);
    circuit.clock.stepWall(step);
    expect(circuit.breaker.failureCount).toBe(2);
    circuit.fail();
    circuit.clock.jump(RECOVERY_MS);
    const probe = circuit.permit(500);
    circuit.clock.stepWall(step);
    circuit.exit(probe, 'success');
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.snapshot().inStateMs).toBe(0);
  });

  test('A20 refused, ignored, released and unfinished calls do not dilute the error rate', () => {
    const circuit = new Circuit({ failureThreshold: 10 });
    for (let at = 0; at < 20; at++) circuit.permit();
    for (let at = 0; at < 20; at++) circuit.exit(circuit.permit(), 'ignored');
    for (let at = 0; at < 20; at++) circuit.exit(circuit.permit(), 'released');
    circuit.fail(10);
    expect(circuit.breaker.state).toBe('open');
    for (let at = 0; at < 20; at++) circuit.enter();
    expect(circuit.breaker.snapshot()).toMatchObject({ errorRate: 1, successRate: 0 });
  });

  test('A23 the event loop was blocked past the wait: no timer is needed', () => {
    const circuit = new Circuit().trip();
    expect(circuit.clock.pendingTimers).toBe(0);
    circuit.clock.jump(RECOVERY_MS * 50);
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.enter()).not.toBe(REFUSED);
    expect(circuit.clock.pendingTimers).toBe(0);
  });
});

describe('errors and neighbours', () => {
  test('A44 the error of an open circuit is new each time, has no cause and does not grow', async () => {
    const circuit = new Circuit().trip();
    const errors: CircuitOpenError[] = [];
    for (let at = 0; at < 50; at++) {
      const error: unknown = await circuit.breaker.call(() => 1).catch((caught: unknown) => caught);
      if (error instanceof CircuitOpenError) errors.push(error);
    }
    expect(new Set(errors).size).toBe(50);
    expect(errors.every((error) => error.cause === undefined)).toBe(true);
    expect(new Set(errors.map((error) => error.stack?.length)).size).toBe(1);
    expect(errors[0]?.stack).toBe(`CircuitOpenError: ${errors[0]?.message}`);
  });

  test('A44 making it leaves the limit of other stacks alone', () => {
    const limit = Error.stackTraceLimit;
    new Circuit().trip().breaker.openError();
    expect(Error.stackTraceLimit).toBe(limit);
    expect(new Error('x').stack).toContain('hard-cases');
  });

  test("A50 one circuit's failures never open another's, of another service, origin or scope", () => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock });
    const names = ['ghl', 'ghl@eu.example.com', 'ghl/contacts', 'sendgrid'];
    const [failing, ...others] = names.map((name) => registry.obtain(name, name.split(/[@/]/)[0] ?? '', BREAKER_DEFAULTS));
    const own = new CircuitBreaker({ name: 'ghl', clock });
    for (let at = 0; at < 50; at++) {
      const permit = failing?.enter(clock.now()) ?? REFUSED;
      if (permit !== REFUSED) failing?.exit(permit, 'failure', clock.now());
    }
    expect(failing?.state).toBe('open');
    expect([...others, own].map((breaker) => breaker.state)).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect(others.map((breaker) => breaker.snapshot().stats.failedRequests)).toEqual([0, 0, 0]);
  });
});
