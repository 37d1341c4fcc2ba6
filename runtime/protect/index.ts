/** The policies for code that is not a generated client: functions, methods, and any other code that calls a service. */

export { ThrownError } from '../errors/thrown-error.js';
export { Bulkhead, type BulkheadOptions, type BulkheadPermit } from '../policies/bulkhead/bulkhead.js';
export { getCircuitBreaker, type SharedCircuitOptions } from '../policies/circuit-breaker/get-circuit-breaker.js';
export { Coalescer, type CoalescerStats } from '../policies/coalesce/coalesce.js';
export { RateLimiter, type RateLimiterOptions, type RateLimitRequest } from '../policies/rate-limit/rate-limiter.js';
export { type Protected, protect } from './protect.js';
export type { ProtectOptions, ProtectRetry } from './protect-options.js';
export { type ProtectedByOptions, protectedBy } from './protected-by.js';
export type { ProtectContext } from './run.js';
