import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../../runtime/errors/call-errors.js';
import { CircuitBreaker, REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { audience } from '../../../support/audience.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

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
    expect(
      circuit.breaker.enter(
        circuit.clock.now(),
        500,
        audience((event) => seen.push(event.type)),
      ),
    ).toBe(REFUSED);
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

  test.each([3_600_000, -3_600_000])(
    'A19 the wall clock steps by %i ms: window, calls in flight, backoff and ramp go by what passed',
    (step) => {
      const circuit = new Circuit({
        slidingWindow: { durationMs: 1_000, slots: 10, minimumCalls: 3, slowCallDurationMs: 400 },
        reopenBackoff: { multiplier: 2, jitter: 0 },
        ramp: { durationMs: 1_000, initialShare: 0.1 },
      });
      const hanging = circuit.permit();
      circuit.fail();
      circuit.clock.stepWall(step);
      expect(circuit.breaker.snapshot().window).toMatchObject({ calls: 1, failedCalls: 1, slowCallsInFlight: 0 });
      circuit.exit(hanging, 'released');
      circuit.fail(2);
      circuit.clock.jump(RECOVERY_MS);
      circuit.fail();
      expect(circuit.breaker.retryAfterMs()).toBe(2 * RECOVERY_MS);
      circuit.clock.stepWall(step);
      expect(circuit.breaker.retryAfterMs()).toBe(2 * RECOVERY_MS);
      circuit.clock.jump(2 * RECOVERY_MS);
      circuit.succeed(2);
      circuit.clock.stepWall(step);
      expect(circuit.breaker.snapshot().rampShare).toBeCloseTo(0.1);
      circuit.clock.jump(500);
      circuit.clock.stepWall(step);
      expect(circuit.breaker.snapshot().rampShare).toBeCloseTo(0.55);
    },
  );

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
