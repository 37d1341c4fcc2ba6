import type { Clock, TimerHandle } from '../../clock.js';
import { dispose } from '../../observe/events.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerCounters } from '../../policies/circuit-breaker/counters.js';
import type { Selection } from './selection.js';

/** Time between two samples, in milliseconds. */
export const SAMPLE_MS = 5_000;
/** Samples that are kept: five minutes of them. */
const SAMPLES = 60;
/** Samples that a rate looks back: a minute of them. */
const RATE_SAMPLES = 12;
/** How far a rate looks back, in milliseconds: what is younger is not all that it counts. */
export const RATE_MS = RATE_SAMPLES * SAMPLE_MS;
/** Of a young process, a rate is over this long at least, in milliseconds. */
const MIN_RATE_MS = 1_000;

const NO_COURSE: Course = { requests: new Array<number>(SAMPLES).fill(0), failures: new Array<number>(SAMPLES).fill(0) };

/** What a circuit did in the last minute. */
export interface Rates {
  /** Attempts per second that asked the circuit, refused ones included. */
  readonly requests: number;
  /** Of these, refused. */
  readonly refused: number;
  /** Share of attempts that failed, among those that succeeded or failed; null where there was none. */
  readonly failed: number | null;
}

/** Attempts of each sample, oldest first, and those of them that failed. */
export interface Course {
  readonly requests: readonly number[];
  readonly failures: readonly number[];
}

/** Totals as they were at each sample. Places before a circuit's first sample hold 0, for so it began. */
class Totals {
  readonly requests = new Float64Array(SAMPLES + 1);
  readonly successes = new Float64Array(SAMPLES + 1);
  readonly failures = new Float64Array(SAMPLES + 1);
  readonly refused = new Float64Array(SAMPLES + 1);

  /** `begun`: since when the circuit is known, as wall-clock milliseconds. */
  constructor(readonly begun: number) {}

  write(at: number, counters: Readonly<BreakerCounters>): void {
    this.requests[at] = counters.requests;
    this.successes[at] = counters.successes;
    this.failures[at] = counters.failures;
    this.refused[at] = counters.rejected;
  }

  /** What the circuit had done before it was first seen is not of now. */
  fill(counters: Readonly<BreakerCounters>): this {
    for (let at = 0; at <= SAMPLES; at++) this.write(at, counters);
    return this;
  }
}

/**
 * Reads the counters of the circuits that are shown every five seconds, so that there are rates and a course of the last minutes when somebody looks. Costs
 * calls nothing; its timer does not keep the process alive.
 */
export class Traffic {
  readonly #selection: Selection;
  readonly #clock: Clock;
  #totals = new Map<CircuitBreaker, Totals>();
  /** When each sample was taken; a ring, as those of the totals. */
  readonly #times = new Float64Array(SAMPLES + 1);
  /** Samples taken. */
  #taken = 0;
  /** Circuits that were not shown at the last sample. */
  #left = 0;
  #timer: TimerHandle | undefined;

  constructor(selection: Selection, clock: Clock) {
    this.#selection = selection;
    this.#clock = clock;
    for (const circuit of selection.now().circuits) this.#totals.set(circuit, this.#begin(circuit).fill(circuit.counters));
    this.#sample();
  }

  /** Samples taken: what `courseOf` gives changes with it alone. */
  get taken(): number {
    return this.#taken;
  }

  /** Since when a circuit is known, as wall-clock milliseconds; undefined where it is newer than the last sample. */
  begunOf(circuit: CircuitBreaker): number | undefined {
    return this.#totals.get(circuit)?.begun;
  }

  ratesOf(circuit: CircuitBreaker): Rates {
    const { requests, successes, failures, rejected } = circuit.counters;
    const then = this.#totals.get(circuit);
    // Not shown until now: nobody knows which of its requests are of the last minute.
    if (then === undefined && this.#left > 0) return { requests: 0, refused: 0, failed: null };
    const at = (this.#taken - Math.min(RATE_SAMPLES, this.#taken)) % (SAMPLES + 1);
    const seconds = Math.max(MIN_RATE_MS, this.#clock.now() - (this.#times[at] ?? 0)) / 1000;
    const failed = failures - (then?.failures[at] ?? 0);
    const judged = failed + successes - (then?.successes[at] ?? 0);
    return {
      requests: (requests - (then?.requests[at] ?? 0)) / seconds,
      refused: (rejected - (then?.refused[at] ?? 0)) / seconds,
      failed: judged === 0 ? null : failed / judged,
    };
  }

  courseOf(circuit: CircuitBreaker): Course {
    const totals = this.#totals.get(circuit);
    if (totals === undefined) return NO_COURSE;
    return { requests: this.#differences(totals.requests), failures: this.#differences(totals.failures) };
  }

  [dispose](): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #begin(circuit: CircuitBreaker): Totals {
    return new Totals(Math.round(this.#clock.wallNow() - circuit.glance(circuit.clock.now()).inStateMs));
  }

  #differences(ring: Float64Array): readonly number[] {
    // Always as many, so that of a circuit that rests nothing changes.
    return Array.from({ length: SAMPLES }, (_, n) => {
      const at = this.#taken - SAMPLES + n;
      if (at < 1) return 0;
      return Math.max(0, (ring[at % (SAMPLES + 1)] ?? 0) - (ring[(at - 1) % (SAMPLES + 1)] ?? 0));
    });
  }

  #sample(): void {
    const at = this.#taken % (SAMPLES + 1);
    this.#times[at] = this.#clock.now();
    // Only what is shown, so that nothing holds a circuit that the registry has forgotten.
    const kept = new Map<CircuitBreaker, Totals>();
    const { circuits, left } = this.#selection.now();
    this.#left = left;
    for (const circuit of circuits) {
      // One that is new began at 0; one that others have hidden did so long ago.
      const totals = this.#totals.get(circuit) ?? (left === 0 ? this.#begin(circuit) : this.#begin(circuit).fill(circuit.counters));
      totals.write(at, circuit.counters);
      kept.set(circuit, totals);
    }
    this.#totals = kept;
    this.#taken++;
    this.#timer = this.#clock.setTimeout(() => this.#sample(), SAMPLE_MS);
    this.#timer.unref?.();
  }
}
