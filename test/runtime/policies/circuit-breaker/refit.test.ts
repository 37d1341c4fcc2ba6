import { describe, expect, test } from 'vitest';
import { BREAKER_DEFAULTS, breakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import { STABLE } from '../../../../runtime/policies/circuit-breaker/recovery/reopen-backoff.js';
import { changedOptions, refitted } from '../../../../runtime/policies/circuit-breaker/refit.js';
import type { BreakerState } from '../../../../runtime/policies/circuit-breaker/state.js';
import { closed } from '../../../../runtime/policies/circuit-breaker/transition.js';

const FLAPPED = { openings: 3, flaps: 2 };
const both = breakerOptions({ reopenBackoff: {}, ramp: { durationMs: 1_000 } });

describe('a state under other options', () => {
  test.each<BreakerState>([
    { kind: 'forced_open', epoch: 1, since: 0 },
    { kind: 'forced_closed', epoch: 1, since: 0 },
    { kind: 'metrics_only', epoch: 1, since: 0, failures: 2 },
  ])('held by hand: the very same ($kind)', (state) => {
    expect(refitted(state, both, 5)).toBe(state);
    expect(refitted(state, BREAKER_DEFAULTS, 5)).toBe(state);
  });

  test.each<BreakerState>([
    { kind: 'open', epoch: 1, since: 0, until: 9, waitMs: 9, failures: 2, reason: 'failure_rate', history: FLAPPED },
    { kind: 'half_open', epoch: 1, since: 0, successes: 1, probes: [], history: FLAPPED },
  ])('$kind: the same, with nothing to remember where there is no backoff', (state) => {
    expect(refitted(state, both, 5)).toStrictEqual(state);
    expect(refitted(state, BREAKER_DEFAULTS, 5)).toStrictEqual({ ...state, history: STABLE });
  });

  test('closed: its ramp ends where it would have ended, had it closed under the new one; one that is over stays over', () => {
    const state = closed(1, 100, FLAPPED, 600);
    expect(refitted(state, both, 599)).toStrictEqual({ ...state, rampUntil: 1_100 });
    expect(refitted(state, both, 600)).toStrictEqual(state);
    expect(refitted(state, BREAKER_DEFAULTS, 599)).toStrictEqual({ ...state, history: STABLE, rampUntil: Number.NEGATIVE_INFINITY });
  });
});

test('changed options: what is undefined stays, what is false ends', () => {
  const changed = changedOptions(both, {
    failureThreshold: 9,
    successThreshold: undefined as never,
    ramp: false,
    reopenBackoff: undefined,
  });
  expect(changed).toEqual({ ...both, failureThreshold: 9, ramp: false });
});
