import { addBulkhead, addLimiter, type LimitCounters } from '../../call/shared/limit-counters.js';
import { operationStats, sharedState } from '../../call/shared/shared-state.js';
import { OperationStats } from '../../observe/operation-stats.js';
import { BreakerCounters } from '../../policies/circuit-breaker/counters.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';

/** What a registry has counted and only grows. */
export interface Totals {
  /** By service, circuits that were forgotten included. */
  readonly circuits: ReadonlyMap<string, Readonly<BreakerCounters>>;
  readonly limits: ReadonlyMap<string, Readonly<LimitCounters>>;
  readonly operations: readonly OperationStats[];
  readonly reloads: { readonly applied: number; readonly rejected: number };
}

/** As it is now; the operations count on. */
export function totalsOf(registry: BreakerRegistry): Totals {
  const circuits = new Map<string, BreakerCounters>();
  const add = (service: string, counters: Readonly<BreakerCounters>): void =>
    entry(circuits, service, () => new BreakerCounters()).add(counters);
  for (const { service, counters } of registry.list()) add(service, counters);
  for (const [service, counters] of registry.retired) add(service, counters);
  return { circuits, limits: limitsOf(registry), operations: operationStats(registry), reloads: sharedState(registry).reloads };
}

/** A copy that stays as it is, and holds nothing else of the registry. */
export function frozen({ circuits, limits, operations, reloads }: Totals): Totals {
  return { circuits, limits, operations: operations.map((stats) => sumOf([stats])), reloads: { ...reloads } };
}

function limitsOf(registry: BreakerRegistry): ReadonlyMap<string, LimitCounters> {
  const { bulkheads, limiters, services, goneLimits } = sharedState(registry);
  const limits = new Map([...goneLimits].map(([service, counters]) => [service, { ...counters }]));
  for (const bulkhead of bulkheads?.list() ?? []) addBulkhead(limits, services, bulkhead);
  for (const limiter of limiters?.list() ?? []) addLimiter(limits, services, limiter);
  return limits;
}

/** The map's value, made where there is none. */
export function entry<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const COUNTS = [
  'successes',
  'failures',
  'cancelled',
  'cacheAnswers',
  'fallbackAnswers',
  'attempts',
  'retries',
  'timeouts',
  'rejected',
  'limited',
] as const satisfies readonly (keyof OperationStats)[];

/** A sum of durations, to be shown and added up. */
export function wholeMicros(durationMs: number): number {
  return Math.round(durationMs * 1_000);
}

/** What several registries have counted of one operation; calls in flight are none of it. */
export function sumOf(parts: readonly OperationStats[]): OperationStats {
  const sum = new OperationStats(parts[0]?.service ?? '', parts[0]?.operation ?? '');
  let micros = 0;
  for (const part of parts) {
    for (const key of COUNTS) sum[key] += part[key];
    // Whole microseconds: the sum is then the same in whatever order it is taken, and never falls.
    micros += wholeMicros(part.durationSumMs);
    if (part.durationBuckets === undefined) continue;
    sum.durationBuckets ??= new Float64Array(part.durationBuckets.length);
    for (const [at, count] of part.durationBuckets.entries()) sum.durationBuckets[at] = (sum.durationBuckets[at] ?? 0) + count;
  }
  sum.durationSumMs = micros / 1_000;
  return sum;
}
