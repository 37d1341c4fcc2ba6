import { livePolicies } from '../../config/live/live-policies.js';
import type { PolicyValues } from '../../config/types.js';
import { Bulkhead } from '../../policies/bulkhead/bulkhead.js';
import { Coalescer } from '../../policies/coalesce/coalesce.js';
import { RateLimiter } from '../../policies/rate-limit/rate-limiter.js';
import type { Call } from '../call.js';
import type { ClientCore } from '../client/core.js';
import type { Operation } from '../client/descriptor.js';
import { type CompiledOperation, circuitName } from '../compile.js';
import { Guard, type Limits } from '../guard.js';
import { addBulkhead, addLimiter } from './limit-counters.js';
import { LimitFamilies } from './limit-families.js';
import { sharedState } from './shared-state.js';

/** What a call holds of its operation's limits, which are made where it is the first. */
export function guardFor(call: Call, totalAt: number): Guard {
  const { op } = call;
  const limits = op.limits === undefined ? NO_LIMITS : (op.limits.made ?? limitsOf(op));
  if (op.limits !== undefined) op.limits.made = limits;
  return new Guard(call, limits, op.coalesces ? coalescerOf(op.core) : undefined, totalAt);
}

const NO_LIMITS: Limits = { bulkhead: undefined, limiter: undefined };

function limitsOf({ core, operation, policy, origin }: CompiledOperation): Limits {
  return {
    bulkhead: policy.bulkheadMaxConcurrent === null ? undefined : obtainBulkhead(core, operation, policy, origin),
    limiter: policy.rateLimitEnabled ? obtainLimiter(core, operation, policy, origin) : undefined,
  };
}

const coalescers = new WeakMap<ClientCore, Coalescer>();

/** Of one client alone: another may have another transport, and other options. */
function coalescerOf(core: ClientCore): Coalescer {
  let coalescer = coalescers.get(core);
  if (coalescer === undefined) {
    coalescer = new Coalescer();
    coalescers.set(core, coalescer);
  }
  return coalescer;
}

/**
 * Found by name and settings: clients of one service and origin share it, as they share its circuit, and one with other settings has one of
 * its own.
 */
function obtainBulkhead(core: ClientCore, operation: Operation, policy: PolicyValues, origin: string): Bulkhead {
  const state = sharedState(core.registry);
  state.bulkheads ??= new LimitFamilies(
    core.registry.maxCircuits,
    (bulkhead) => bulkhead.idle,
    (bulkhead) => !bulkhead.idle,
    (bulkhead) => addBulkhead(state.goneLimits, state.services, bulkhead),
  );
  const { bulkheadMaxConcurrent, bulkheadMaxQueue: maxQueue } = policy;
  const maxConcurrent = bulkheadMaxConcurrent ?? 1;
  const name = circuitName(operation, policy.scope, origin, core.service.baseUrl);
  const make = (): Bulkhead => new Bulkhead({ name, maxConcurrent, maxQueue, clock: core.clock });
  return state.bulkheads.obtain(name, `${maxConcurrent} ${maxQueue}`, livePolicies(core.registry).version, make);
}

/** Whatever a circuit covers, the vendor counts all requests of a sender, or those of each operation where the policy says so. */
function obtainLimiter(core: ClientCore, operation: Operation, policy: PolicyValues, origin: string): RateLimiter {
  const state = sharedState(core.registry);
  state.limiters ??= new LimitFamilies(
    core.registry.maxCircuits,
    (limiter) => limiter.idle,
    (limiter) => limiter.underWay,
    (limiter) => addLimiter(state.goneLimits, state.services, limiter),
  );
  const { rateLimitRequests, rateLimitPerMs: perMs } = policy;
  const service = circuitName(operation, 'service', origin, core.service.baseUrl);
  const name = policy.rateLimitScope === 'operation' ? `${service}/${operation.id}` : service;
  return state.limiters.obtain(name, `${rateLimitRequests} ${perMs}`, livePolicies(core.registry).version, (others) => {
    const limiter = new RateLimiter({ name, requests: rateLimitRequests ?? undefined, perMs, clock: core.clock });
    // What the vendor said of a sender is true whatever numbers we keep to.
    for (const other of others) limiter.inherit(other);
    return limiter;
  });
}
