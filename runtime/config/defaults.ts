import { BREAKER_DEFAULTS } from '../policies/circuit-breaker/options.js';
import { ADAPTIVE_DEFAULTS } from './adaptive-values.js';
import { RECOVERY_DEFAULTS } from './breaker-values.js';
import type { PolicyValues } from './types.js';

/**
 * The built-in defaults, which all other layers override. The breaker values and the attempt timeout come from the guides (failure 5, success 3,
 * timeout 60 s, half-open 2). The retry values are those common in other libraries: 3 attempts, base delay 100 ms doubling to 5 s, full jitter,
 * `Retry-After` honoured up to 60 s.
 */
export const POLICY_DEFAULTS: Omit<PolicyValues, 'totalTimeoutMs'> = {
  ...BREAKER_DEFAULTS,
  timeoutMs: 60_000,
  scope: 'service',
  follows: [],
  idempotent: null,
  failureStatuses: [500, 502, 503, 504],
  ignoredStatuses: [],
  retryEnabled: true,
  maxAttempts: 3,
  baseDelayMs: 100,
  maxDelayMs: 5_000,
  exponentialBase: 2,
  jitter: true,
  waitForProbe: false,
  maxRetryAfterMs: 60_000,
  retryStatuses: [408, 425, 429, 500, 502, 503, 504],
  fallback: [],
  ...RECOVERY_DEFAULTS,
  ...ADAPTIVE_DEFAULTS,
  bulkheadMaxConcurrent: null,
  bulkheadMaxQueue: 0,
  bulkheadMaxWaitMs: null,
  rateLimitEnabled: false,
  rateLimitRequests: null,
  rateLimitPerMs: 1_000,
  rateLimitMaxWaitMs: null,
  rateLimitScope: 'service',
  coalesce: false,
};

/** Largest number of concurrent calls of a bulkhead that is turned on without a maximum. */
export const BULKHEAD_MAX_CONCURRENT = 100;

/** If no layer sets the total deadline, it is the attempt timeout times this factor. */
export const TOTAL_TIMEOUT_FACTOR = 2;

/** The idempotent methods (RFC 9110, section 9.2.2; for QUERY, draft-ietf-httpbis-safe-method-w-body). */
export const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY']);
