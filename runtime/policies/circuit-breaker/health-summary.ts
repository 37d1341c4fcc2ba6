import type { BreakerSnapshot } from './snapshot.js';

/** A summary of the health of several circuits, for dashboards and health checks. */
export interface HealthSummary {
  /** `healthy`: all closed. `recovering`: some half-open, none open. `degraded`: some open. `critical`: all open. */
  readonly overallStatus: 'healthy' | 'degraded' | 'recovering' | 'critical';
  readonly totalCircuits: number;
  readonly states: { readonly closed: number; readonly open: number; readonly halfOpen: number };
  readonly totalRequests: number;
  readonly totalFailures: number;
  /** Successes as a percentage of successes plus failures; 100 if there were no calls. */
  readonly successRate: number;
}

/** Returns the summary of snapshots that were taken at the same moment. */
export function healthSummary(all: readonly BreakerSnapshot[]): HealthSummary {
  const count = (state: BreakerSnapshot['state']): number => all.filter((snapshot) => snapshot.state === state).length;
  const states = { closed: count('closed'), open: count('open'), halfOpen: count('half_open') };
  const sum = (read: (stats: BreakerSnapshot['stats']) => number): number => all.reduce((total, { stats }) => total + read(stats), 0);
  const failures = sum((stats) => stats.failedRequests);
  const judged = failures + sum((stats) => stats.successfulRequests);
  return {
    overallStatus: statusOf(all.length, states),
    totalCircuits: all.length,
    states,
    totalRequests: sum((stats) => stats.totalRequests),
    totalFailures: failures,
    successRate: judged === 0 ? 100 : ((judged - failures) / judged) * 100,
  };
}

function statusOf(total: number, { open, halfOpen }: HealthSummary['states']): HealthSummary['overallStatus'] {
  if (total > 0 && open === total) return 'critical';
  if (open > 0) return 'degraded';
  return halfOpen > 0 ? 'recovering' : 'healthy';
}
