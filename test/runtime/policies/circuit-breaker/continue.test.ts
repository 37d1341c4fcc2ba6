import { describe, expect, test } from 'vitest';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { glanceAt } from '../../../../runtime/policies/circuit-breaker/glance.js';
import { conditionOf, continueFrom } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

/** A circuit of the same clock that goes on from there. */
function continued(old: Circuit, enabled = true): { readonly next: Circuit; readonly went: boolean } {
  const next = new Circuit({ enabled, clock: old.clock, halfOpenMaxCalls: 1, successThreshold: 1 });
  const condition = conditionOf(old.breaker);
  if (condition === undefined) throw new Error('it has no condition');
  return { next, went: continueFrom(next.breaker, condition) };
}

describe('a circuit that goes on from another’s condition', () => {
  test('probes stay where they were let in: there is place for others', () => {
    const old = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    old.permit();
    const { next, went } = continued(old);
    expect([went, next.breaker.state]).toEqual([true, 'half_open']);
    const permit = next.breaker.enter(old.clock.now());
    expect(permit).not.toBe(REFUSED);
    expect(next.breaker.enter(old.clock.now())).toBe(REFUSED);
    old.clock.jump(7);
    next.breaker.exit(permit, 'success', old.clock.now());
    expect(next.events).toMatchObject([{ type: 'circuit_closed', downMs: RECOVERY_MS + 7 }]);
  });

  test.each([
    ['closed', (old: Circuit) => old.fail(2)],
    ['open', (old: Circuit) => old.trip()],
    ['half-open', (old: Circuit) => old.tripAndWait()],
  ])('one that is off goes on from nothing that is not forced: %s', (_, act) => {
    const old = new Circuit();
    act(old);
    const { next, went } = continued(old, false);
    expect([went, glanceAt(next.breaker, old.clock.now()).forced]).toEqual([false, false]);
    for (let at = 0; at < 9; at++) next.breaker.exit(next.breaker.enter(old.clock.now()), 'failure', old.clock.now());
    expect(next.breaker.snapshot()).toMatchObject({ state: 'closed', forced: 'closed', failureCount: 0, downMs: null });
  });

  test.each([
    ['forceOpen', 'open'],
    ['forceClosed', 'closed'],
    ['metricsOnly', 'metrics_only'],
  ] as const)('but from %s it does', (force, forced) => {
    const old = new Circuit();
    old.breaker[force]();
    const { next, went } = continued(old, false);
    expect([went, next.breaker.snapshot().forced, glanceAt(next.breaker, 0).forced]).toEqual([true, forced, true]);
  });

  test('one that is off has no condition', () => {
    expect(conditionOf(new Circuit({ enabled: false }).breaker)).toBeUndefined();
  });
});
