import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../../runtime/policies/circuit-breaker/breaker.js';
import {
  drawOf,
  historyAfterOpening,
  type ReopenBackoffOptions,
  reopenOptions,
  reopenWaitMs,
  STABLE,
} from '../../../../../runtime/policies/circuit-breaker/recovery/reopen-backoff.js';
import { closed } from '../../../../../runtime/policies/circuit-breaker/transition.js';
import { Circuit, RECOVERY_MS } from '../circuit.js';

const plain: ReopenBackoffOptions = { jitter: 0, maxMs: 6_000, resetAfterMs: 5_000 };
const flapping = (more: ReopenBackoffOptions = {}): Circuit => new Circuit({ reopenBackoff: { ...plain, ...more }, successThreshold: 1 });

function waitOf(circuit: Circuit): number {
  return circuit.breaker.retryAfterMs();
}

describe('a circuit that keeps opening', () => {
  test('waits twice as long each time, up to the cap', () => {
    const circuit = flapping();
    circuit.trip();
    const waits = [waitOf(circuit)];
    for (let at = 0; at < 4; at++) {
      circuit.clock.jump(waitOf(circuit));
      circuit.fail();
      waits.push(waitOf(circuit));
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 6_000, 6_000]);
    expect(circuit.breaker.snapshot().openingsInARow).toBe(5);
    const opened = circuit.events.filter(({ type }) => type === 'circuit_opened');
    expect(opened.map((event) => 'recoveryTimeoutMs' in event && event.recoveryTimeoutMs)).toEqual(waits);
  });

  test('not a moment less than the wait', () => {
    const circuit = flapping().tripAndWait();
    circuit.fail();
    circuit.clock.jump(1_999);
    expect(circuit.enter()).toBe(REFUSED);
    circuit.clock.jump(1);
    expect(circuit.enter()).not.toBe(REFUSED);
  });

  test('closing does not end the row; staying closed does', () => {
    const circuit = flapping().tripAndWait();
    circuit.succeed();
    circuit.clock.jump(4_999);
    circuit.trip();
    expect(waitOf(circuit)).toBe(2_000);
    circuit.clock.jump(2_000);
    circuit.succeed();
    circuit.clock.jump(5_000);
    circuit.trip();
    expect(waitOf(circuit)).toBe(1_000);
  });

  test('a lease that runs out is an opening like any other', () => {
    const circuit = flapping().tripAndWait();
    circuit.permit(500);
    circuit.clock.jump(500);
    expect(waitOf(circuit)).toBe(2_000);
    expect(circuit.enter()).toBe(REFUSED);
    expect(waitOf(circuit)).toBe(2_000);
    expect(circuit.events.at(-1)).toMatchObject({ reason: 'probe_expired', recoveryTimeoutMs: 2_000 });
  });

  test('reset by hand forgets the row', () => {
    const circuit = flapping().tripAndWait();
    circuit.fail();
    circuit.breaker.reset();
    circuit.trip();
    expect(waitOf(circuit)).toBe(1_000);
  });

  test('one that flaps must prove more; failed probes alone are no flapping', () => {
    const circuit = flapping({ flappingSuccessThreshold: 3 }).tripAndWait();
    circuit.fail();
    circuit.clock.jump(2_000);
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
    circuit.trip();
    circuit.clock.jump(waitOf(circuit));
    circuit.succeed(2);
    expect(circuit.breaker.state).toBe('half_open');
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
    circuit.clock.jump(5_000);
    circuit.trip();
    circuit.clock.jump(waitOf(circuit));
    circuit.succeed();
    expect(circuit.breaker.state).toBe('closed');
  });

  test('of the openings in a row, those of a circuit that had just closed are flaps', () => {
    const backoff = reopenOptions({ resetAfterMs: 5_000 });
    const justClosed = closed(1, 0, { openings: 3, flaps: 1 });
    expect(historyAfterOpening(justClosed, 4_999, backoff)).toEqual({ openings: 4, flaps: 2 });
    expect(historyAfterOpening(justClosed, 5_000, backoff)).toEqual({ openings: 1, flaps: 0 });
    expect(historyAfterOpening(justClosed, 4_999, undefined)).toEqual(STABLE);
    const probing = { ...justClosed, kind: 'half_open', successes: 0, probes: [] } as const;
    expect(historyAfterOpening(probing, 9_999, backoff)).toEqual({ openings: 4, flaps: 1 });
  });

  test('without a backoff every wait is the recovery timeout', () => {
    const circuit = new Circuit().tripAndWait();
    for (let at = 0; at < 5; at++) {
      circuit.fail();
      expect(waitOf(circuit)).toBe(RECOVERY_MS);
      circuit.clock.jump(RECOVERY_MS);
    }
    expect(circuit.breaker.snapshot().openingsInARow).toBe(0);
  });
});

describe('jitter', () => {
  test('looking ahead sees the wait that will be', () => {
    const circuit = new Circuit({ reopenBackoff: {}, random: () => 0.123 }).tripAndWait();
    circuit.clock.jump(200);
    circuit.permit(500);
    circuit.clock.jump(600);
    const seen = [waitOf(circuit), waitOf(circuit), waitOf(circuit)];
    circuit.enter();
    expect([...seen, waitOf(circuit)]).toEqual(Array(4).fill(seen[0]));
  });

  test('circuits of different seeds wait differently, those of one seed alike', () => {
    const wait = (random: number): number => waitOf(new Circuit({ reopenBackoff: { jitter: 1 }, random: () => random }).trip());
    expect(wait(0.1)).toBe(wait(0.1));
    expect(new Set([0.1, 0.2, 0.3, 0.4, 0.5].map(wait)).size).toBe(5);
  });

  test('draws spread over 0 to 1', () => {
    const draws = Array.from({ length: 10_000 }, (_, epoch) => drawOf(0xc0ffee, epoch));
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
      expect(share).toBeGreaterThan(850);
      expect(share).toBeLessThan(1_150);
    }
  });

  test('a wait is never shorter than the recovery timeout, never longer than the cap, and spreads at the cap as well', () => {
    const backoff = fc.record({
      multiplier: fc.double({ min: 1, max: 100, noNaN: true }),
      maxMs: fc.integer({ min: 0, max: 1e6 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(backoff, fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 5_000 }), draw, (given, baseMs, openings, drawn) => {
        const wait = reopenWaitMs(reopenOptions(given), baseMs, openings, drawn);
        expect(wait).toBeGreaterThanOrEqual(baseMs);
        expect(wait).toBeLessThanOrEqual(Math.max(baseMs, given.maxMs) * (1 + 1e-12));
      }),
    );
    const capped = reopenOptions({ maxMs: 60_000, jitter: 0.2 });
    expect(reopenWaitMs(capped, 5_000, 50, 0)).toBe(50_000);
    expect(reopenWaitMs(capped, 5_000, 50, 0.999)).toBeGreaterThan(59_900);
  });
});
