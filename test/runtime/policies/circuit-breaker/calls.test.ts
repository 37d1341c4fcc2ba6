import { describe, expect, test } from 'vitest';
import { CALLER } from '../../../../runtime/observe/event-hub.js';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { failedBy, nextCallNumber, ONE_ATTEMPT, SEVERAL } from '../../../../runtime/policies/circuit-breaker/calls.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

/** What the failures of these calls, one after another, come from. */
const rowOf = (...calls: readonly number[]): number | undefined =>
  calls.reduce<number | undefined>((before, call) => failedBy(before, call), undefined);

test('numbers differ, and none of them is that of single attempts', () => {
  const numbers = [nextCallNumber(), nextCallNumber(), nextCallNumber()];
  expect(new Set([...numbers, ONE_ATTEMPT, SEVERAL]).size).toBe(5);
});

test.each([
  ['one call', [7], false],
  ['one call again and again', [7, 7, 7], false],
  ['two calls', [7, 8], true],
  ['two calls, and the first again', [7, 8, 7, 7], true],
  ['one without a number', [ONE_ATTEMPT], false],
  ['two without a number', [ONE_ATTEMPT, ONE_ATTEMPT], true],
  ['one without a number after one with', [7, ONE_ATTEMPT], true],
  ['one with a number after one without', [ONE_ATTEMPT, 7], true],
])('failures in a row of %s: of several %j', (_, calls, several) => {
  expect(rowOf(...calls) === SEVERAL).toBe(several);
});

describe('R16 a circuit', () => {
  const clock = new FakeClock();
  const fail = (breaker: CircuitBreaker, call: number | undefined, times = 1): void => {
    for (let at = 0; at < times; at++) {
      const audience = call === undefined ? undefined : { ...CALLER, callNumber: call };
      breaker.exit(breaker.enter(clock.now(), 1_000), 'failure', clock.now(), 5, false, audience);
    }
  };

  test('counts every attempt of one call, and opens at the first failure of another', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 3, clock });
    fail(breaker, 1, 10);
    expect([breaker.state, breaker.failureCount]).toEqual(['closed', 10]);
    fail(breaker, 2);
    expect([breaker.state, breaker.failureCount]).toEqual(['open', 11]);
  });

  test('forgets who failed with the first success', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 3, clock });
    fail(breaker, 1, 2);
    breaker.exit(breaker.enter(clock.now(), 1_000), 'success', clock.now());
    fail(breaker, 2, 9);
    expect(breaker.state).toBe('closed');
  });

  test('opens by one call where the threshold is 1', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, clock });
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  test('opens again by a single probe', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 2, recoveryTimeoutMs: 0, clock });
    fail(breaker, 1);
    fail(breaker, 2);
    expect(breaker.state).toBe('half_open');
    fail(breaker, 3);
    expect(breaker.snapshot().stats.circuitOpens).toBe(2);
  });

  test('counts each attempt without a number as a call of its own', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 3, clock });
    for (let at = 0; at < 3; at++) await breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
    expect(breaker.state).toBe('open');
  });

  test.each([
    ['a rate', { type: 'count', size: 4, minimumCalls: 4, failureRateThreshold: 0.5 }, 5],
    ['failures in the window', { type: 'count', size: 10, failureRateThreshold: null, failureThresholdCounts: 'window' }, 3],
    [
      'slow calls',
      { type: 'count', size: 4, minimumCalls: 4, failureRateThreshold: null, slowCallDurationMs: 5, slowCallRateThreshold: 0.5 },
      5,
    ],
  ] as const)('with a window: one call opens nothing by %s, two calls do', (_, slidingWindow, failureThreshold) => {
    const breaker = new CircuitBreaker({ failureThreshold, slidingWindow, clock });
    fail(breaker, 1, 20);
    expect(breaker.state).toBe('closed');
    fail(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  test('with a window in which one sample is enough, one call opens it', () => {
    const breaker = new CircuitBreaker({ slidingWindow: { type: 'count', size: 4, minimumCalls: 1, failureRateThreshold: 0.5 }, clock });
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });
});
