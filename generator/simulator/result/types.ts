import type { Totals } from '../engine/tally.js';
import type { CircuitResult } from './circuits.js';

/** The result of a simulation. Plain data. Times are milliseconds from the start, shares 0 to 1, percents 0 to 100. */
export interface SimulationResult {
  readonly scenario: {
    readonly name: string;
    readonly file: string;
    readonly seed: number;
    readonly durationMs: number;
    /** ISO 8601. Undefined if the scenario has no date. */
    readonly start: string | undefined;
    readonly healthyBelow: number;
  };
  /** The path of the breaker YAML. */
  readonly breakers: string;
  readonly environment: string | undefined;
  readonly services: readonly ServiceResult[];
}

export interface ServiceResult {
  readonly name: string;
  readonly totals: Totals;
  readonly operations: readonly { readonly id: string; readonly method: string; readonly totals: Totals }[];
  readonly circuits: readonly CircuitResult[];
  /** The course of the service in a scenario. Empty for recordings. */
  readonly conditions: readonly ConditionStep[];
  readonly series: SeriesResult;
}

/** A span in which the conditions of the service stay the same. */
export interface ConditionStep {
  readonly fromMs: number;
  readonly toMs: number;
  /** The names of the active phases. */
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
  /** Requests sent, requests that ended, and those among them without a good answer. */
  readonly attempts: readonly number[];
  readonly ended: readonly number[];
  readonly unwell: readonly number[];
  /** The share of requests that would fail, whether or not one was sent. */
  readonly trueRate: readonly number[];
  /** Percentiles of the callers' waits. Null if no call ended. */
  readonly waitP50Ms: readonly (number | null)[];
  readonly waitP99Ms: readonly (number | null)[];
}
