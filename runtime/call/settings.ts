import { IDEMPOTENT_METHODS } from '../config/defaults.js';
import type { PolicyValues } from '../config/types.js';
import { leaseOf } from '../policies/circuit-breaker/options.js';
import type { CompiledStep } from '../policies/fallback/fallback.js';
import type { FlowSettings } from '../policies/stage.js';
import { statusTable } from './answer/classify.js';
import type { Operation } from './client/descriptor.js';

/** The settings that the options of a call can change. */
export type Changes = { -readonly [K in keyof Values]?: CallSettings[K] };

/** Returns an object for changes. It has no prototype: what some code added to `Object.prototype` is no setting. */
export function noChanges(): Changes {
  return Object.create(null);
}

/** The settings of a call. Durations are in milliseconds. All instances have the same object layout, which keeps property access fast. */
export class CallSettings implements FlowSettings {
  readonly timeoutMs: number | null;
  readonly totalTimeoutMs: number | null;
  readonly leaseMs: number;
  readonly retryEnabled: boolean;
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly exponentialBase: number;
  readonly jitter: boolean;
  readonly waitForProbe: boolean;
  readonly maxRetryAfterMs: number;
  /** What each HTTP status means to the policies, indexed by status. */
  readonly statuses: Uint8Array;
  readonly repeatable: boolean;
  readonly fallback: readonly CompiledStep[];
  /** A step of the fallback uses the last good response, so good responses are kept. */
  readonly keepsLastGood: boolean;
  /** A step of the fallback is a function of the user. */
  readonly asksFallback: boolean;
  /** Equal calls that are in flight at the same time share a request. */
  readonly coalesces: boolean;
  readonly placeWaitMs: number;
  readonly tokenWaitMs: number;

  private constructor(base: Values, changes: Changes) {
    // Null is a value and means no limit.
    this.timeoutMs = changes.timeoutMs === undefined ? base.timeoutMs : changes.timeoutMs;
    this.totalTimeoutMs = changes.totalTimeoutMs === undefined ? base.totalTimeoutMs : changes.totalTimeoutMs;
    this.leaseMs = leaseOf(this.timeoutMs, this.totalTimeoutMs);
    this.retryEnabled = changes.retryEnabled ?? base.retryEnabled;
    this.maxAttempts = changes.maxAttempts ?? base.maxAttempts;
    this.baseDelayMs = changes.baseDelayMs ?? base.baseDelayMs;
    this.maxDelayMs = changes.maxDelayMs ?? base.maxDelayMs;
    this.exponentialBase = changes.exponentialBase ?? base.exponentialBase;
    this.jitter = changes.jitter ?? base.jitter;
    this.waitForProbe = changes.waitForProbe ?? base.waitForProbe;
    this.maxRetryAfterMs = changes.maxRetryAfterMs ?? base.maxRetryAfterMs;
    this.statuses = changes.statuses ?? base.statuses;
    this.repeatable = changes.repeatable ?? base.repeatable;
    this.fallback = changes.fallback ?? base.fallback;
    // A call that overrides the fallback still keeps its good response for other calls.
    this.keepsLastGood = base.keepsLastGood || keepsLastGood(this.fallback);
    this.asksFallback = asksFunction(this.fallback);
    this.coalesces = changes.coalesces ?? base.coalesces;
    this.placeWaitMs = changes.placeWaitMs ?? base.placeWaitMs;
    this.tokenWaitMs = changes.tokenWaitMs ?? base.tokenWaitMs;
  }

  /** Returns the settings of an operation. */
  static of(operation: Operation, policy: PolicyValues, fallback: readonly CompiledStep[]): CallSettings {
    const values: Values = {
      ...policy,
      statuses: statusTable(policy),
      repeatable: isRepeatable(operation, policy.idempotent),
      fallback,
      keepsLastGood: keepsLastGood(fallback),
      coalesces: policy.coalesce && isRead(operation),
      placeWaitMs: policy.bulkheadMaxWaitMs ?? Number.POSITIVE_INFINITY,
      tokenWaitMs: policy.rateLimitMaxWaitMs ?? Number.POSITIVE_INFINITY,
    };
    return new CallSettings(values, noChanges());
  }

  /** Returns these settings with the changes applied. */
  with(changes: Changes): CallSettings {
    return new CallSettings(this, changes);
  }
}

type Values = Omit<CallSettings, 'with' | 'leaseMs' | 'asksFallback'>;

function keepsLastGood(fallback: readonly CompiledStep[]): boolean {
  return fallback.some((step) => step.kind === 'lastGood');
}

function asksFunction(fallback: readonly CompiledStep[]): boolean {
  return fallback.some((step) => step.kind === 'function');
}

/**
 * Returns true if a request that may have reached the server can be sent again. `idempotent` is the configured value. If it is null, the result
 * depends on the HTTP method and on whether the operation sends an idempotency key.
 */
export function isRepeatable({ method, idempotencyHeader }: Operation, idempotent: boolean | null): boolean {
  return idempotent ?? (idempotencyHeader !== undefined || IDEMPOTENT_METHODS.has(method));
}

/** The safe methods (RFC 9110, section 9.2.1). One response of such a method can serve all concurrent callers. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

export function isRead({ method }: Operation): boolean {
  return READS.has(method);
}
