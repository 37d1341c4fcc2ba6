import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';
import type { ConnectionFault } from '../../../runtime/errors/connection-fault.js';

/** The distribution of calls: random, regular, or regular with gaps that are stretched or shrunk by up to a half. */
export type Arrivals = 'poisson' | 'even' | 'jitter';

/**
 * A bad answer of a service: a status, no answer (`hang`), or a connection that fails, see `CONNECTION_TROUBLES`. A connection that breaks is `network`,
 * also if the scenario calls it `reset`.
 */
export type Fault = number | 'hang' | Exclude<ConnectionFault, 'timeout' | 'reset'>;

/** Log-normal times, given by two percentiles. If these are equal, all times are equal. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Faults with their relative frequencies. */
export type FaultMix = readonly { readonly fault: Fault; readonly weight: number }[];

/** The state of a service at one time. */
export interface Conditions {
  /** The share of requests that meet a fault, 0 to 1. */
  readonly errorRate: number;
  readonly errors: FaultMix;
  readonly latency: Latency;
  /** The time until a status that is a fault, or until a connection breaks. Undefined: the time of a good answer. */
  readonly errorLatency: Latency | undefined;
  /** The value of `Retry-After` of 429 and 503, in whole seconds. Undefined: no header. */
  readonly retryAfterSeconds: number | undefined;
}

/** A span of time with different conditions. */
export interface Phase extends Partial<Conditions> {
  readonly name: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  /** Calls per second. Undefined: unchanged. */
  readonly trafficPerSecond: number | undefined;
  /** The phase applies only to requests of these operations. Undefined: to all. */
  readonly operations: readonly string[] | undefined;
}

/** One operation that callers call. */
export interface OperationPlan {
  readonly id: string;
  readonly namespace: string;
  readonly method: HttpMethod;
  readonly idempotencyHeader: string | undefined;
  /** The share of calls for this operation, relative to the other weights. */
  readonly weight: number;
}

/** The course of one service. */
export interface ServiceScenario extends Conditions {
  readonly name: string;
  readonly trafficPerSecond: number;
  readonly arrivals: Arrivals;
  /** At least one. */
  readonly operations: readonly OperationPlan[];
  /** The number of distinct requests that callers make of each operation. It decides how often a last good response is available. */
  readonly distinctRequests: number;
  /** Callers with credentials of their own. Each has its own rate limit. */
  readonly senders: number;
  /** The service's own limit for each sender. Further requests get a 429. */
  readonly vendorLimit: { readonly requests: number; readonly perMs: number } | undefined;
  /** If two phases overlap, the later one in the list overrides the other. */
  readonly phases: readonly Phase[];
}

/** A complete scenario. */
export interface Scenario {
  readonly name: string;
  /** The path as the user gave it. */
  readonly file: string;
  readonly seed: number;
  readonly durationMs: number;
  /** A service is healthy while its true error rate is below this share. A circuit that opens then is a false open. */
  readonly healthyBelow: number;
  readonly services: readonly ServiceScenario[];
}

/** The only operation if the scenario names none. No document contains this name. */
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
