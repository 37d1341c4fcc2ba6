import { type Clock, systemClock } from '../../clock.js';
import { signInOutages } from '../../observe/sign-in-outages.js';
import { unsignedCalls } from '../../observe/unsigned-calls.js';
import { healthSummary } from '../../policies/circuit-breaker/health-summary.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { outageOf } from '../sign-in-outages.js';
import { type Observed, type Recommendation, recommendations } from './recommendations.js';
import { rounded, timestamp, toSeconds } from './wording.js';

/** The body of `GET /health/circuit-breakers`. Times are ISO 8601 to the second, in UTC. */
export interface CircuitBreakersReport {
  /** `healthy`: all closed. `recovering`: some half-open, none open. `degraded`: some open, or a sign-in fails. `critical`: all open. */
  readonly overall_status: 'healthy' | 'degraded' | 'recovering' | 'critical';
  readonly timestamp: string;
  readonly summary: {
    readonly total_circuit_breakers: number;
    readonly states: { readonly CLOSED: number; readonly OPEN: number; readonly HALF_OPEN: number };
    readonly total_requests: number;
    readonly total_failures: number;
    /** A percentage, to two decimals. */
    readonly success_rate: number;
  };
  readonly circuit_breakers: Readonly<Record<string, CircuitReport>>;
  /** The most severe first. Never empty. */
  readonly recommendations: readonly Recommendation[];
}

/** The report of one circuit. */
export interface CircuitReport {
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** The consecutive failures that count towards opening. */
  readonly failure_count: number;
  /** The successful probes so far. */
  readonly success_count: number;
  /** The share of successes among attempts that succeeded or failed, 0 to 1, to three decimals. */
  readonly success_rate: number;
  /** The counts since the process started. */
  readonly stats: {
    readonly total_requests: number;
    readonly successful_requests: number;
    readonly failed_requests: number;
    readonly timeout_requests: number;
    readonly circuit_opens: number;
    readonly fallback_calls: number;
    /** Calls that got no token, so nothing was sent. They are no failures of the service. */
    readonly sign_in_failures: number;
    readonly avg_response_time_ms: number;
    readonly last_failure_time: string | null;
    readonly last_success_time: string | null;
  };
}

/** Returns the report of all circuits of a registry (default: the registry that clients share). Makes no request. */
export function circuitBreakersReport(registry: BreakerRegistry = defaultRegistry, clock: Clock = systemClock): CircuitBreakersReport {
  const wall = clock.wallNow();
  const outages = signInOutages(registry, wall);
  const observed = registry
    .list()
    .map((circuit): Observed => ({ circuit, snapshot: circuit.snapshot(), outage: outageOf(circuit, outages) }));
  const snapshots = observed.map(({ snapshot }) => snapshot);
  const { overallStatus, totalCircuits, states, totalRequests, totalFailures, successRate } = healthSummary(snapshots);
  return {
    overall_status: outages.length > 0 && overallStatus !== 'critical' ? 'degraded' : overallStatus,
    timestamp: timestamp(wall),
    summary: {
      total_circuit_breakers: totalCircuits,
      states: { CLOSED: states.closed, OPEN: states.open, HALF_OPEN: states.halfOpen },
      total_requests: totalRequests,
      total_failures: totalFailures,
      success_rate: rounded(successRate, 2),
    },
    circuit_breakers: Object.fromEntries(observed.map((one) => [one.snapshot.name, circuitReport(one)])),
    recommendations: recommendations(observed, wall),
  };
}

function circuitReport({ circuit, snapshot }: Observed): CircuitReport {
  const { name, state, failureCount, successCount, successRate, stats } = snapshot;
  return {
    name,
    state,
    failure_count: failureCount,
    success_count: successCount,
    success_rate: rounded(successRate, 3),
    stats: {
      total_requests: stats.totalRequests,
      successful_requests: stats.successfulRequests,
      failed_requests: stats.failedRequests,
      timeout_requests: stats.timeoutRequests,
      circuit_opens: stats.circuitOpens,
      fallback_calls: stats.fallbackCalls,
      sign_in_failures: unsignedCalls(circuit)?.count ?? 0,
      avg_response_time_ms: rounded(stats.avgResponseTimeMs, 1),
      last_failure_time: toSeconds(stats.lastFailureTime),
      last_success_time: toSeconds(stats.lastSuccessTime),
    },
  };
}
