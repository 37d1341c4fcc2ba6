import type { BreakerRegistry } from '../breaker/registry.js';
import { BreakerCounters } from '../breaker/stats.js';
import { operationStats, sharedState } from '../client/shared-state.js';
import { OperationStats } from '../observe/operation-stats.js';

/** What the limits of a service have counted. */
export interface LimitCounters {
  bulkheadRejected: number;
  limiterWaits: number;
  limiterRejected: number;
}

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
  const { bulkheads, limiters, services } = sharedState(registry);
  const limits = new Map<string, LimitCounters>();
  const of = (name: string): LimitCounters =>
    entry(limits, serviceOf(name, services), () => ({ bulkheadRejected: 0, limiterWaits: 0, limiterRejected: 0 }));
  for (const bulkhead of bulkheads?.list() ?? []) {
    const { name, rejected, timedOut } = bulkhead.stats();
    of(name).bulkheadRejected += rejected + timedOut;
  }
  for (const limiter of limiters?.list() ?? []) {
    const { name, waited, rejected } = limiter.stats();
    const sum = of(name);
    sum.limiterWaits += waited;
    sum.limiterRejected += rejected;
  }
  return limits;
}

/** The service that a limit belongs to, which is called `service`, `service@host` or `service/operation`. */
export function serviceOf(name: string, services: Iterable<string>): string {
  let found = '';
  for (const service of services) {
    const next = name[service.length];
    const fits = name.startsWith(service) && (next === undefined || next === '@' || next === '/');
    if (fits && service.length > found.length) found = service;
  }
  return found === '' ? name : found;
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
