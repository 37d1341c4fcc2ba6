import { describe, expect, test } from 'vitest';
import { BreakerCounters } from '../../../../runtime/policies/circuit-breaker/counters.js';
import { CHANGES, TransitionCounts } from '../../../../runtime/policies/circuit-breaker/transition-counts.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

/** Changes that were counted, by `from>to`. */
function changes(counts: TransitionCounts | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    CHANGES.map(([from, to], at) => [`${from}>${to}`, counts?.changes[at] ?? 0]).filter(([, count]) => count !== 0),
  );
}

describe('changes of state', () => {
  test('a circuit without any keeps no counts', () => {
    expect(new Circuit().breaker.counters.transitions).toBeUndefined();
  });

  test('an outage with a probe that fails, and a reset', () => {
    const circuit = new Circuit({ failureThreshold: 1, successThreshold: 1 });
    const { breaker, clock } = circuit;
    const attempt = (outcome: 'success' | 'failure'): void => breaker.exit(breaker.enter(clock.now()), outcome, clock.now());
    attempt('failure');
    clock.jump(RECOVERY_MS);
    attempt('failure');
    clock.jump(RECOVERY_MS + 0.4);
    attempt('success');
    breaker.forceOpen();
    clock.jump(7_200_001);
    breaker.reset();
    const { transitions } = breaker.counters;
    expect(changes(transitions)).toEqual({
      'closed>open': 2,
      'open>half_open': 2,
      'half_open>open': 1,
      'half_open>closed': 1,
      'open>closed': 1,
    });
    expect(transitions).toMatchObject({ recoveries: 2, recoverySumMs: 2 * RECOVERY_MS + 7_200_001 });
    expect([...(transitions?.recoveryBuckets ?? [])]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('what looks the same from outside is no change', () => {
    const { breaker } = new Circuit();
    breaker.forceClosed();
    breaker.metricsOnly();
    expect(changes(breaker.counters.transitions)).toEqual({});
    expect(breaker.snapshot().stats.stateChanges).toBe(2);
  });
});

test('a recovery counts in the bucket whose bound it does not exceed, and sums of counts are sums of buckets', () => {
  const [one, other] = [new TransitionCounts(), new TransitionCounts()];
  for (const downMs of [0, 1_000, 1_000.1, 5_000]) one.moved('half_open', 'closed', downMs);
  for (const downMs of [3_000, 7_200_000, 7_200_000.1]) other.moved('half_open', 'closed', downMs);
  expect([...one.recoveryBuckets]).toEqual([2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  one.add(other);
  expect([...one.recoveryBuckets]).toEqual([2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  expect(one).toMatchObject({ recoveries: 7, recoverySumMs: 7_000 + 3_000 + 14_400_000 });
  expect(changes(one)).toEqual({ 'half_open>closed': 7 });
});

test('counters add up', () => {
  const circuits = [new Circuit(), new Circuit()];
  const sum = new BreakerCounters();
  for (const { breaker, clock } of circuits) {
    breaker.exit(breaker.enter(clock.now()), 'failure', clock.now(), 20, true);
    breaker.exit(breaker.enter(clock.now()), 'success', clock.now(), 10);
    breaker.forceOpen();
    breaker.enter(clock.now());
    breaker.reset();
    sum.add(breaker.counters);
  }
  expect(sum).toMatchObject({ requests: 6, failures: 2, timeouts: 2, successes: 2, rejected: 2, opens: 2, totalDurationMs: 60 });
  expect(changes(sum.transitions)).toEqual({ 'closed>open': 2, 'open>closed': 2 });
  expect(sum.transitions?.recoveries).toBe(2);
});
