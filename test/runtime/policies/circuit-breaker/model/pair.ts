import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { CALLER } from '../../../../../runtime/observe/event-hub.js';
import { CircuitBreaker, REFUSED } from '../../../../../runtime/policies/circuit-breaker/breaker.js';
import { openWithPeers } from '../../../../../runtime/policies/circuit-breaker/handover.js';
import type { BreakerOptions } from '../../../../../runtime/policies/circuit-breaker/options.js';
import type { Outcome } from '../../../../../runtime/policies/circuit-breaker/state.js';
import { FakeClock } from '../../../../../runtime/testing/fake-clock.js';
import { BreakerModel } from './breaker-model.js';
import { LONGEST_RAMP_MS, type Step } from './steps.js';
import type { CallId, Grant } from './window-model.js';

/** A circuit and its model, to which the same happens; after every step they must agree. */
export class Pair {
  readonly clock = new FakeClock();
  readonly breaker: CircuitBreaker;
  readonly #model: BreakerModel;
  readonly #events: string[] = [];
  readonly #out: { readonly permit: number; readonly grant: Grant }[] = [];
  readonly #seen = new Set<number>();
  /** How often the calls that wait were told of an opening. */
  #told = 0;
  readonly #waiter = {
    circuitOpened: (): void => {
      this.#told++;
      this.breaker.openings.add(this.#waiter);
    },
  };
  /** Until when the circuit said that it would wait, while it is open by itself. */
  #probeFrom: number | undefined;

  constructor(options: BreakerOptions) {
    this.breaker = new CircuitBreaker({ ...options, clock: this.clock });
    this.#model = new BreakerModel(options, this.clock.now());
    this.breaker.openings.add(this.#waiter);
    this.breaker.subscribe((event) => {
      if (!('oldState' in event)) return;
      this.#events.push(`${event.oldState} ${event.newState}`);
      const now = this.clock.now();
      // It said whole milliseconds, rounded up, and probes up to a millisecond early.
      if (event.newState === 'half_open') expect(now, 'open for as long as it said').toBeGreaterThan((this.#probeFrom ?? 0) - 2);
      this.#probeFrom = event.newState === 'open' ? now + this.breaker.retryAfterMs(now) : undefined;
    });
  }

  take(step: Step): void {
    switch (step.do) {
      case 'enter':
        this.#enter(step.leaseMs);
        break;
      case 'exit':
        this.#exit(this.#out.length === 0 ? 0 : step.which % this.#out.length, step.outcome, step.timedOut, step.durationMs, step.call);
        break;
      case 'burst':
        for (let at = 0; at < step.times; at++) if (this.#enter(50)) this.#exit(this.#out.length - 1, step.outcome, false, 5, step.call);
        break;
      case 'wait':
        this.clock.jump(step.ms);
        break;
      case 'stepWall':
        this.clock.stepWall(step.ms);
        break;
      case 'force':
        this.breaker[step.method]();
        this.#model.force(step.method, this.clock.now());
        break;
      case 'peers':
        expect(openWithPeers(this.breaker, step.leftMs), 'opens with others').toBe(this.#model.peers(step.leftMs, this.clock.now()));
        break;
      case 'reload':
        this.breaker.reconfigure(step.given);
        this.#model.reconfigure(step.given, this.clock.now());
        break;
    }
    this.#agree();
  }

  /**
   * Half-open always ends, and an open circuit always probes: leases, waits and ramps over, a call gets through, unless held by hand. Then
   * successes close it, and what is still out cannot open it again.
   */
  recover(): void {
    // Calls that hang would rightly open a window again, and so could a success that makes the minimum full.
    const left: Outcome = this.#model.options.slidingWindow === undefined ? 'success' : 'released';
    if (left === 'released') while (this.#out.length > 0) this.#exit(0, left, false);
    this.clock.jump(1_000);
    if (!this.#enter(50)) {
      expect(this.breaker.snapshot().forced, 'only a hand can keep a circuit from probing').toBe('open');
      this.breaker.reset();
      this.#model.force('reset', this.clock.now());
      expect(this.#enter(50)).toBe(true);
    }
    for (let at = 0; at < 10 && this.breaker.state !== 'closed'; at++) {
      this.#exit(this.#out.length - 1, 'success', false);
      this.#enter(50);
    }
    expect(this.breaker.state, 'recovered').toBe('closed');
    expect(this.#events).toEqual(this.#model.events);
    this.clock.jump(LONGEST_RAMP_MS);
    while (this.#out.length > 0) this.#exit(0, left, false);
    this.#agree();
    expect(this.breaker.state, 'stays recovered').toBe('closed');
    expect(this.#enter(50), 'no ramp lasts').toBe(true);
    expect(this.clock.pendingTimers).toBe(0);
  }

  #enter(leaseMs: number): boolean {
    const now = this.clock.now();
    const { admits } = this.breaker;
    const permit = this.breaker.enter(now, leaseMs);
    const grant = this.#model.enter(now, leaseMs);
    expect(permit !== REFUSED, 'admitted').toBe(grant !== undefined);
    if (grant === undefined) {
      expect(now, 'open no longer than it said: the next call probes').toBeLessThan(this.#probeFrom ?? Number.POSITIVE_INFINITY);
      return false;
    }
    expect(admits, 'said so before').toBe(true);
    if (grant.probe) {
      expect(this.#seen.has(permit), 'a probe has a permit of its own').toBe(false);
      this.#seen.add(permit);
      expect(this.#model.probesOut, 'probes in flight').toBeLessThanOrEqual(this.#model.options.halfOpenMaxCalls);
    }
    this.#out.push({ permit, grant });
    return true;
  }

  #exit(at: number, result: Outcome, timedOut: boolean, durationMs = 5, call?: CallId): void {
    const [held] = this.#out.splice(at, 1);
    if (held === undefined) return;
    const now = this.clock.now();
    const before = this.#standing();
    const transitions = this.#model.events.length;
    this.breaker.exit(held.permit, result, now, durationMs, timedOut, call === undefined ? undefined : { ...CALLER, callNumber: call });
    this.#model.exit(held.grant, result, now, timedOut, durationMs, call);
    // What time had decided is told on this occasion, and looked so before: standing and transitions are two things.
    if (held.grant.period !== this.#model.period && transitions === this.#model.events.length) {
      same({ 'a call of another period changes nothing': this.#standing() }, { 'a call of another period changes nothing': before });
    }
  }

  /** What decides about the next call. */
  #standing(): unknown {
    const { state, failureCount, successCount, timeUntilRetryMs, window, openingsInARow } = this.breaker.snapshot();
    const held = window === null ? null : { calls: window.calls, failedCalls: window.failedCalls, slowCalls: window.slowCalls };
    return { state, failureCount, successCount, timeUntilRetryMs, held, openingsInARow };
  }

  #agree(): void {
    const now = this.clock.now();
    const snapshot = this.breaker.snapshot();
    const { stats, window } = snapshot;
    const { counters } = this.#model;
    const ended = stats.successfulRequests + stats.failedRequests + stats.ignoredRequests + stats.releasedRequests;
    const shown = this.#model.shown(now);
    same(
      {
        state: snapshot.state,
        stateAlone: this.breaker.state,
        failures: snapshot.failureCount,
        successes: snapshot.successCount,
        openings: snapshot.openingsInARow,
        rampShare: rounded(snapshot.rampShare),
        waitMs: this.breaker.retryAfterMs(),
        window: window && pick(window, ['calls', 'failedCalls', 'slowCalls', 'slowCallsInFlight']),
        counters: pick(stats, Object.keys(counters) as (keyof typeof counters)[]),
        callsNotEnded: stats.totalRequests - ended - stats.rejectedRequests,
        stateChanges: stats.stateChanges,
        events: this.#events.length,
        told: this.#told,
        lastEvent: this.#events.at(-1),
        options: this.breaker.options,
      },
      {
        state: shown,
        stateAlone: shown,
        failures: this.#model.shownFailures(now),
        successes: this.#model.successes,
        openings: this.#model.shownOpenings(now),
        rampShare: rounded(this.#model.rampShare(now)),
        waitMs: this.#model.waitMs(now),
        window: this.#model.window(now),
        counters,
        callsNotEnded: this.#out.length,
        stateChanges: this.#model.events.length,
        events: this.#model.events.length,
        told: counters.circuitOpens,
        lastEvent: this.#model.events.at(-1),
        options: defined(this.#model.options),
      },
    );
  }
}

/** As `toEqual`, which is slow where it is asked a million times. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** Without what is undefined. */
function defined(options: BreakerOptions): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Sums of shares are a hair off. */
function rounded(share: number): number {
  return Math.round(share * 1e9) / 1e9;
}
