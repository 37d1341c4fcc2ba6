import { type BreakerRegistry, defaultRegistry } from '../breaker/registry.js';
import { OperationStats } from '../observe/operation-stats.js';
import type { Bulkhead, BulkheadStats } from '../policies/bulkhead.js';
import { LastGoodStore } from '../policies/last-good.js';
import type { RateLimiter, RateLimiterStats } from '../policies/rate-limiter.js';
import type { RetryBudget } from '../policies/retry-budget.js';
import { BoundedMap } from './bounded-map.js';

/** What the limits of a service have counted and only grows. */
export interface LimitCounters {
  bulkheadRejected: number;
  limiterWaits: number;
  limiterRejected: number;
}

/** What clients share through their registry besides circuits. */
interface SharedState {
  readonly lastGood: LastGoodStore;
  readonly budgets: BoundedMap<RetryBudget>;
  readonly bulkheads: BoundedMap<Bulkhead>;
  readonly limiters: BoundedMap<RateLimiter>;
  /** What limits had counted that made room for others, by service: sums over a service must not fall. */
  readonly goneLimits: Map<string, LimitCounters>;
  /** By service, then by operation id. */
  readonly operations: BoundedMap<Map<string, OperationStats>>;
  /** Names of the services that clients were made for, in the order of their first clients. */
  readonly services: Set<string>;
  /** What became of changes of a watched configuration file. */
  readonly reloads: { applied: number; rejected: number };
}

const sharedStates = new WeakMap<BreakerRegistry, SharedState>();

export function sharedState(registry: BreakerRegistry): SharedState {
  let state = sharedStates.get(registry);
  if (state === undefined) {
    const { maxCircuits, maxLastGoodBytes } = registry;
    const services = new Set<string>();
    const goneLimits = new Map<string, LimitCounters>();
    state = {
      lastGood: new LastGoodStore(maxLastGoodBytes),
      // A new one has all its tokens: that is forgiven to whom nobody called for so long.
      budgets: new BoundedMap(maxCircuits, () => true),
      bulkheads: new BoundedMap(
        maxCircuits,
        (bulkhead) => bulkhead.idle,
        (bulkhead) => addBulkhead(goneLimits, services, bulkhead),
      ),
      limiters: new BoundedMap(
        maxCircuits,
        (limiter) => limiter.idle,
        (limiter) => addLimiter(goneLimits, services, limiter),
      ),
      goneLimits,
      operations: new BoundedMap(maxCircuits, () => true),
      services,
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

/** Adds what a bulkhead has counted to its service's sum. */
export function addBulkhead(sums: Map<string, LimitCounters>, services: Iterable<string>, bulkhead: Bulkhead): void {
  const { name, rejected, timedOut } = bulkhead.stats();
  sumFor(sums, serviceOf(name, services)).bulkheadRejected += rejected + timedOut;
}

export function addLimiter(sums: Map<string, LimitCounters>, services: Iterable<string>, limiter: RateLimiter): void {
  const { name, waited, rejected } = limiter.stats();
  const sum = sumFor(sums, serviceOf(name, services));
  sum.limiterWaits += waited;
  sum.limiterRejected += rejected;
}

function sumFor(sums: Map<string, LimitCounters>, service: string): LimitCounters {
  const sum = sums.get(service) ?? { bulkheadRejected: 0, limiterWaits: 0, limiterRejected: 0 };
  sums.set(service, sum);
  return sum;
}

/** The service that a limit belongs to, which is called `service`, `service@host` or `service/operation`. */
export function serviceOf(limit: string, services: Iterable<string>): string {
  let found = '';
  for (const service of services) {
    const next = limit[service.length];
    const fits = limit.startsWith(service) && (next === undefined || next === '@' || next === '/');
    if (fits && service.length > found.length) found = service;
  }
  return found === '' ? limit : found;
}

/** The counts of one operation, made where it is new. */
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
 * What the clients of a process, or of one registry, have counted: one entry for each operation that was called, in the order of the first calls
 * within its service. The entries are live: they count on.
 */
export function operationStats(registry: BreakerRegistry = defaultRegistry): readonly OperationStats[] {
  return [...sharedState(registry).operations.values()].flatMap((ofService) => [...ofService.values()]);
}
