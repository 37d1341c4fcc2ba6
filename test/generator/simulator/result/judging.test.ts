import { describe, expect, it } from 'vitest';
import type { Transition } from '../../../../generator/simulator/engine/simulation.js';
import { type CircuitResult, judgeCircuit } from '../../../../generator/simulator/result/circuits.js';
import { highestRate, Judge, meanRates, spansAbove, type TruthStep } from '../../../../generator/simulator/result/truth.js';
import type { Conditions } from '../../../../generator/simulator/scenario/types.js';
import { POLICY_DEFAULTS } from '../../../../runtime/config/defaults.js';
import type { PolicyValues } from '../../../../runtime/config/types.js';
import type { TransitionEvent } from '../../../../runtime/observe/events.js';

const policy = (given: Partial<PolicyValues> = {}): PolicyValues => ({ ...POLICY_DEFAULTS, totalTimeoutMs: 120_000, ...given });

const conditions = (given: Partial<Conditions>): Conditions => ({
  errorRate: 0,
  errors: [{ fault: 503, weight: 1 }],
  latency: { p50Ms: 100, p99Ms: 100 },
  errorLatency: undefined,
  retryAfterSeconds: undefined,
  ...given,
});

describe('the true error rate is what counts against the circuit', () => {
  it.each<[string, Partial<Conditions>, Partial<PolicyValues>, number]>([
    ['statuses that count', { errorRate: 0.4 }, {}, 0.4],
    [
      'of a mix, its part that counts',
      {
        errorRate: 0.4,
        errors: [
          { fault: 503, weight: 1 },
          { fault: 429, weight: 3 },
        ],
      },
      {},
      0.1,
    ],
    ['429 where it counts', { errorRate: 0.4, errors: [{ fault: 429, weight: 1 }] }, { failureStatuses: [429] }, 0.4],
    [
      'connections and hanging',
      {
        errorRate: 0.5,
        errors: [
          { fault: 'network', weight: 1 },
          { fault: 'hang', weight: 1 },
        ],
      },
      {},
      0.5,
    ],
    [
      'hanging without a limit counts never',
      { errorRate: 0.5, errors: [{ fault: 'hang', weight: 1 }] },
      { timeoutMs: null, totalTimeoutMs: null },
      0,
    ],
    ['answers that come too late', { latency: { p50Ms: 6_000, p99Ms: 6_000 } }, { timeoutMs: 5_000 }, 1],
    ['of log-normal ones, those that do', { latency: { p50Ms: 5_000, p99Ms: 50_000 } }, { timeoutMs: 5_000 }, 0.5],
    ['slow ones, where a window judges them', { latency: { p50Ms: 3_000, p99Ms: 3_000 } }, { windowEnabled: true, slowCallMs: 2_000 }, 1],
    ['slow ones, where nothing does', { latency: { p50Ms: 3_000, p99Ms: 3_000 } }, { slowCallMs: 2_000 }, 0],
    [
      'late ones among those that do not fail',
      { errorRate: 0.5, latency: { p50Ms: 5_000, p99Ms: 50_000 }, errorLatency: { p50Ms: 1, p99Ms: 1 } },
      { timeoutMs: 5_000 },
      0.75,
    ],
  ])('%s', (_, given, values, rate) => {
    expect(new Judge(policy(values)).rate(conditions(given))).toBeCloseTo(rate, 6);
  });

  it('our own shortage never counts against the service', () => {
    const judge = new Judge(policy());
    expect([judge.counts('local'), judge.counts('dns')]).toEqual([false, true]);
    expect(judge.rate(conditions({ errorRate: 1, errors: [{ fault: 'local', weight: 1 }] }))).toBe(0);
  });

  it('steps: the highest rate, spans above a level, means', () => {
    const truth: TruthStep[] = [
      { fromMs: 0, toMs: 10, rate: 0 },
      { fromMs: 10, toMs: 20, rate: 0.2 },
      { fromMs: 20, toMs: 30, rate: 0.6 },
      { fromMs: 30, toMs: 40, rate: 0 },
      { fromMs: 40, toMs: 50, rate: 0.3 },
    ];
    expect([highestRate(truth, 0, 9), highestRate(truth, 0, 10), highestRate(truth, 31, 39), highestRate(truth, -5, 100)]).toEqual([
      0, 0.2, 0, 0.6,
    ]);
    expect(spansAbove(truth, 0.1)).toEqual([
      { fromMs: 10, toMs: 30, rate: 0.6 },
      { fromMs: 40, toMs: 50, rate: 0.3 },
    ]);
    expect(meanRates(truth, 20, 3)).toEqual([expect.closeTo(0.1, 6), expect.closeTo(0.3, 6), expect.closeTo(0.3, 6)]);
  });
});

const SECOND = 1_000;

/** A circuit that changes at these seconds, from closed: `120 open`. */
function judged(
  changes: readonly (readonly [at: number, to: 'open' | 'half_open' | 'closed'])[],
  outages: readonly (readonly [from: number, to: number, rate: number])[],
): CircuitResult {
  let from: TransitionEvent['oldState'] = 'closed';
  const transitions = changes.map(([at, to]): Transition => {
    const event = {
      type: 'circuit_opened',
      circuit: 'ghl',
      service: 'ghl',
      at: 0,
      oldState: from,
      newState: to,
      failureCount: 3,
      recoveryTimeoutMs: 60_000,
    } as const;
    from = to;
    return { atMs: at * SECOND, event };
  });
  const cuts = [0, ...outages.flatMap((outage) => outage.slice(0, 2)), 1_000];
  const truth = cuts.slice(0, -1).map((start, at): TruthStep => {
    const rate = outages.find(([begin]) => begin === start)?.[2] ?? 0.01;
    return { fromMs: start * SECOND, toMs: (cuts[at + 1] ?? 0) * SECOND, rate };
  });
  return judgeCircuit({
    name: 'ghl',
    operations: [],
    transitions,
    truth,
    healthyBelow: 0.1,
    lookBackMs: 10 * SECOND,
    durationMs: 1_000 * SECOND,
  });
}

describe('what a circuit did is judged by what the service did', () => {
  it('time to open and to recover', () => {
    const result = judged(
      [
        [102, 'open'],
        [162, 'half_open'],
        [162.2, 'open'],
        [222, 'half_open'],
        [223, 'closed'],
      ],
      [[100, 200, 1]],
    );
    expect(result.troubles).toEqual([{ fromMs: 100_000, toMs: 200_000, rate: 1, openedAfterMs: 2_000, recoveredAfterMs: 23_000 }]);
    expect(result.timeToOpenMs).toEqual({ mean: 2_000, worst: 2_000, count: 1 });
    expect(result.timeToRecoverMs).toEqual({ mean: 23_000, worst: 23_000, count: 1 });
    expect([result.opens, result.falseOpens, result.notClosedMs]).toEqual([2, 0, 121_000]);
  });

  it('over several outages the mean and the worst; one that the circuit slept through counts in neither', () => {
    const { troubles, timeToOpenMs, timeToRecoverMs } = judged(
      [
        [101, 'open'],
        [161, 'half_open'],
        [162, 'closed'],
        [303, 'open'],
        [363, 'half_open'],
        [364, 'closed'],
      ],
      [
        [100, 150, 1],
        [200, 210, 0.2],
        [300, 350, 1],
      ],
    );
    expect(troubles.map(({ openedAfterMs, recoveredAfterMs }) => [openedAfterMs, recoveredAfterMs])).toEqual([
      [1_000, 12_000],
      [null, null],
      [3_000, 14_000],
    ]);
    expect([timeToOpenMs, timeToRecoverMs]).toEqual([
      { mean: 2_000, worst: 3_000, count: 2 },
      { mean: 13_000, worst: 14_000, count: 2 },
    ]);
  });

  it('a circuit that is still open when the next outage begins has opened for it already', () => {
    const { troubles } = judged(
      [
        [101, 'open'],
        [161, 'half_open'],
        [162, 'open'],
        [300, 'half_open'],
        [301, 'closed'],
      ],
      [
        [100, 120, 1],
        [160, 200, 1],
      ],
    );
    expect(troubles.map(({ openedAfterMs, recoveredAfterMs }) => [openedAfterMs, recoveredAfterMs])).toEqual([
      [1_000, 181_000],
      [0, 101_000],
    ]);
  });

  it('one that never closes again has not recovered', () => {
    const { troubles, notClosedMs } = judged([[101, 'open']], [[100, 200, 1]]);
    expect([troubles[0]?.recoveredAfterMs, notClosedMs]).toEqual([null, 899_000]);
  });

  it('what was sent in an outage may open the circuit after it: late, but not without need', () => {
    const { troubles, falseOpens } = judged(
      [
        [205, 'open'],
        [265, 'half_open'],
        [266, 'closed'],
      ],
      [[195, 200, 1]],
    );
    expect([troubles[0]?.openedAfterMs, troubles[0]?.recoveredAfterMs, falseOpens]).toEqual([10_000, 66_000, 0]);
  });

  it.each<[string, Parameters<typeof judged>[0], Parameters<typeof judged>[1], (string | undefined)[]]>([
    [
      'opened while the service was well',
      [
        [50, 'open'],
        [110, 'half_open'],
        [111, 'closed'],
      ],
      [],
      ['healthy', undefined, undefined],
    ],
    ['opened long after the outage', [[250, 'open']], [[100, 200, 1]], ['healthy']],
    [
      'impaired, and the next probes closed it',
      [
        [110, 'open'],
        [170, 'half_open'],
        [171, 'closed'],
      ],
      [[100, 200, 0.3]],
      ['closed at once', undefined, undefined],
    ],
    [
      'impaired, and a probe failed',
      [
        [110, 'open'],
        [170, 'half_open'],
        [171, 'open'],
        [180, 'half_open'],
        [181, 'closed'],
      ],
      [[100, 200, 0.3]],
      [undefined, undefined, undefined, undefined, undefined],
    ],
    [
      'out: never without need',
      [
        [110, 'open'],
        [170, 'half_open'],
        [171, 'closed'],
      ],
      [[100, 200, 0.6]],
      [undefined, undefined, undefined],
    ],
  ])('false opens: %s', (_, changes, outages, expected) => {
    const result = judged(changes, outages);
    expect(result.changes.map(({ falseOpen }) => falseOpen)).toEqual(expected);
    expect(result.falseOpens).toBe(expected.filter((found) => found !== undefined).length);
  });
});
