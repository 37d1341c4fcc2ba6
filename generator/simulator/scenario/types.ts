import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';

/** How calls come: at random moments, like clockwork, or like clockwork with every gap stretched or shrunk by up to a half. */
export type Arrivals = 'poisson' | 'even' | 'jitter';

/**
 * What a service does instead of answering well: a status, no answer ever (`hang`), a connection that breaks (`network`), one that is refused
 * (`refused`), or one that is not made in time (`connect_timeout`). Of the last two nothing was sent.
 */
export type Fault = number | 'hang' | 'network' | 'refused' | 'connect_timeout';

/** Log-normal, by two of its percentiles; always the same where they are equal. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Faults and how often each is the one, relative to the others. */
export type FaultMix = readonly { readonly fault: Fault; readonly weight: number }[];

/** How a service does at one time. */
export interface Conditions {
  /** Share of requests that meet a fault, 0 to 1. */
  readonly errorRate: number;
  readonly errors: FaultMix;
  readonly latency: Latency;
  /** Time until a status that is a fault, or until a connection breaks; undefined: as long as an answer. */
  readonly errorLatency: Latency | undefined;
  /** What 429 and 503 say in `Retry-After`, in whole seconds; undefined: nothing. */
  readonly retryAfterSeconds: number | undefined;
}

/** A span of time in which something is different. */
export interface Phase extends Partial<Conditions> {
  readonly name: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  /** Calls a second; undefined: as before. */
  readonly trafficPerSecond: number | undefined;
  /** Only requests of these operations meet it; undefined: all. */
  readonly operations: readonly string[] | undefined;
}

/** One operation that callers call. */
export interface OperationPlan {
  readonly id: string;
  readonly namespace: string;
  readonly method: HttpMethod;
  readonly idempotencyHeader: string | undefined;
  /** How many of the calls are its, relative to the others. */
  readonly weight: number;
}

/** What happens to one service. */
export interface ServiceScenario extends Conditions {
  readonly name: string;
  readonly trafficPerSecond: number;
  readonly arrivals: Arrivals;
  /** At least one. */
  readonly operations: readonly OperationPlan[];
  /** Different requests that callers make of each operation: how often a last good response is at hand depends on it. */
  readonly distinctRequests: number;
  /** Callers with credentials of their own: each has a rate limit of its own. */
  readonly senders: number;
  /** What the service itself allows each sender; beyond it, it answers 429. */
  readonly vendorLimit: { readonly requests: number; readonly perMs: number } | undefined;
  /** A later one is stronger where two overlap. */
  readonly phases: readonly Phase[];
}

/** What is simulated. */
export interface Scenario {
  readonly name: string;
  /** As the user gave it. */
  readonly file: string;
  readonly seed: number;
  readonly durationMs: number;
  /** A service whose true error rate is below this is well: a circuit that opens then opens without need. */
  readonly healthyBelow: number;
  readonly services: readonly ServiceScenario[];
}

/** The one operation of callers of whom the scenario says nothing more. No document has an operation of that name. */
export const ANY_OPERATION = '(any)';

export const SCENARIO_DEFAULTS = {
  seed: 1,
  healthyBelow: 0.1,
  arrivals: 'poisson',
  distinctRequests: 100,
  senders: 1,
  errorRate: 0,
  errors: [{ fault: 503, weight: 1 }],
  latency: { p50Ms: 100, p99Ms: 100 },
} as const;
