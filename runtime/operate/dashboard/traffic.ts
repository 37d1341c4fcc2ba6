import type { Clock, TimerHandle } from '../../clock.js';
import { dispose } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerCounters } from '../../policies/circuit-breaker/counters.js';
import { glanceAt } from '../../policies/circuit-breaker/glance.js';
import type { Selection } from './selection.js';

/** The time between two samples, in milliseconds. */
export const SAMPLE_MS = 5_000;
/** The number of samples: five minutes. */
const SAMPLES = 60;
/** The number of samples of a rate: one minute. */
const RATE_SAMPLES = 12;
/** The period of a rate, in milliseconds. A circuit in a younger state also has earlier calls in its rate. */
export const RATE_MS = RATE_SAMPLES * SAMPLE_MS;
/** The shortest period of a rate, for a young process, in milliseconds. */
const MIN_RATE_MS = 1_000;

const NO_COURSE: Course = { requests: new Array<number>(SAMPLES).fill(0), failures: new Array<number>(SAMPLES).fill(0) };

/** The rates of a circuit in the last minute. */
export interface Rates {
  /** Attempts per second, including refused ones. */
  readonly requests: number;
  /** Refused attempts per second. */
  readonly refused: number;
  /** The share of failures among attempts that succeeded or failed; null if there were none. */
  readonly failed: number | null;
}

/** The attempts of each sample, and the failed ones, the oldest first. */
export interface Course {
  readonly requests: readonly number[];
  readonly failures: readonly number[];
}

/** The totals at each sample. Before the first sample of a circuit they are 0, like those of a new circuit. */
class Totals {
  readonly requests = new Float64Array(SAMPLES + 1);
  readonly successes = new Float64Array(SAMPLES + 1);
  readonly failures = new Float64Array(SAMPLES + 1);
  readonly refused = new Float64Array(SAMPLES + 1);

  /** `begun`: since when the circuit is observed, as wall-clock milliseconds. */
  constructor(readonly begun: number) {}

  write(at: number, counters: Readonly<BreakerCounters>): void {
    this.requests[at] = counters.requests;
    this.successes[at] = counters.successes;
    this.failures[at] = counters.failures;
    this.refused[at] = counters.rejected;
  }

  /** Sets all samples to the present totals, so that earlier calls of the circuit do not count as recent. */
  fill(counters: Readonly<BreakerCounters>): this {
    for (let at = 0; at <= SAMPLES; at++) this.write(at, counters);
    return this;
  }
}

/**
 * Samples the counters of the selected circuits every five seconds, for rates and charts of the last minutes. Calls do no work for it. Its timer does not
 * keep the process alive.
 */
export class Traffic {
  readonly #selection: Selection;
  readonly #clock: Clock;
  #totals = new Map<CircuitBreaker, Totals>();
  /** The time of each sample, in a ring like the totals. */
  readonly #times = new Float64Array(SAMPLES + 1);
  /** The number of samples so far. */
  #taken = 0;
  /** The number of circuits that were not selected at the last sample. */
  #left = 0;
  #timer: TimerHandle | undefined;

  constructor(selection: Selection, clock: Clock) {
    this.#selection = selection;
    this.#clock = clock;
    for (const circuit of selection.now().circuits) this.#totals.set(circuit, this.#begin(circuit).fill(circuit.counters));
    this.#sample();
  }

  /** The number of samples so far. The result of `courseOf` changes only with a sample. */
  get taken(): number {
    return this.#taken;
  }

  /** Returns since when a circuit is observed, as wall-clock milliseconds; undefined if it is newer than the last sample. */
  begunOf(circuit: CircuitBreaker): number | undefined {
    return this.#totals.get(circuit)?.begun;
  }

  ratesOf(circuit: CircuitBreaker): Rates {
    const { requests, successes, failures, rejected } = circuit.counters;
    const then = this.#totals.get(circuit);
    // The circuit was not selected before, so its requests of the last minute are unknown.
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
    return new Totals(Math.round(this.#clock.wallNow() - glanceAt(circuit, circuit.clock.now()).inStateMs));
  }

  #differences(ring: Float64Array): readonly number[] {
    // The number is constant, so that the data of an idle circuit does not change.
    return Array.from({ length: SAMPLES }, (_, n) => {
      const at = this.#taken - SAMPLES + n;
      if (at < 1) return 0;
      return Math.max(0, (ring[at % (SAMPLES + 1)] ?? 0) - (ring[(at - 1) % (SAMPLES + 1)] ?? 0));
    });
  }

  #sample(): void {
    const at = this.#taken % (SAMPLES + 1);
    this.#times[at] = this.#clock.now();
    // Only selected circuits are kept, so that circuits that the registry has forgotten can be freed.
    const kept = new Map<CircuitBreaker, Totals>();
    const { circuits, left } = this.#selection.now();
    this.#left = left;
    for (const circuit of circuits) {
      // A new circuit starts at 0. A circuit that was not selected before has earlier calls.
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
