import fc from 'fast-check';
import type { BreakerOptions } from '../../../../../runtime/policies/circuit-breaker/options.js';
import type { Outcome } from '../../../../../runtime/policies/circuit-breaker/state.js';
import { opensOnNothing } from '../../../../../runtime/policies/circuit-breaker/window/options.js';
import type { Force, Reload } from './breaker-model.js';
import type { CallId } from './window-model.js';

/** What may happen to a circuit. */
export type Step =
  | { readonly do: 'enter'; readonly leaseMs: number }
  | {
      readonly do: 'exit';
      readonly which: number;
      readonly outcome: Outcome;
      readonly timedOut: boolean;
      readonly durationMs: number;
      readonly call: CallId;
    }
  | { readonly do: 'burst'; readonly outcome: Outcome; readonly times: number; readonly call: CallId }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stepWall'; readonly ms: number }
  | { readonly do: 'force'; readonly method: Force }
  | { readonly do: 'peers'; readonly leftMs: number }
  | { readonly do: 'reload'; readonly given: Reload };

/** Consecutive failures alone. */
const BASIC = {
  enabled: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  recoveryTimeoutMs: fc.constantFrom(0, 100, 300),
  halfOpenMaxCalls: fc.integer({ min: 1, max: 3 }),
};

const rate = fc.constantFrom(null, 0.25, 0.5, 1);
const slidingWindow = fc
  .record({
    type: fc.constantFrom('count' as const, 'time' as const),
    size: fc.integer({ min: 4, max: 8 }),
    durationMs: fc.constantFrom(100, 300),
    slots: fc.constantFrom(1, 3, 10),
    minimumCalls: fc.integer({ min: 1, max: 4 }),
    failureRateThreshold: rate,
    slowCallDurationMs: fc.constantFrom(null, 80),
    slowCallRateThreshold: rate,
    failureOrSlowRateThreshold: rate,
    failureThresholdCounts: fc.constantFrom('nothing' as const, 'consecutive' as const, 'window' as const),
  })
  .filter((window) => !opensOnNothing(window));

/** Without jitter: the model has no seed. */
const reopenBackoff = fc.record({
  multiplier: fc.constantFrom(1, 2),
  maxMs: fc.constantFrom(0, 500),
  jitter: fc.constant(0),
  resetAfterMs: fc.constantFrom(0, 100, 1_000),
  flappingSuccessThreshold: fc.constantFrom(null, 1, 4),
});

/** The longest is also what the end of a run waits for. */
export const LONGEST_RAMP_MS = 400;
const ramp = fc.record({ durationMs: fc.constantFrom(1, 100, LONGEST_RAMP_MS), initialShare: fc.constantFrom(0, 0.1, 0.5, 1) });

const orNone = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const orFalse = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | false> => fc.option(arbitrary, { nil: false as const });

export const basicOptions: fc.Arbitrary<BreakerOptions> = fc.record(BASIC);
export const allOptions: fc.Arbitrary<BreakerOptions> = fc.record({
  ...BASIC,
  slidingWindow: orNone(slidingWindow),
  reopenBackoff: orNone(reopenBackoff),
  ramp: orNone(ramp),
});

/** A few of the options, or all of them. */
const basicReload: fc.Arbitrary<Reload> = fc.record(BASIC, { requiredKeys: [] });
const anyReload: fc.Arbitrary<Reload> = fc.record(
  { ...BASIC, slidingWindow: orFalse(slidingWindow), reopenBackoff: orFalse(reopenBackoff), ramp: orFalse(ramp) },
  { requiredKeys: [] },
);

const outcome = fc.constantFrom<Outcome>('success', 'failure', 'failure', 'ignored', 'released');
/** Around the ends of leases, waits, slots, ramps, and of the time after which a call hangs. */
const WAITS_MS = [0, 0.5, 1, 5, 49, 50, 51, 75, 80, 98.5, 99, 99.5, 100, 150, 300, 300, 1_000];
/** Few, so that most failures in a row come from one call in some runs, and from several in others. */
const call = fc.constantFrom<CallId>(undefined, 1, 1, 2);
const FORCES = ['reset', 'forceOpen', 'forceClosed', 'metricsOnly'] as const satisfies readonly Force[];

function stepsWith(reload: fc.Arbitrary<Reload>): fc.Arbitrary<Step[]> {
  const exit = fc.record({
    do: fc.constant('exit' as const),
    which: fc.nat({ max: 50 }),
    outcome,
    timedOut: fc.boolean(),
    durationMs: fc.constantFrom(5, 79, 80, 200),
    call,
  });
  // Calls one after another: what opens a circuit, and what closes it, without a stroke of luck.
  const burst = fc.record({
    do: fc.constant('burst' as const),
    outcome: fc.constantFrom<Outcome>('success', 'failure'),
    times: fc.integer({ min: 1, max: 4 }),
    call,
  });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 24, arbitrary: fc.record({ do: fc.constant('enter' as const), leaseMs: fc.constantFrom(50, 100, 400) }) },
    { weight: 24, arbitrary: exit },
    { weight: 16, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(...WAITS_MS) }) },
    { weight: 12, arbitrary: burst },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stepWall' as const), ms: fc.constantFrom(-3_600_000, 3_600_000) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('force' as const), method: fc.constantFrom(...FORCES) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('peers' as const), leftMs: fc.constantFrom(1, 50, 100, 1_000) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('reload' as const), given: reload }) },
  );
  // By default fast-check makes few arrays longer than ten: too short for an outage and its end.
  return fc.array(step, { maxLength: 80, size: 'max' });
}

export const basicSteps = stepsWith(basicReload);
export const anySteps = stepsWith(anyReload);
