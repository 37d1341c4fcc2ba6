import type { JudgedOperation } from '../result/result.js';
import type { TruthStep } from '../result/truth.js';
import type { RecordedCall } from './rows.js';

/** The fewest calls for a rate. An interval with fewer calls includes the intervals before it. */
const ENOUGH = 10;
/** The most intervals that are included. */
const REACH = 6;

/** The recorded calls of a service by interval. The true error rate of an interval is the share of failed calls. */
export class RecordedTruth {
  readonly #stepMs: number;
  readonly #count: number;
  readonly #durationMs: number;
  /** By operation: all calls, and the calls that count against a circuit. */
  readonly #calls: readonly Uint32Array[];
  readonly #failed: readonly Uint32Array[];

  /** `calls` is the number of all calls of the service. An interval lasts from a second to a minute and contains about twenty calls. */
  constructor(durationMs: number, calls: number, operations: number) {
    this.#durationMs = durationMs;
    this.#stepMs = Math.min(60_000, Math.max(1_000, Math.ceil((20 * durationMs) / calls / 1_000) * 1_000));
    this.#count = Math.max(1, Math.ceil(durationMs / this.#stepMs));
    this.#calls = Array.from({ length: operations }, () => new Uint32Array(this.#count));
    this.#failed = Array.from({ length: operations }, () => new Uint32Array(this.#count));
  }

  add({ index, judge }: JudgedOperation, { fault, durationMs }: RecordedCall, atMs: number): void {
    const at = Math.min(this.#count - 1, Math.floor(atMs / this.#stepMs));
    const calls = this.#calls[index] as Uint32Array;
    const failed = this.#failed[index] as Uint32Array;
    calls[at] = (calls[at] ?? 0) + 1;
    const counts =
      (fault !== undefined && judge.counts(fault)) || (durationMs >= judge.limitMs && (fault === undefined || typeof fault === 'number'));
    if (counts) failed[at] = (failed[at] ?? 0) + 1;
  }

  steps(operations: readonly JudgedOperation[]): readonly TruthStep[] {
    const sum = (rows: readonly Uint32Array[], at: number): number =>
      operations.reduce((total, { index }) => total + (rows[index]?.[at] ?? 0), 0);
    return Array.from({ length: this.#count }, (_, at) => {
      let [calls, failed] = [0, 0];
      for (let back = at; back >= 0 && back > at - REACH && calls < ENOUGH; back--) {
        calls += sum(this.#calls, back);
        failed += sum(this.#failed, back);
      }
      const toMs = Math.min(this.#durationMs, (at + 1) * this.#stepMs);
      return { fromMs: at * this.#stepMs, toMs, rate: calls === 0 ? 0 : failed / calls };
    });
  }
}
