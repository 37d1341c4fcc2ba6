import { type BreakerRegistry, defaultRegistry } from '../breaker/registry.js';
import { OperationStats } from '../observe/operation-stats.js';
import type { Bulkhead, BulkheadStats } from '../policies/bulkhead.js';
import { LastGoodStore } from '../policies/last-good.js';
import type { RateLimiter, RateLimiterStats } from '../policies/rate-limiter.js';
import type { RetryBudget } from '../policies/retry-budget.js';

/** What clients share through their registry besides circuits. */
interface SharedState {
  readonly lastGood: LastGoodStore;
  readonly budgets: Map<string, RetryBudget>;
  readonly bulkheads: Map<string, Bulkhead>;
  readonly limiters: Map<string, RateLimiter>;
  /** By service, then by operation id. */
  readonly operations: Map<string, Map<string, OperationStats>>;
  /** Names of the services that clients were made for, in the order of their first clients. */
  readonly services: Set<string>;
  /** What became of changes of a watched configuration file. */
  readonly reloads: { applied: number; rejected: number };
}

const sharedStates = new WeakMap<BreakerRegistry, SharedState>();

export function sharedState(registry: BreakerRegistry): SharedState {
  let state = sharedStates.get(registry);
  if (state === undefined) {
    state = {
      lastGood: new LastGoodStore(),
      budgets: new Map(),
      bulkheads: new Map(),
      limiters: new Map(),
      operations: new Map(),
      services: new Set(),
      reloads: { applied: 0, rejected: 0 },
    };
    sharedStates.set(registry, state);
  }
  return state;
}

/** The bulkheads and rate limiters of a process, or of one registry, as they are now. */
export function limitStats(registry: BreakerRegistry = defaultRegistry): {
  readonly bulkheads: readonly BulkheadStats[];
  readonly rateLimiters: readonly RateLimiterStats[];
} {
  const { bulkheads, limiters } = sharedState(registry);
  return {
    bulkheads: [...bulkheads.values()].map((bulkhead) => bulkhead.stats()),
    rateLimiters: [...limiters.values()].map((limiter) => limiter.stats()),
  };
}

/** The counts of one operation, made where it is new. */
export function statsOf(registry: BreakerRegistry, service: string, operation: string): OperationStats {
  const { operations } = sharedState(registry);
  const ofService = operations.get(service) ?? new Map<string, OperationStats>();
  operations.set(service, ofService);
  const stats = ofService.get(operation) ?? new OperationStats(service, operation);
  ofService.set(operation, stats);
  return stats;
}

/**
 * What the clients of a process, or of one registry, have counted: one entry for each operation that was called, in the order of the first calls
 * within its service. The entries are live: they count on.
 */
export function operationStats(registry: BreakerRegistry = defaultRegistry): readonly OperationStats[] {
  return [...sharedState(registry).operations.values()].flatMap((ofService) => [...ofService.values()]);
}
