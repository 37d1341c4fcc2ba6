import type { PolicyValues } from '../config/types.js';
import { type CompiledOperation, circuitName } from '../pipeline/compile.js';
import type { Limits } from '../pipeline/guard.js';
import { Bulkhead } from '../policies/bulkhead.js';
import { RateLimiter } from '../policies/rate-limiter.js';
import type { ClientCore } from './core.js';
import type { Operation } from './descriptor.js';
import { flag } from './limit-layer.js';
import { sharedState } from './shared-state.js';

/** Asking twice changes nothing (RFC 9110 section 9.2.1), so one answer does for all who ask at once. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** What limits an operation's calls; undefined where nothing does. */
export function limitsOf(core: ClientCore, operation: Operation, policy: PolicyValues, origin: string): Limits | undefined {
  const bulkhead = policy.bulkheadMaxConcurrent === null ? undefined : obtainBulkhead(core, operation, policy, origin);
  const limiter = policy.rateLimitEnabled ? obtainLimiter(core, operation, policy, origin) : undefined;
  const coalescer = policy.coalesce && READS.has(operation.method) ? core.coalescer : undefined;
  return bulkhead === undefined && limiter === undefined && coalescer === undefined ? undefined : { bulkhead, limiter, coalescer };
}

/**
 * Found by name and settings: clients of one service and origin share it, as they share its circuit, and one with other settings has one of
 * its own.
 */
function obtainBulkhead(core: ClientCore, operation: Operation, policy: PolicyValues, origin: string): Bulkhead {
  const { bulkheads } = sharedState(core.registry);
  const { bulkheadMaxConcurrent, bulkheadMaxQueue: maxQueue } = policy;
  const maxConcurrent = bulkheadMaxConcurrent ?? 1;
  const name = circuitName(operation, policy.scope, origin, core.service.baseUrl);
  const key = `${name} ${maxConcurrent} ${maxQueue}`;
  let bulkhead = bulkheads.get(key);
  if (bulkhead === undefined) {
    bulkhead = new Bulkhead({ name, maxConcurrent, maxQueue, clock: core.clock });
    bulkheads.set(key, bulkhead);
  }
  return bulkhead;
}

/** Whatever a circuit covers, the vendor counts all requests of a sender, or those of each operation where the policy says so. */
function obtainLimiter(core: ClientCore, operation: Operation, policy: PolicyValues, origin: string): RateLimiter {
  const { limiters } = sharedState(core.registry);
  const { rateLimitRequests, rateLimitPerMs: perMs } = policy;
  const service = circuitName(operation, 'service', origin, core.service.baseUrl);
  const name = policy.rateLimitScope === 'operation' ? `${service}/${operation.id}` : service;
  const key = `${name} ${rateLimitRequests} ${perMs}`;
  let limiter = limiters.get(key);
  if (limiter === undefined) {
    limiter = new RateLimiter({ name, requests: rateLimitRequests ?? undefined, perMs, clock: core.clock });
    limiters.set(key, limiter);
  }
  return limiter;
}

/** An operation's limits for a call that says itself whether it shares; undefined: as the operation does. @throws {ConfigurationError} */
export function withCoalescing({ limits, operation, core }: CompiledOperation, coalesce: boolean | undefined): Limits | undefined {
  if (coalesce === undefined) return limits;
  const coalescer = flag('coalesce', coalesce) && READS.has(operation.method) ? core.coalescer : undefined;
  const { bulkhead, limiter } = limits ?? {};
  return bulkhead === undefined && limiter === undefined && coalescer === undefined ? undefined : { bulkhead, limiter, coalescer };
}
