import { addBulkhead, addLimiter, type LimitCounters } from '../../call/shared/limit-counters.js';
import { operationStats, sharedState } from '../../call/shared/shared-state.js';
import { OperationStats } from '../../observe/operation-stats.js';
import { type TokenCounts, tokenCounts } from '../../observe/token-counts.js';
import { BreakerCounters } from '../../policies/circuit-breaker/counters.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';

/** The counts of a registry that only grow. */
export interface Totals {
  /** The counts of circuits by service, including forgotten circuits. */
  readonly circuits: ReadonlyMap<string, Readonly<BreakerCounters>>;
  readonly limits: ReadonlyMap<string, Readonly<LimitCounters>>;
  readonly operations: readonly OperationStats[];
  readonly reloads: { readonly applied: number; readonly rejected: number };
  /** The renewals of tokens by the name of the sign-in. */
  readonly tokens: ReadonlyMap<string, Readonly<TokenCounts>>;
}

/** Returns the present counts. Those of operations are live. */
export function totalsOf(registry: BreakerRegistry): Totals {
  const circuits = new Map<string, BreakerCounters>();
  const add = (service: string, counters: Readonly<BreakerCounters>): void =>
    entry(circuits, service, () => new BreakerCounters()).add(counters);
  for (const { service, counters } of registry.list()) add(service, counters);
  for (const [service, counters] of registry.retired) add(service, counters);
  const { reloads } = sharedState(registry);
  return { circuits, limits: limitsOf(registry), operations: operationStats(registry), reloads, tokens: tokenCounts(registry) };
}

/** Returns a copy that does not change, and holds no reference to the registry. */
export function frozen({ circuits, limits, operations, reloads, tokens }: Totals): Totals {
  const renewals = new Map([...tokens].map(([service, counts]) => [service, { ...counts }]));
  return { circuits, limits, operations: operations.map((stats) => sumOf([stats])), reloads: { ...reloads }, tokens: renewals };
}

function limitsOf(registry: BreakerRegistry): ReadonlyMap<string, LimitCounters> {
  const { bulkheads, limiters, services, goneLimits } = sharedState(registry);
  const limits = new Map([...goneLimits].map(([service, counters]) => [service, { ...counters }]));
  for (const bulkhead of bulkheads?.list() ?? []) addBulkhead(limits, services, bulkhead);
  for (const limiter of limiters?.list() ?? []) addLimiter(limits, services, limiter);
  return limits;
}

/** Returns the value of a key, and makes it if there is none. */
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

/** Rounds a sum of durations to whole microseconds. */
export function wholeMicros(durationMs: number): number {
  return Math.round(durationMs * 1_000);
}

/** Returns the sum of several registries' counts of one operation, without calls in flight. */
export function sumOf(parts: readonly OperationStats[]): OperationStats {
  const sum = new OperationStats(parts[0]?.service ?? '', parts[0]?.operation ?? '');
  let micros = 0;
  for (const part of parts) {
    for (const key of COUNTS) sum[key] += part[key];
    // In whole microseconds, the sum does not depend on the order, and never falls.
    micros += wholeMicros(part.durationSumMs);
    if (part.durationBuckets === undefined) continue;
    sum.durationBuckets ??= new Float64Array(part.durationBuckets.length);
    for (const [at, count] of part.durationBuckets.entries()) sum.durationBuckets[at] = (sum.durationBuckets[at] ?? 0) + count;
  }
  sum.durationSumMs = micros / 1_000;
  return sum;
}
