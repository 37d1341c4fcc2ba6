import { OperationStats } from '../../observe/operation-stats.js';
import type { Bulkhead, BulkheadStats } from '../../policies/bulkhead/bulkhead.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { LastGoodStore } from '../../policies/fallback/last-good.js';
import type { RateLimiter, RateLimiterStats } from '../../policies/rate-limit/rate-limiter.js';
import type { RetryBudget } from '../../policies/retry/retry-budget.js';
import { BoundedMap } from './bounded-map.js';
import type { LimitCounters } from './limit-counters.js';
import type { LimitFamilies } from './limit-families.js';

/** The state that clients share through their registry, in addition to circuits. */
interface SharedState {
  readonly lastGood: LastGoodStore;
  readonly budgets: BoundedMap<RetryBudget>;
  /** Undefined until the first bulkhead or limiter is created. */
  bulkheads: LimitFamilies<Bulkhead> | undefined;
  limiters: LimitFamilies<RateLimiter> | undefined;
  /** Counters of removed limits, by service. Without them, the totals of a service would decrease. */
  readonly goneLimits: Map<string, LimitCounters>;
  /** By service, then by operation id. */
  readonly operations: BoundedMap<Map<string, OperationStats>>;
  /** Names of the services that have had clients, in the order of their first clients. */
  readonly services: Set<string>;
  /** Number of changes of a watched configuration file that were applied and rejected. */
  readonly reloads: { applied: number; rejected: number };
}

const sharedStates = new WeakMap<BreakerRegistry, SharedState>();

export function sharedState(registry: BreakerRegistry): SharedState {
  let state = sharedStates.get(registry);
  if (state === undefined) {
    const { maxCircuits, maxLastGoodBytes } = registry;
    state = {
      lastGood: new LastGoodStore(maxLastGoodBytes),
      // A removed budget is full when it is created again. This is harmless, because its service was not called for a long time.
      budgets: new BoundedMap(maxCircuits, () => true),
      bulkheads: undefined,
      limiters: undefined,
      goneLimits: new Map(),
      operations: new BoundedMap(maxCircuits, () => true),
      services: new Set(),
      reloads: { applied: 0, rejected: 0 },
    };
    sharedStates.set(registry, state);
  }
  return state;
}

/** Returns the current statistics of the bulkheads and rate limiters of a registry. Default: the default registry. */
export function limitStats(registry: BreakerRegistry = defaultRegistry): {
  readonly bulkheads: readonly BulkheadStats[];
  readonly rateLimiters: readonly RateLimiterStats[];
} {
  const { bulkheads, limiters } = sharedState(registry);
  return {
    bulkheads: bulkheads?.list().map((bulkhead) => bulkhead.stats()) ?? [],
    rateLimiters: limiters?.list().map((limiter) => limiter.stats()) ?? [],
  };
}

/** Returns the counts of one operation. Creates them if there are none. */
export function statsOf(registry: BreakerRegistry, service: string, operation: string): OperationStats {
  const { operations } = sharedState(registry);
  let ofService = operations.get(service);
  if (ofService === undefined) {
    ofService = new Map();
    operations.set(service, ofService);
  }
  const stats = ofService.get(operation) ?? new OperationStats(service, operation);
  ofService.set(operation, stats);
  return stats;
}

/**
 * Returns the counts of the operations of a registry. Default: the default registry. There is one entry per operation that was called, in the order
 * in which clients first used them within each service. The entries are live: they continue to count.
 */
export function operationStats(registry: BreakerRegistry = defaultRegistry): readonly OperationStats[] {
  return [...sharedState(registry).operations.values()].flatMap((ofService) => [...ofService.values()].filter(({ called }) => called));
}
