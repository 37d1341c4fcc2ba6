import type { Totals } from '../engine/tally.js';
import type { CircuitResult } from './circuits.js';

/** What came of a simulation. Plain data; times are milliseconds from the start, shares 0 to 1, percents 0 to 100. */
export interface SimulationResult {
  readonly scenario: {
    readonly name: string;
    readonly file: string;
    readonly seed: number;
    readonly durationMs: number;
    /** ISO 8601; undefined where the scenario has no date. */
    readonly start: string | undefined;
    readonly healthyBelow: number;
  };
  /** The breaker YAML. */
  readonly breakers: string;
  readonly environment: string | undefined;
  readonly services: readonly ServiceResult[];
}

export interface ServiceResult {
  readonly name: string;
  readonly totals: Totals;
  readonly operations: readonly { readonly id: string; readonly method: string; readonly totals: Totals }[];
  readonly circuits: readonly CircuitResult[];
  /** What happened to the service, where a scenario says it. */
  readonly conditions: readonly ConditionStep[];
  readonly series: SeriesResult;
}

/** A span in which the service did in one way. */
export interface ConditionStep {
  readonly fromMs: number;
  readonly toMs: number;
  /** Names of the phases in force. */
  readonly phases: readonly string[];
  /** `50 calls/s, 30 % errors (503), 120 ms`. */
  readonly text: string;
}

/** Counts in intervals of one length. */
export interface SeriesResult {
  readonly stepMs: number;
  readonly calls: readonly number[];
  readonly served: readonly number[];
  readonly fallback: readonly number[];
  readonly failed: readonly number[];
  readonly blocked: readonly number[];
  /** Requests sent; ended; and those that ended without a good answer. */
  readonly attempts: readonly number[];
  readonly ended: readonly number[];
  readonly unwell: readonly number[];
  /** Share of requests that would fail, whether or not one was sent. */
  readonly trueRate: readonly number[];
  /** Of callers' waits; null where no call ended. */
  readonly waitP50Ms: readonly (number | null)[];
  readonly waitP99Ms: readonly (number | null)[];
}
