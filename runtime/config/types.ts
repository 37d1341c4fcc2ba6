import type { FailureThresholdCounts } from '../policies/circuit-breaker/window/options.js';
import type { FallbackStep } from '../policies/fallback/fallback.js';

/**
 * The settings of one operation after all layers are merged. The object is flat, so that a layer is a part of it, merging is assignment, and
 * `explain` prints one row per key. Durations are in milliseconds; `null` turns a duration off.
 */
export interface PolicyValues {
  /** If false, the circuit admits all calls and still counts them. Default true. */
  readonly enabled: boolean;
  /** Consecutive failures that open the circuit. Default 5. */
  readonly failureThreshold: number;
  /** Successful probes that close the circuit. Default 3. */
  readonly successThreshold: number;
  /** How long an open circuit waits before the first probe. Default 60,000. */
  readonly recoveryTimeoutMs: number;
  /** Largest number of concurrent probes while half-open. Default 2. */
  readonly halfOpenMaxCalls: number;
  /** Limit of one attempt, including the response body. Default 60,000. */
  readonly timeoutMs: number | null;
  /** Limit of the whole call with all attempts and waits. After it, the fallback is used. Default: twice the attempt timeout. */
  readonly totalTimeoutMs: number | null;
  /** The scope of one circuit. Default `service` (one circuit per service and origin). */
  readonly scope: 'service' | 'namespace' | 'operation';
  /** Services that this service follows. While one of their circuits is open, calls are refused. Default none. */
  readonly follows: readonly string[];
  /**
   * Whether a request that may have reached the server can be repeated. With `null`, it can if the method is GET, HEAD, OPTIONS, PUT, DELETE, TRACE
   * or QUERY, or if the operation sends an idempotency key. Default null.
   */
  readonly idempotent: boolean | null;
  /** Statuses that count as failures. Default 500, 502, 503, 504. */
  readonly failureStatuses: readonly number[];
  /** Statuses that count neither as failures nor as successes. Default none. */
  readonly ignoredStatuses: readonly number[];
  /** If false, every call makes exactly one attempt. Default true. */
  readonly retryEnabled: boolean;
  /** Largest number of attempts, including the first. Default 3. */
  readonly maxAttempts: number;
  /** Delay before the first retry. Default 100. */
  readonly baseDelayMs: number;
  /** Longest delay that the backoff computes. Default 5,000. */
  readonly maxDelayMs: number;
  /** Factor by which the delay grows with each retry. */
  readonly exponentialBase: number;
  /** Full jitter: each delay is a random value between 0 and the computed delay. Default true. */
  readonly jitter: boolean;
  /** If the circuit is open, a retry waits for its next probe, but not longer than `maxDelayMs`. Default false: the call ends immediately. */
  readonly waitForProbe: boolean;
  /** If the server asks for a longer wait than this, the call ends immediately. Default 60,000. */
  readonly maxRetryAfterMs: number;
  /** Statuses after which the request is retried. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly retryStatuses: readonly number[];
  /** The fallback steps, in order. Default none. */
  readonly fallback: readonly FallbackStep[];

  // Sliding window
  /** If true, rates over recent calls open the circuit instead of consecutive failures. Default false. */
  readonly windowEnabled: boolean;
  /** `count`: the last `windowSize` calls. `time`: the calls that ended in the last `windowMs`. Default `count`. */
  readonly windowType: 'count' | 'time';
  /** Number of calls in a count window. Default 100. */
  readonly windowSize: number;
  /** Length of a time window. Default 60,000. */
  readonly windowMs: number;
  /** Number of slots of a time window. Default 10. */
  readonly windowSlots: number;
  /** Calls that must have ended before rates are compared; at most the size of a count window. Default 20. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens the circuit. `null` turns the rate off. Default 0.5. */
  readonly failureRateThreshold: number | null;
  /** Duration from which a call is slow. With `null`, no call is slow. Default `null`. */
  readonly slowCallMs: number | null;
  /** Share of slow calls that opens the circuit. `null` turns the rate off. Default 0.5. */
  readonly slowCallRateThreshold: number | null;
  /** Share of calls that failed or were slow that opens the circuit. `null` turns the rate off. Default `null`. */
  readonly failureOrSlowRateThreshold: number | null;
  /** The meaning of `failureThreshold` in addition to the rates. Default `nothing`. */
  readonly failureThresholdCounts: FailureThresholdCounts;

  // Reopen backoff
  /** If true, a circuit that opens repeatedly waits longer each time. Default false. */
  readonly reopenBackoffEnabled: boolean;
  /** Factor by which the wait grows with each opening in a row. Default 2. */
  readonly reopenMultiplier: number;
  /** Longest wait. If it is less than the recovery timeout, the recovery timeout applies. Default 300,000. */
  readonly reopenMaxMs: number;
  /** Largest random addition, as a share of the wait. Default 0.2. */
  readonly reopenJitter: number;
  /** Once a circuit has stayed closed for this long, its next wait is the shortest again. Default 60,000. */
  readonly reopenResetAfterMs: number;
  /** Successful probes that close a flapping circuit. With `null`, `successThreshold` applies. Default `null`. */
  readonly flappingSuccessThreshold: number | null;

  // Ramp
  /** If true, a circuit that has recovered admits a growing share of calls. Default false. */
  readonly rampEnabled: boolean;
  /** Duration of the ramp. Default 10,000. */
  readonly rampMs: number;
  /** Share of calls admitted at the start of the ramp. Default 0.1. */
  readonly rampInitialShare: number;
  // Bulkhead
  /** Largest number of concurrent calls. `null` means no limit. Default null. */
  readonly bulkheadMaxConcurrent: number | null;
  /** Largest number of calls that wait for a place. Default 0. */
  readonly bulkheadMaxQueue: number;
  /** Longest wait for a place. `null` means until the deadline of the call. Default null. */
  readonly bulkheadMaxWaitMs: number | null;
  // Rate limit
  /** Default false. */
  readonly rateLimitEnabled: boolean;
  /** Requests in any span of `rateLimitPerMs`. With `null`, only the limits in the headers of responses apply. Default null. */
  readonly rateLimitRequests: number | null;
  /** Default 1,000. */
  readonly rateLimitPerMs: number;
  /** Longest wait for a token. `null` means until the deadline of the call. Default null. */
  readonly rateLimitMaxWaitMs: number | null;
  /** Whether the limit applies to all requests of a sender to the service, or to each operation separately. Default `service`. */
  readonly rateLimitScope: 'service' | 'operation';
  // Adaptive thresholds, applied by `fuseline/adaptive`
  /** Default false. */
  readonly adaptiveEnabled: boolean;
  /** `propose`: reports suitable values. `apply`: also applies them. Default `propose`. */
  readonly adaptiveMode: 'propose' | 'apply';
  /** Calls that are needed before the observed rates and durations are used. Default 100. */
  readonly adaptiveMinimumCalls: number;
  /** Bounds of `failureThreshold`. With `null`, it is not adapted. Default `null`. */
  readonly adaptiveFailureThreshold: Bounds | null;
  /** Bounds of `failureRateThreshold`. Default `null`. */
  readonly adaptiveFailureRate: Bounds | null;
  /** Bounds of `recoveryTimeoutMs`. Default `null`. */
  readonly adaptiveRecoveryMs: Bounds | null;
  /** Bounds of `slowCallMs`. Default `null`. */
  readonly adaptiveSlowCallMs: Bounds | null;
  // Coalescing
  /** If true, equal concurrent reads share one request. Default false. */
  readonly coalesce: boolean;
}

export type { FallbackStep };

/** Lowest and highest value. */
export type Bounds = readonly [min: number, max: number];

/** The settings of one layer. `bulkheadMaxConcurrent: true` turns the bulkhead on without changing its maximum. */
export type PolicyLayer = { readonly [K in keyof PolicyValues]?: PolicyValues[K] | (K extends 'bulkheadMaxConcurrent' ? true : never) };

export type HttpMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'TRACE' | 'QUERY';

/** The parts of a service that its settings need. */
export interface ServiceSettings {
  readonly name: string;
  /** The settings of the service in the breaker YAML. */
  readonly policies: ServicePolicies;
  /** Imports a module from the folder of the generated client. Only checks of a breaker YAML call it. Bundlers do not follow the import. */
  readonly load?: (file: string) => Promise<unknown>;
}

/** The parts of an operation that its settings need. */
export interface OperationName {
  readonly namespace: string;
  /** `namespace.name`. */
  readonly id: string;
}

/** The values for a service, its resources (namespaces) and its operations. */
export interface ServiceLayers {
  readonly service?: PolicyLayer;
  readonly resources?: Readonly<Record<string, PolicyLayer>>;
  readonly operations?: Readonly<Record<string, PolicyLayer>>;
}

/** All settings of one service in the breaker YAML, as embedded in generated code. Later fields override earlier ones. */
export interface ServicePolicies extends ServiceLayers {
  /** `circuit_breaker.defaults` of the file. */
  readonly defaults?: PolicyLayer;
  /** The preset of the service. */
  readonly preset?: { readonly name: string; readonly values: PolicyLayer };
  /** `environments.<name>.circuit_breaker`, by name. It overrides all other settings of the file. */
  readonly environments?: Readonly<Record<string, ServiceLayers & { readonly defaults?: PolicyLayer }>>;
}

/** A layer and its name. `describe` and `fuseline explain` show the name. */
export interface NamedLayer {
  readonly origin: string;
  readonly values: PolicyLayer;
  /** The layer as written in its file, if `values` are only a part of it. */
  readonly written?: PolicyLayer;
}

/** The settings of one service in a file, and the settings with which the client of the service was generated. */
export interface AppliedPolicies extends ServicePolicies {
  /** Undefined if there are no other settings. */
  readonly generated?: ServicePolicies;
}
