import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../../generator/simulator/engine/arrivals.js';
import { ScenarioBehaviour, shareAbove } from '../../../../generator/simulator/engine/behaviour.js';
import { BINS, binOf, percentile } from '../../../../generator/simulator/engine/histogram.js';
import { MomentChance, Random, subSeed } from '../../../../generator/simulator/engine/random.js';
import { segmentsOf } from '../../../../generator/simulator/engine/segments.js';
import { FIELD, Series } from '../../../../generator/simulator/engine/series.js';
import type { Phase, ServiceScenario } from '../../../../generator/simulator/scenario/types.js';

const service = (given: Partial<ServiceScenario> = {}): ServiceScenario => ({
  name: 'ghl',
  trafficPerSecond: 10,
  arrivals: 'poisson',
  operations: [
    { id: 'a.one', namespace: 'a', method: 'GET', idempotencyHeader: undefined, weight: 3 },
    { id: 'a.two', namespace: 'a', method: 'GET', idempotencyHeader: undefined, weight: 1 },
  ],
  distinctRequests: 4,
  senders: 2,
  vendorLimit: undefined,
  errorRate: 0,
  errors: [{ fault: 503, weight: 1 }],
  latency: { p50Ms: 100, p99Ms: 100 },
  errorLatency: undefined,
  retryAfterSeconds: undefined,
  phases: [],
  ...given,
});

const phase = (given: Partial<Phase>): Phase => ({
  name: undefined,
  fromMs: 0,
  toMs: 60_000,
  trafficPerSecond: undefined,
  operations: undefined,
  ...given,
});

function callsOf(
  given: Partial<ServiceScenario>,
  durationMs: number,
  seed = 1,
): { at: number; operation: number; request: number; sender: number }[] {
  const scenario = service(given);
  const callers = new Arrivals(scenario, segmentsOf(scenario, durationMs), seed);
  const calls = [];
  for (; callers.nextMs < Number.POSITIVE_INFINITY; callers.next()) {
    const { nextMs: at, operation, request, sender } = callers;
    calls.push({ at, operation, request, sender });
  }
  return calls;
}

describe('Random', () => {
  it('gives the same row for the same seed, evenly spread', () => {
    const row = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 10_000 }, () => random.next());
    };
    expect(row(5)).toEqual(row(5));
    expect(row(5)[0]).not.toBe(row(6)[0]);
    const values = row(5);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
    expect(subSeed(1, 'a')).not.toBe(subSeed(1, 'b'));
  });

  it('draws normal and exponential numbers', () => {
    const random = new Random(3);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const exponential = Array.from({ length: 20_000 }, () => random.exponential());
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(mean(exponential)).toBeCloseTo(1, 1);
    expect(Math.min(...exponential)).toBeGreaterThanOrEqual(0);
  });

  it('MomentChance: depends on the moment, not on what was asked before', () => {
    const [a, b] = [new MomentChance(7), new MomentChance(7)];
    a.at(1);
    a.at(2);
    const first = a.at(3.25).next();
    expect(b.at(3.25).next()).toBe(first);
    // Asked again for the same moment, it is another request.
    expect(b.at(3.25).next()).not.toBe(first);
    expect(new MomentChance(8).at(3.25).next()).not.toBe(first);
  });
});

describe('segmentsOf', () => {
  it('cuts where something changes; of phases that overlap the later one is stronger', () => {
    const phases = [
      phase({ name: 'first', fromMs: 10_000, toMs: 40_000, errorRate: 1, trafficPerSecond: 5 }),
      phase({ name: 'second', fromMs: 20_000, toMs: 30_000, errorRate: 0.5 }),
    ];
    const segments = segmentsOf(service({ phases }), 60_000);
    expect(
      segments.map(({ fromMs, toMs, trafficPerSecond, conditions, phases: names }) => [
        fromMs,
        toMs,
        trafficPerSecond,
        conditions[0]?.errorRate,
        names.join(),
      ]),
    ).toEqual([
      [0, 10_000, 10, 0, ''],
      [10_000, 20_000, 5, 1, 'first'],
      [20_000, 30_000, 5, 0.5, 'first,second'],
      [30_000, 40_000, 5, 1, 'first'],
      [40_000, 60_000, 10, 0, ''],
    ]);
  });

  it('lets a phase meet some operations only', () => {
    const segments = segmentsOf(service({ phases: [phase({ operations: ['a.two'], errorRate: 1 })] }), 60_000);
    expect(segments[0]?.conditions.map(({ errorRate }) => errorRate)).toEqual([0, 1]);
  });
});

describe('Arrivals', () => {
  it('come as often as the traffic says, in every way', () => {
    for (const arrivals of ['poisson', 'even', 'jitter'] as const) {
      const calls = callsOf({ arrivals, phases: [phase({ fromMs: 50_000, toMs: 100_000, trafficPerSecond: 40 })] }, 100_000);
      const before = calls.filter(({ at }) => at < 50_000).length;
      expect(before / 500, arrivals).toBeCloseTo(1, 0);
      expect(Math.abs(calls.length - before - 2_000), arrivals).toBeLessThan(arrivals === 'poisson' ? 200 : 20);
      expect(calls.every(({ at }, index) => index === 0 || at >= (calls[index - 1]?.at ?? 0))).toBe(true);
    }
  });

  it('even: like clockwork', () => {
    expect(callsOf({ arrivals: 'even', trafficPerSecond: 4 }, 1_000).map(({ at }) => at)).toEqual([125, 375, 625, 875]);
  });

  it('none come while there is no traffic', () => {
    const calls = callsOf({ trafficPerSecond: 0, phases: [phase({ fromMs: 1_000, toMs: 2_000, trafficPerSecond: 100 })] }, 60_000);
    expect(calls.length).toBeGreaterThan(50);
    expect(calls.every(({ at }) => at >= 1_000 && at <= 2_000)).toBe(true);
  });

  it('draw operations by weight, requests and senders evenly, and the same for one seed', () => {
    const calls = callsOf({ trafficPerSecond: 100 }, 60_000);
    const share = (matches: (call: (typeof calls)[number]) => boolean): number => calls.filter(matches).length / calls.length;
    expect(share(({ operation }) => operation === 0)).toBeCloseTo(0.75, 1);
    expect(share(({ request }) => request === 3)).toBeCloseTo(0.25, 1);
    expect(share(({ sender }) => sender === 1)).toBeCloseTo(0.5, 1);
    expect(callsOf({ trafficPerSecond: 100 }, 60_000)).toEqual(calls);
    expect(callsOf({ trafficPerSecond: 100 }, 60_000, 2)).not.toEqual(calls);
  });
});

describe('ScenarioBehaviour', () => {
  const replies = (given: Partial<ServiceScenario>, count: number): { fault: unknown; delayMs: number; retryAfterSeconds: unknown }[] => {
    const scenario = service(given);
    const behaviour = new ScenarioBehaviour(scenario, segmentsOf(scenario, 60_000), 1);
    return Array.from({ length: count }, (_, at) => ({ ...behaviour.reply(0, 0, (at * 60_000) / count) }));
  };

  it('fails as often as the rate says, with the faults of the mix', () => {
    const found = replies(
      {
        errorRate: 0.3,
        errors: [
          { fault: 503, weight: 3 },
          { fault: 'hang', weight: 1 },
        ],
        retryAfterSeconds: 7,
      },
      20_000,
    );
    const share = (fault: unknown): number => found.filter((reply) => reply.fault === fault).length / found.length;
    expect(share(undefined)).toBeCloseTo(0.7, 1);
    expect(share(503)).toBeCloseTo(0.225, 1);
    expect(share('hang')).toBeCloseTo(0.075, 1);
    expect(new Set(found.map(({ fault, retryAfterSeconds }) => `${fault} ${retryAfterSeconds}`))).toEqual(
      new Set(['undefined undefined', '503 7', 'hang undefined']),
    );
  });

  it('answers within the percentiles, and shareAbove knows what share comes later', () => {
    const found = replies({ latency: { p50Ms: 100, p99Ms: 1_000 } }, 20_000).map(({ delayMs }) => delayMs);
    const above = (limit: number): number => found.filter((delay) => delay >= limit).length / found.length;
    expect(above(100)).toBeCloseTo(0.5, 1);
    expect(above(1_000)).toBeCloseTo(0.01, 2);
    for (const limit of [50, 100, 300, 1_000]) expect(shareAbove({ p50Ms: 100, p99Ms: 1_000 }, limit)).toBeCloseTo(above(limit), 1);
    expect(shareAbove({ p50Ms: 100, p99Ms: 1_000 }, 1_000)).toBeCloseTo(0.01, 6);
    expect(shareAbove({ p50Ms: 100, p99Ms: 100 }, 100)).toBe(1);
    expect(shareAbove({ p50Ms: 100, p99Ms: 100 }, 101)).toBe(0);
    expect(shareAbove({ p50Ms: 100, p99Ms: 1_000 }, Number.POSITIVE_INFINITY)).toBe(0);
  });

  it('refuses what is beyond its own limit, and says until when', () => {
    const scenario = service({ vendorLimit: { requests: 2, perMs: 10_000 } });
    const behaviour = new ScenarioBehaviour(scenario, segmentsOf(scenario, 60_000), 1);
    const at = (now: number, sender = 0): unknown => {
      const { fault, retryAfterSeconds } = behaviour.reply(0, sender, now);
      return [fault, retryAfterSeconds];
    };
    expect([at(1_000), at(2_000), at(3_500), at(3_600, 1), at(10_000)]).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [429, 7],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });
});

describe('histograms and series', () => {
  it('a percentile is right within 5 %', () => {
    const bins = new Uint32Array(BINS);
    for (let ms = 1; ms <= 1_000; ms++) bins[binOf(ms)] = (bins[binOf(ms)] ?? 0) + 1;
    for (const part of [0.01, 0.5, 0.9, 0.99, 1])
      expect(Math.abs((percentile(bins, part) ?? 0) / (part * 1_000) - 1), `${part}`).toBeLessThan(0.05);
    expect(percentile(new Uint32Array(BINS), 0.5)).toBeUndefined();
    expect(binOf(1e12)).toBe(BINS - 1);
    const fast = new Uint32Array(BINS);
    fast[binOf(0)] = 3;
    expect(percentile(fast, 0.99)).toBe(0);
  });

  it('counts by interval, of a length that people count in', () => {
    const series = new Series(1_800_000);
    expect(series.stepMs).toBe(10_000);
    for (const at of [0, 9_999, 10_000, 1_799_999, 1_800_000]) series.add(FIELD.calls, at);
    series.waited(50, 5_000);
    const calls = series.values('calls');
    expect([calls.length, calls[0], calls[1], calls.at(-1)]).toEqual([180, 2, 1, 1]);
    expect(series.waits(0.5).slice(0, 2)).toEqual([expect.closeTo(50, -1), null]);
    expect(new Series(500).values('calls')).toEqual([0]);
  });
});
