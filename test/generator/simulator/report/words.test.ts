import { describe, expect, it } from 'vitest';
import { logScale, logTicks, roundUp, timeTicks } from '../../../../generator/simulator/report/html/scale.js';
import { timeline } from '../../../../generator/simulator/report/timeline.js';
import { changeText, offset, percent, time } from '../../../../generator/simulator/report/words.js';
import type { CircuitResult, StateChange } from '../../../../generator/simulator/result/circuits.js';
import type { SimulationResult } from '../../../../generator/simulator/result/types.js';

const change = (given: Partial<StateChange>): StateChange => ({
  atMs: 0,
  from: 'closed',
  to: 'open',
  reason: 'consecutive_failures',
  failures: 3,
  waitMs: 60_000,
  downMs: undefined,
  window: undefined,
  falseOpen: undefined,
  ...given,
});

describe('words', () => {
  it.each<[string, string]>([
    [offset(0), '0:00'],
    [offset(60_312.4), '1:00.312'],
    [offset(3_725_000), '1:02:05'],
    [offset(59_999.9), '1:00'],
    [offset(1_500, false), '0:01'],
    [time(0.4), '0 ms'],
    [time(999), '999 ms'],
    [time(12_345), '12.3 s'],
    [time(601_000), '10 min 1 s'],
    [time(7_200_000), '2 h'],
    [time(7_260_000), '2 h 1 min'],
    [time(null), '–'],
    [percent(81.04), '81 %'],
    [percent(99.999), '> 99.99 %'],
    [percent(0.001), '< 0.01 %'],
    [percent(99.5), '99.5 %'],
    [percent(0), '0 %'],
    [percent(null), '–'],
  ])('%s is %s', (found, expected) => {
    expect(found).toBe(expected);
  });

  it.each<[Partial<StateChange>, string]>([
    [{}, '3 failures in a row, probes after 60 s'],
    [{ failures: 1 }, 'a failure, probes after 60 s'],
    [{ reason: 'failure_rate', window: { calls: 50, failed: 25, slow: 0 } }, '25 of 50 calls failed, probes after 60 s'],
    [{ reason: 'slow_call_rate', window: { calls: 9, failed: 0, slow: 11 } }, '11 calls slow, with 9 ended, probes after 60 s'],
    [{ reason: 'probe_failed', falseOpen: 'healthy' }, 'a probe failed, probes after 60 s (false open: the service was healthy)'],
    [{ falseOpen: 'closed at once' }, '3 failures in a row, probes after 60 s (false open: closed immediately)'],
    [{ to: 'closed', downMs: 61_000 }, 'after 61 s'],
    [{ to: 'half_open' }, ''],
  ])('%j', (given, expected) => {
    expect(changeText(change(given))).toBe(expected);
  });
});

describe('timeline', () => {
  const result = (changes: readonly StateChange[]): SimulationResult => {
    const circuit = { name: 'ghl', changes, troubles: [] } as unknown as CircuitResult;
    const service = { name: 'ghl', circuits: [circuit], conditions: [{ fromMs: 0, toMs: 9, phases: [], text: 'calm' }] };
    return { services: [service] } as unknown as SimulationResult;
  };

  it('sums up probes that fail one after the other, unless the whole is wanted', () => {
    const probes = Array.from({ length: 5 }, (_, at) => [
      change({ atMs: 100 * at + 50, from: 'open', to: 'half_open' }),
      change({ atMs: 100 * at + 60, from: 'half_open', to: 'open', reason: 'probe_failed' }),
    ]).flat();
    const changes = [
      change({ atMs: 1 }),
      ...probes,
      change({ atMs: 900, from: 'open', to: 'half_open' }),
      change({ atMs: 901, from: 'half_open', to: 'closed' }),
    ];
    expect(timeline(result(changes), false).map(({ atMs, kind }) => `${atMs} ${kind}`)).toEqual([
      '0 conditions',
      '1 open',
      '50 half_open',
      '60 open',
      '150 half_open',
      '160 open',
      '460 more',
      '900 half_open',
      '901 closed',
    ]);
    expect(timeline(result(changes), false).find(({ kind }) => kind === 'more')?.text).toBe('3 more probes failed');
    expect(timeline(result(changes), true)).toHaveLength(14);
  });
});

describe('axes', () => {
  it('marks of time fit on a phone', () => {
    for (const seconds of [1, 59, 60, 420, 900, 1_800, 3_600, 86_400, 7 * 86_400]) {
      const ticks = timeTicks(seconds * 1_000);
      expect(ticks.length, `${seconds}`).toBeLessThanOrEqual(8);
      expect(ticks.length, `${seconds}`).toBeGreaterThanOrEqual(2);
      expect(ticks.every(({ at }) => at >= 0 && at <= 1)).toBe(true);
    }
  });

  it('tops are round and not far above', () => {
    for (const value of [0.3, 1, 7, 23.9, 24, 61, 999, 1_001]) {
      expect(roundUp(value)).toBeGreaterThanOrEqual(value * 0.999);
      expect(roundUp(value)).toBeLessThanOrEqual(value * 1.34);
    }
    expect(roundUp(0)).toBe(1);
  });

  it('a logarithmic axis goes over whole powers of ten', () => {
    const scale = logScale([34, 2_500]);
    expect([scale.low, scale.high, scale.at(10), scale.at(10_000), scale.at(0)]).toEqual([10, 10_000, 0, 1, 0]);
    expect(logTicks(scale, String).map(({ label }) => label)).toEqual(['10', '100', '1000', '10000']);
    expect(logScale([]).high).toBeGreaterThan(logScale([]).low);
  });
});
