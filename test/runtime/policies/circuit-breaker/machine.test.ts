import { describe, expect, test } from 'vitest';
import { type Audience, CALLER } from '../../../../runtime/observe/event-hub.js';
import { type Change, type ChangeSink, Machine } from '../../../../runtime/policies/circuit-breaker/machine.js';
import { type BreakerInput, breakerOptions } from '../../../../runtime/policies/circuit-breaker/options.js';
import type { Outcome } from '../../../../runtime/policies/circuit-breaker/state.js';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/transition.js';

const LEASE_MS = 100;

/** A machine without a circuit around it: opens after 2 failures, waits 10 ms, closes after 1 probe. */
class Bench implements ChangeSink {
  readonly changes: string[] = [];
  readonly audiences: unknown[] = [];
  readonly machine: Machine;
  draws = 0;

  constructor(given: BreakerInput = {}) {
    const options = breakerOptions({ failureThreshold: 2, recoveryTimeoutMs: 10, successThreshold: 1, halfOpenMaxCalls: 1, ...given });
    const random = (): number => {
      this.draws++;
      return 0.5;
    };
    this.machine = new Machine(options, random, 0, this);
  }

  changed({ previous, next, at, downMs }: Change, audience: Audience | undefined): void {
    expect(this.machine.current, 'the new state stands').toBe(next);
    this.changes.push(`${previous.kind} > ${next.kind} at ${at}${downMs === undefined ? '' : ` after ${downMs}`}`);
    this.audiences.push(audience);
  }

  freed(places: number, at: number): void {
    this.changes.push(`${places} free at ${at}`);
  }

  enter(now: number): number {
    return this.machine.enter(now, LEASE_MS, CALLER);
  }

  call(outcome: Outcome, now: number, durationMs = 0): void {
    this.machine.exit(this.enter(now), outcome, now, durationMs, CALLER);
  }

  trip(now: number): this {
    for (let at = 0; at < 2; at++) this.call('failure', now);
    return this;
  }
}

describe('changes', () => {
  test('go to the sink when the state stands, with the time that it was not closed and the call that caused them', () => {
    const bench = new Bench().trip(1);
    expect(bench.enter(5)).toBe(REFUSED);
    bench.call('success', 12);
    expect(bench.changes).toEqual(['closed > open at 1', 'open > half_open at 12', 'half_open > closed at 12 after 11']);
    expect(bench.audiences).toEqual([CALLER, CALLER, CALLER]);
  });

  test('a place that a probe gives back goes to the sink too, as long as the circuit stays half-open', () => {
    const bench = new Bench({ halfOpenMaxCalls: 2, successThreshold: 2 }).trip(1);
    const [first, second] = [bench.enter(11), bench.enter(12)];
    bench.machine.exit(first, 'ignored', 13, 0, CALLER);
    const third = bench.enter(14);
    bench.machine.exit(second, 'success', 15, 0, CALLER);
    bench.machine.exit(third, 'success', 16, 0, CALLER);
    expect(bench.changes.slice(1)).toEqual(['open > half_open at 11', '1 free at 13', '1 free at 15', 'half_open > closed at 16 after 15']);
  });

  test('two that time and a call decide together arrive in their order', () => {
    const bench = new Bench().trip(1);
    bench.enter(11);
    const late = bench.enter(500);
    expect(late).not.toBe(REFUSED);
    expect(bench.changes.slice(1)).toEqual(['open > half_open at 11', 'half_open > open at 500', 'open > half_open at 500']);
  });

  test('by hand have no call; a state of the same kind is none', () => {
    const bench = new Bench();
    bench.machine.force('forced_open', 3);
    bench.machine.force('forced_open', 4);
    bench.machine.force('closed', 9);
    bench.machine.force('closed', 10);
    expect(bench.changes).toEqual(['closed > forced_open at 3', 'forced_open > closed at 9 after 6']);
    expect(bench.audiences).toEqual([undefined, undefined]);
  });

  test('by other processes, from closed alone', () => {
    const bench = new Bench();
    expect(bench.machine.openWithPeers(2, 4)).toBe(true);
    expect(bench.machine.openWithPeers(3, 9)).toBe(false);
    expect([bench.machine.waitMs(3), bench.changes]).toEqual([3, ['closed > open at 2']]);
  });
});

describe('permits', () => {
  test('of a period all have its number while closed, and another one afterwards', () => {
    const bench = new Bench();
    const [first, second] = [bench.enter(0), bench.enter(1)];
    expect(first).toBe(second);
    bench.machine.force('closed', 2);
    expect(bench.enter(2)).not.toBe(first);
  });

  test('of an earlier period change nothing', () => {
    const bench = new Bench();
    const old = bench.enter(0);
    bench.machine.force('closed', 1);
    for (let at = 0; at < 5; at++) bench.machine.exit(old, 'failure', 2, 0, undefined);
    expect(bench.machine.current).toMatchObject({ kind: 'closed', failures: 0 });
  });

  test('of a window carry more than the period, and come back to it', () => {
    const bench = new Bench({ slidingWindow: { size: 4, slowCallDurationMs: 16, slowCallRateThreshold: 1, minimumCalls: 1 } });
    const hanging = bench.enter(5);
    expect(hanging).not.toBe(Math.floor(hanging));
    expect(bench.machine.window(50)).toMatchObject({ calls: 0, slowCallsInFlight: 1 });
    bench.machine.exit(hanging, 'released', 50, 45, undefined);
    expect(bench.machine.window(50)).toMatchObject({ calls: 0, slowCallsInFlight: 0 });
  });
});

describe('parts', () => {
  test('a window opens the circuit, also by calls that hang, and starts over when it closes', () => {
    const bench = new Bench({ slidingWindow: { size: 4, slowCallDurationMs: 16, slowCallRateThreshold: 0.5, minimumCalls: 2 } });
    bench.enter(0);
    bench.enter(0);
    expect(bench.enter(20)).toBe(REFUSED);
    expect(bench.changes).toEqual(['closed > open at 20']);
    bench.call('success', 30);
    expect(bench.machine.window(30)).toMatchObject({ calls: 0, slowCallsInFlight: 0 });
  });

  test('without a window or a ramp there is nothing to ask', () => {
    const { machine } = new Bench();
    expect([machine.window(0), machine.rampShare(0)]).toEqual([undefined, 1]);
  });

  test('a ramp refuses while the circuit is closed, and changes nothing', () => {
    const bench = new Bench({ ramp: { durationMs: 100, initialShare: 0 } }).trip(0);
    bench.call('success', 10);
    expect([bench.enter(10), bench.enter(10)].map((permit) => permit !== REFUSED)).toEqual([true, false]);
    expect(bench.machine.rampShare(60)).toBe(0.5);
    expect(bench.changes).toHaveLength(3);
  });

  test('chance is drawn from once, by the first backoff', () => {
    const bench = new Bench();
    const reconfigure = (given: BreakerInput): void => bench.machine.reconfigure(breakerOptions(given), 0);
    reconfigure({ ramp: {} });
    expect(bench.draws).toBe(0);
    reconfigure({ reopenBackoff: {} });
    reconfigure({ reopenBackoff: { multiplier: 3 } });
    expect(bench.draws).toBe(1);
  });
});

test('off by its options is neither forced nor a condition; forced is both', () => {
  const { machine } = new Bench({ enabled: false });
  expect([machine.current.kind, machine.isOff, machine.isForced, machine.condition(0)]).toEqual(['forced_closed', true, false, undefined]);
  machine.force('forced_closed', 1);
  expect([machine.isOff, machine.isForced, machine.condition(1)?.state.kind]).toEqual([false, true, 'forced_closed']);
  machine.force('closed', 2);
  expect([machine.isOff, machine.isForced]).toEqual([true, false]);
});
