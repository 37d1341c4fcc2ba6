import { LatencySketch } from '../../observe/latency-sketch.js';
import type { Change } from './machine.js';
import { SHOWN_STATE } from './shown-state.js';
import type { Outcome } from './state.js';
import { TransitionCounts } from './transition-counts.js';

/**
 * The counters of one circuit since its creation. They are plain fields, so that counting costs one addition. The outcome of a call is counted when
 * the call ends. A probe whose lease expired is therefore only in `requests` until it ends.
 */
export class BreakerCounters {
  /** Calls that requested a permit. */
  requests = 0;
  successes = 0;
  failures = 0;
  /** Failures that were timeouts; part of `failures`. */
  timeouts = 0;
  /** Refused calls. No request was sent for them. */
  rejected = 0;
  /** Refused by the ramp after a recovery; part of `rejected`. */
  rampRejected = 0;
  /** Calls whose outcome is configured not to count. */
  ignored = 0;
  /** Permits given back without an outcome: the caller aborted, or an inner policy refused. */
  released = 0;
  opens = 0;
  stateChanges = 0;
  fallbacks = 0;
  consecutiveFailures = 0;
  consecutiveSuccesses = 0;
  /** Total duration of the calls that succeeded or failed, in milliseconds. */
  totalDurationMs = 0;
  /** Monotonic milliseconds; negative if it never happened. */
  lastFailureAt = -1;
  lastSuccessAt = -1;
  /** Undefined until the first change of state. */
  transitions: TransitionCounts | undefined = undefined;
  /** Durations of the calls that succeeded or failed. Undefined until the first one, because a sketch takes 4 kB. */
  latency: LatencySketch | undefined = undefined;

  /** Calls that have a permit and have not ended. */
  get underWay(): number {
    return this.requests - this.rejected - this.successes - this.failures - this.ignored - this.released;
  }

  /** Counts a call that ended. */
  count(outcome: Outcome, now: number, durationMs: number, timedOut: boolean): void {
    if (outcome === 'success') {
      this.successes++;
      this.consecutiveSuccesses++;
      this.consecutiveFailures = 0;
      this.#took(durationMs, now);
      this.lastSuccessAt = now;
    } else if (outcome === 'failure') {
      this.failures++;
      if (timedOut) this.timeouts++;
      this.consecutiveFailures++;
      this.consecutiveSuccesses = 0;
      this.#took(durationMs, now);
      this.lastFailureAt = now;
    } else if (outcome === 'ignored') this.ignored++;
    else this.released++;
  }

  /** Counts a change of state. */
  changed({ previous, next, downMs }: Change): void {
    this.stateChanges++;
    if (next.kind === 'open' || next.kind === 'forced_open') this.opens++;
    this.transitions ??= new TransitionCounts();
    this.transitions.moved(SHOWN_STATE[previous.kind], SHOWN_STATE[next.kind], downMs);
  }

  /** Adds the counts of another circuit. Values that are not sums, such as consecutive failures, are not changed. */
  add(other: Readonly<BreakerCounters>): void {
    for (const key of SUMS) this[key] += other[key];
    if (other.transitions === undefined) return;
    this.transitions ??= new TransitionCounts();
    this.transitions.add(other.transitions);
  }

  #took(durationMs: number, now: number): void {
    this.totalDurationMs += durationMs;
    this.latency ??= new LatencySketch(now);
    this.latency.record(durationMs, now);
  }
}

/** The counters that only grow. */
const SUMS = [
  'requests',
  'successes',
  'failures',
  'timeouts',
  'rejected',
  'rampRejected',
  'ignored',
  'released',
  'opens',
  'stateChanges',
  'fallbacks',
  'totalDurationMs',
] as const satisfies readonly (keyof BreakerCounters)[];
