import type { FailureThresholdCounts } from '../policies/circuit-breaker/window/options.js';
import type { FallbackStep } from '../policies/fallback/fallback.js';

/**
 * The settings of one operation once every layer is merged. Flat on purpose: a layer is a partial of it, layering is assignment,
 * and `explain` is one row per key. Durations are milliseconds; `null` turns a duration off.
 */
export interface PolicyValues {
  /** False: calls pass the breaker, which still counts. Default true. */
  readonly enabled: boolean;
  /** Consecutive failures that open the circuit. Default 5. */
  readonly failureThreshold: number;
  /** Successful probes that close it again. Default 3. */
  readonly successThreshold: number;
  /** How long an open circuit waits before the first probe. Default 60,000. */
  readonly recoveryTimeoutMs: number;
  /** Probes in flight at once while half-open. Default 2. */
  readonly halfOpenMaxCalls: number;
  /** Limit of one attempt, body included. Default 60,000. */
  readonly timeoutMs: number | null;
  /** Limit of the whole call: attempts, waits, fallback's trigger. Undefined until resolved: twice the attempt timeout. */
  readonly totalTimeoutMs: number | null;
  /** What one circuit covers. Default `service` (one per service and origin). */
  readonly scope: 'service' | 'namespace' | 'operation';
  /** Services whose circuits this one's follow: while one of those is open, calls are refused. Default none. */
  readonly follows: readonly string[];
  /** May the request be repeated after it may have reached the server? `null` asks the method (GET, HEAD, OPTIONS, PUT, DELETE, TRACE, QUERY). */
  readonly idempotent: boolean | null;
  /** Statuses that count as failures. Default 500, 502, 503, 504. */
  readonly failureStatuses: readonly number[];
  /** Statuses that count as nothing. Default none. */
  readonly ignoredStatuses: readonly number[];
  /** False: exactly one attempt, come what may. Default true. */
  readonly retryEnabled: boolean;
  /** Attempts, the first included. Default 3. */
  readonly maxAttempts: number;
  /** First wait. Default 100. */
  readonly baseDelayMs: number;
  /** Longest wait that backoff chooses. Default 5,000. */
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  /** Full jitter: each wait is drawn from 0 to the computed delay. Default true. */
  readonly jitter: boolean;
  /** A server's hint above this ends the call at once. Default 60,000. */
  readonly maxRetryAfterMs: number;
  /** Statuses that are tried again. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly retryStatuses: readonly number[];
  /** What answers when the call fails, in order. Default none. */
  readonly fallback: readonly FallbackStep[];

  // Sliding window
  /** True: rates over recent calls open the circuit instead of consecutive failures. Default false. */
  readonly windowEnabled: boolean;
  /** The last `windowSize` calls, or those of the last `windowMs`. Default `count`. */
  readonly windowType: 'count' | 'time';
  /** Calls that a count window holds. Default 100. */
  readonly windowSize: number;
  /** How far back a time window looks. Default 60,000. */
  readonly windowMs: number;
  /** Parts of a time window. Default 10. */
  readonly windowSlots: number;
  /** Calls before a rate means anything; of a count window at most its size. Default 20. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens the circuit; `null` for none. Default 0.5. */
  readonly failureRateThreshold: number | null;
  /** A call that takes this long is slow. Default `null`: none is. */
  readonly slowCallMs: number | null;
  /** Share of slow calls that opens the circuit; `null` for none. Default 0.5. */
  readonly slowCallRateThreshold: number | null;
  /** Share of calls that failed or were slow that opens the circuit; `null` for none. Default `null`. */
  readonly failureOrSlowRateThreshold: number | null;
  /** What `failureThreshold` means beside the rates. Default `nothing`. */
  readonly failureThresholdCounts: FailureThresholdCounts;

  // Reopen backoff
  /** True: a circuit that keeps opening waits longer each time. Default false. */
  readonly reopenBackoffEnabled: boolean;
  /** Factor by which each opening in a row waits longer. Default 2. */
  readonly reopenMultiplier: number;
  /** Longest wait; never less than the recovery timeout. Default 300,000. */
  readonly reopenMaxMs: number;
  /** Share of the wait that is added at random. Default 0.2. */
  readonly reopenJitter: number;
  /** Closed this long, a circuit starts again with the shortest wait. Default 60,000. */
  readonly reopenResetAfterMs: number;
  /** Successful probes that close a circuit that flaps; `null`: as ever. Default `null`. */
  readonly flappingSuccessThreshold: number | null;

  // Ramp
  /** True: a circuit that has recovered lets a growing share of calls in. Default false. */
  readonly rampEnabled: boolean;
  /** Until all calls pass. Default 10,000. */
  readonly rampMs: number;
  /** Share of calls let in at first. Default 0.1. */
  readonly rampInitialShare: number;
  // Bulkhead
  /** Calls that may run at once; `null`: any number. Default null. */
  readonly bulkheadMaxConcurrent: number | null;
  /** Calls that may wait for a place. Default 0. */
  readonly bulkheadMaxQueue: number;
  /** Longest wait for a place; `null`: as long as the call's deadline allows. Default null. */
  readonly bulkheadMaxWaitMs: number | null;
  // Rate limit
  /** Default false. */
  readonly rateLimitEnabled: boolean;
  /** Requests in any span of `rateLimitPerMs`; `null`: only what the answers' headers say counts. Default null. */
  readonly rateLimitRequests: number | null;
  /** Default 1,000. */
  readonly rateLimitPerMs: number;
  /** Longest wait for a token; `null`: as long as the call's deadline allows. Default null. */
  readonly rateLimitMaxWaitMs: number | null;
  /** What is counted together: a sender's requests to the service, or to each operation. Default `service`. */
  readonly rateLimitScope: 'service' | 'operation';
  // Adaptive thresholds; put in force by `fuseline/adaptive`
  /** Default false. */
  readonly adaptiveEnabled: boolean;
  /** Tell what would fit, or put it in force, too. Default `propose`. */
  readonly adaptiveMode: 'propose' | 'apply';
  /** Calls before rates and durations are taken for normal. Default 100. */
  readonly adaptiveMinimumCalls: number;
  /** Bounds of `failureThreshold`; `null`: it stays as it is. Default `null`. */
  readonly adaptiveFailureThreshold: Bounds | null;
  /** Bounds of `failureRateThreshold`. Default `null`. */
  readonly adaptiveFailureRate: Bounds | null;
  /** Bounds of `recoveryTimeoutMs`. Default `null`. */
  readonly adaptiveRecoveryMs: Bounds | null;
  /** Bounds of `slowCallMs`. Default `null`. */
  readonly adaptiveSlowCallMs: Bounds | null;
  // Coalescing
  /** Equal reads that are in flight at once share one request. Default false. */
  readonly coalesce: boolean;
}

export type { FallbackStep };

/** Lowest and highest value. */
export type Bounds = readonly [min: number, max: number];

/** What one layer sets. */
export type PolicyLayer = { readonly [K in keyof PolicyValues]?: PolicyValues[K] | (K extends 'bulkheadMaxConcurrent' ? true : never) };

export type HttpMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'TRACE' | 'QUERY';

/** A service, as far as its settings go. */
export interface ServiceSettings {
  readonly name: string;
  /** From the breaker YAML. */
  readonly policies: ServicePolicies;
  /** Imports a module beside the generated client. Only checks of a breaker YAML call it, and bundlers do not follow it. */
  readonly load?: (file: string) => Promise<unknown>;
}

/** An operation, as far as its settings go. */
export interface OperationName {
  readonly namespace: string;
  /** `namespace.name`. */
  readonly id: string;
}

/** One level of the YAML: values for the service, for resources (namespaces) and for operations. */
export interface ServiceLayers {
  readonly service?: PolicyLayer;
  readonly resources?: Readonly<Record<string, PolicyLayer>>;
  readonly operations?: Readonly<Record<string, PolicyLayer>>;
}

/** Everything the breaker YAML says of one service: what generated code embeds. Weakest first. */
export interface ServicePolicies extends ServiceLayers {
  /** `circuit_breaker.defaults` of the file. */
  readonly defaults?: PolicyLayer;
  /** The named preset that the service chose. */
  readonly preset?: { readonly name: string; readonly values: PolicyLayer };
  /** `environments.<name>.circuit_breaker`, by name; stronger than all of the above. */
  readonly environments?: Readonly<Record<string, ServiceLayers & { readonly defaults?: PolicyLayer }>>;
}

/** One layer and its name, as `describe` and `fuseline explain` show it. */
export interface NamedLayer {
  readonly origin: string;
  readonly values: PolicyLayer;
  /** The layer as its file has it, where `values` are only a part of it. */
  readonly written?: PolicyLayer;
}

/** What a file says of one service, laid over what the service's client was generated with. */
export interface AppliedPolicies extends ServicePolicies {
  /** Undefined: these settings are the only ones. */
  readonly generated?: ServicePolicies;
}
