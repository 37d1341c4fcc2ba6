import { IDEMPOTENT_METHODS } from '../config/defaults.js';
import type { PolicyValues } from '../config/types.js';
import { leaseOf } from '../policies/circuit-breaker/options.js';
import type { CompiledStep } from '../policies/fallback/fallback.js';
import type { FlowSettings } from '../policies/stage.js';
import { statusTable } from './answer/classify.js';
import type { Operation } from './client/descriptor.js';

/** What the options of a call can change of its settings. */
export type Changes = { -readonly [K in keyof Values]?: CallSettings[K] };

/** The settings of a call, in one fixed shape: calls with options of their own have other values in it, not another object layout. */
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
  readonly maxRetryAfterMs: number;
  /** What each status means to the policies. */
  readonly statuses: Uint8Array;
  readonly repeatable: boolean;
  readonly fallback: readonly CompiledStep[];
  /** Some step of the fallback wants the last good response, so good responses are kept. */
  readonly keepsLastGood: boolean;
  /** Some step of the fallback is a function of the user's. */
  readonly asksFallback: boolean;
  /** Equal calls that are in flight together share a request. */
  readonly coalesces: boolean;
  readonly placeWaitMs: number;
  readonly tokenWaitMs: number;

  private constructor(base: Values, changes: Changes) {
    // Null is a value here: no limit.
    this.timeoutMs = changes.timeoutMs === undefined ? base.timeoutMs : changes.timeoutMs;
    this.totalTimeoutMs = changes.totalTimeoutMs === undefined ? base.totalTimeoutMs : changes.totalTimeoutMs;
    this.leaseMs = leaseOf(this.timeoutMs, this.totalTimeoutMs);
    this.retryEnabled = changes.retryEnabled ?? base.retryEnabled;
    this.maxAttempts = changes.maxAttempts ?? base.maxAttempts;
    this.baseDelayMs = changes.baseDelayMs ?? base.baseDelayMs;
    this.maxDelayMs = changes.maxDelayMs ?? base.maxDelayMs;
    this.exponentialBase = changes.exponentialBase ?? base.exponentialBase;
    this.jitter = changes.jitter ?? base.jitter;
    this.maxRetryAfterMs = changes.maxRetryAfterMs ?? base.maxRetryAfterMs;
    this.statuses = changes.statuses ?? base.statuses;
    this.repeatable = changes.repeatable ?? base.repeatable;
    this.fallback = changes.fallback ?? base.fallback;
    // A call without its fallback still leaves a good answer for others.
    this.keepsLastGood = base.keepsLastGood || keepsLastGood(this.fallback);
    this.asksFallback = asksFunction(this.fallback);
    this.coalesces = changes.coalesces ?? base.coalesces;
    this.placeWaitMs = changes.placeWaitMs ?? base.placeWaitMs;
    this.tokenWaitMs = changes.tokenWaitMs ?? base.tokenWaitMs;
  }

  /** The settings of an operation. */
  static of(operation: Operation, policy: PolicyValues, fallback: readonly CompiledStep[]): CallSettings {
    const { timeoutMs, totalTimeoutMs, retryEnabled, maxAttempts, baseDelayMs, maxDelayMs, exponentialBase, jitter, maxRetryAfterMs } =
      policy;
    const values: Values = {
      timeoutMs,
      totalTimeoutMs,
      retryEnabled,
      maxAttempts,
      baseDelayMs,
      maxDelayMs,
      exponentialBase,
      jitter,
      maxRetryAfterMs,
      statuses: statusTable(policy),
      repeatable: isRepeatable(operation, policy.idempotent),
      fallback,
      keepsLastGood: keepsLastGood(fallback),
      coalesces: policy.coalesce && isRead(operation),
      placeWaitMs: policy.bulkheadMaxWaitMs ?? Number.POSITIVE_INFINITY,
      tokenWaitMs: policy.rateLimitMaxWaitMs ?? Number.POSITIVE_INFINITY,
    };
    return new CallSettings(values, {});
  }

  /** The same settings with some changes. */
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

/** May a request that perhaps reached the server be sent again? `idempotent`: what the settings say of it; null asks the method. */
export function isRepeatable({ method, idempotencyHeader }: Operation, idempotent: boolean | null): boolean {
  return idempotent ?? (idempotencyHeader !== undefined || IDEMPOTENT_METHODS.has(method));
}

/** To ask twice changes nothing (RFC 9110 section 9.2.1), so one answer serves all callers that ask concurrently. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

export function isRead({ method }: Operation): boolean {
  return READS.has(method);
}
