import { type LimitCounters, serviceOf } from '../../call/shared/limit-counters.js';
import { sharedState } from '../../call/shared/shared-state.js';
import type { OperationStats } from '../../observe/operation-stats.js';
import { noRenewals, RENEWAL_RESULTS, type TokenCounts } from '../../observe/token-counts.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { BreakerCounters } from '../../policies/circuit-breaker/counters.js';
import { type Glance, glanceAt } from '../../policies/circuit-breaker/glance.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { TierMetrics } from '../../protect/tiers/tier-metrics.js';
import { CURRENT, userObject } from '../../user-code.js';
import { LabelSet } from './labels.js';
import { entry, sumOf, type Totals, totalsOf } from './totals.js';

/** The values of a service's gauges. */
export class ServiceGauges {
  readonly circuits = { closed: 0, open: 0, half_open: 0 };
  forced = 0;
  /** The circuit in the worst state: open, then half-open, then closed. Among equals, the one that has been down for the longest time. */
  worst: Glance | undefined;
  downMs = 0;
  /** The requests that succeeded or failed: those in the window if the circuit has one, else all. */
  judged = 0;
  failed = 0;
  bulkheadActive = 0;
  bulkheadQueued = 0;
  bulkheadUtilization = 0;
  limiterQueued = 0;

  see(circuit: CircuitBreaker, now: number): void {
    const glance = glanceAt(circuit, now);
    this.circuits[glance.state]++;
    if (glance.forced) this.forced++;
    if (this.worst === undefined || severity(glance) > severity(this.worst)) this.worst = glance;
    this.downMs = Math.max(this.downMs, glance.downMs);
    const { successes, failures } = circuit.counters;
    this.judged += glance.window?.calls ?? successes + failures;
    this.failed += glance.window?.failedCalls ?? failures;
  }
}

function severity({ state, downMs }: Glance): number {
  const rank = { closed: 0, half_open: 1, open: 2 }[state];
  return rank + downMs / (downMs + 1);
}

/** The values of one service. */
export interface ServiceRow {
  readonly labels: LabelSet;
  readonly gauges: ServiceGauges;
  /** The sums, including forgotten circuits. */
  readonly counters: BreakerCounters;
  readonly limits: LimitCounters;
}

/** The values of one operation. */
export interface OperationRow {
  readonly labels: LabelSet;
  readonly stats: OperationStats;
  readonly inFlight: number;
}

export interface TierRow {
  readonly labels: LabelSet;
  readonly metrics: TierMetrics;
}

/** The values of one scrape. */
export interface Scrape {
  readonly services: readonly ServiceRow[];
  readonly operations: readonly OperationRow[];
  readonly tiers: readonly TierRow[];
  readonly reloads: { readonly applied: number; readonly rejected: number };
  readonly tokens: readonly { readonly labels: LabelSet; readonly counts: Readonly<TokenCounts> }[];
}

/** The sources of a scrape. */
export interface Sources {
  readonly registries: readonly BreakerRegistry[];
  /** The counts of registries that are no longer read. */
  readonly left: Iterable<Totals>;
  /** Services that are shown even without circuits. */
  readonly services: Iterable<string>;
  readonly tiers: Iterable<readonly [operation: string, tiers: { metrics(): readonly TierMetrics[] }]>;
}

/** Keeps label sets between scrapes, because writing them is half of the work of a scrape. */
export class LabelCache {
  readonly #services = new Map<string, { readonly labels: LabelSet; readonly operations: Map<string, LabelSet> }>();

  service(service: string): LabelSet {
    return this.#of(service).labels;
  }

  operation(service: string, operation: string): LabelSet {
    return entry(this.#of(service).operations, operation, () => new LabelSet({ service, operation }));
  }

  #of(service: string): { readonly labels: LabelSet; readonly operations: Map<string, LabelSet> } {
    return entry(this.#services, service, () => ({ labels: new LabelSet({ service }), operations: new Map() }));
  }
}

/** Reads all present values. */
export function scrapeOf({ registries, left, services, tiers }: Sources, cache: LabelCache): Scrape {
  const rows = new Map<string, ServiceRow>();
  const row = (service: string): ServiceRow =>
    entry(rows, service, () => ({
      labels: cache.service(service),
      gauges: new ServiceGauges(),
      counters: new BreakerCounters(),
      limits: { bulkheadRejected: 0, limiterWaits: 0, limiterRejected: 0 },
    }));
  for (const service of services) row(service);
  for (const registry of registries) readGauges(registry, row);
  const operations = new Map<LabelSet, { readonly live: OperationStats[]; readonly all: OperationStats[] }>();
  const reloads = { applied: 0, rejected: 0 };
  const tokens = new Map<LabelSet, TokenCounts>();
  const add = (totals: Totals, live: boolean): void => {
    for (const [service, counters] of totals.circuits) row(service).counters.add(counters);
    for (const [service, counts] of totals.limits) {
      const { limits } = row(service);
      limits.bulkheadRejected += counts.bulkheadRejected;
      limits.limiterWaits += counts.limiterWaits;
      limits.limiterRejected += counts.limiterRejected;
    }
    for (const stats of totals.operations) {
      const parts = entry(operations, cache.operation(stats.service, stats.operation), () => ({ live: [], all: [] }));
      parts.all.push(stats);
      if (live) parts.live.push(stats);
    }
    reloads.applied += totals.reloads.applied;
    reloads.rejected += totals.reloads.rejected;
    for (const [service, more] of totals.tokens) {
      const counts = entry(tokens, cache.service(service), noRenewals);
      for (const result of RENEWAL_RESULTS) counts[result] += more[result];
    }
  };
  for (const registry of registries) add(totalsOf(registry), true);
  for (const totals of left) add(totals, false);
  return {
    services: [...rows.values()],
    operations: [...operations].map(([labels, { live, all }]) => ({
      labels,
      stats: all.length === 1 && all[0] !== undefined ? all[0] : sumOf(all),
      inFlight: live.reduce((sum, { inFlight }) => sum + inFlight, 0),
    })),
    tiers: [...tiers].flatMap(([operation, each]) =>
      CURRENT.invoke(userObject(each), 'metrics').map((metrics) => ({ labels: new LabelSet({ operation, tier: metrics.tier }), metrics })),
    ),
    reloads,
    tokens: [...tokens].map(([labels, counts]) => ({ labels, counts })),
  };
}

function readGauges(registry: BreakerRegistry, row: (service: string) => ServiceRow): void {
  const { services, bulkheads, limiters } = sharedState(registry);
  for (const service of services) row(service);
  for (const circuit of registry.list()) row(circuit.service).gauges.see(circuit, circuit.clock.now());
  for (const bulkhead of bulkheads?.list() ?? []) {
    const { name, active, queued, maxConcurrent } = bulkhead.stats();
    const { gauges } = row(serviceOf(name, services));
    gauges.bulkheadActive += active;
    gauges.bulkheadQueued += queued;
    gauges.bulkheadUtilization = Math.max(gauges.bulkheadUtilization, active / maxConcurrent);
  }
  for (const limiter of limiters?.list() ?? []) {
    const { name, queued } = limiter.stats();
    row(serviceOf(name, services)).gauges.limiterQueued += queued;
  }
}
