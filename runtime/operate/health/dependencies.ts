import { type Clock, systemClock } from '../../clock.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import { CURRENT, userObject } from '../../user-code.js';
import type { HealthStatus, ServiceHealth } from '../monitor/health-monitor.js';
import { rounded, timestamp, toSeconds } from './wording.js';

/** How well something is, from the best to the worst. */
export type Status = 'healthy' | 'recovering' | 'degraded' | 'critical';

/** The body of `GET /health/dependencies`: what this process needs of others, by service. Times are ISO 8601 to the second, in UTC. */
export interface DependenciesReport {
  /** `critical` where every service is, `degraded` where some are critical or degraded. */
  readonly status: Status;
  readonly timestamp: string;
  readonly dependencies: Readonly<Record<string, DependencyReport>>;
}

/** One service. */
export interface DependencyReport {
  /** `critical`: all its circuits refuse calls. `degraded`: some do, or its last check failed. `recovering`: some are probing. */
  readonly status: Status;
  /** What the monitor's last check found; null without a monitor, or before its first result. */
  readonly check: { readonly healthy: boolean; readonly cause: string | null; readonly last_checked_at: string | null } | null;
  readonly circuits: Readonly<Record<string, DependencyCircuit>>;
}

/** One circuit of a service. */
export interface DependencyCircuit {
  readonly state: 'closed' | 'open' | 'half_open';
  /** When it came into this state. */
  readonly since: string;
  /** How it is held by hand. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | null;
  /** The open circuit because of which this one refuses calls, where it follows one. */
  readonly blocked_by: string | null;
  /** Until a call may come through; null while calls do, and while held open by hand. */
  readonly retry_after_seconds: number | null;
  /** Of attempts that ended in a verdict since the process began, 0 to 1, to three decimals. */
  readonly error_rate: number;
  /** Percentiles of the attempts of the last 5 to 10 minutes, within 5 %; null where there were none. */
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Calls that were refused, since the process began. */
  readonly rejected_requests: number;
  /** Calls that a fallback or the last good response answered, since the process began. */
  readonly fallback_calls: number;
  readonly last_failure_time: string | null;
  readonly last_success_time: string | null;
}

/** What the report is made from. */
export interface DependenciesSource {
  /** Default: the one that clients share. */
  readonly registry?: BreakerRegistry;
  /** Whose last results are shown. It is not made to check anything. */
  readonly monitor?: { status(): HealthStatus } | undefined;
  readonly clock?: Clock;
}

/** The services that a process depends on, as its calls (and a monitor's checks) last found them. Asks no service anything. */
export function dependenciesReport(source: DependenciesSource = {}): DependenciesReport {
  const { registry = defaultRegistry, monitor, clock = systemClock } = source;
  const wall = clock.wallNow();
  const checks = monitor === undefined ? {} : CURRENT.invoke(userObject(monitor), 'status').services;
  const services = new Map<string, CircuitBreaker[]>(Object.keys(checks).map((name) => [name, []]));
  for (const circuit of registry.list()) services.set(circuit.service, [...(services.get(circuit.service) ?? []), circuit]);
  const found = [...services].map(([name, circuits]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    return [name, dependency(circuits, check, wall)] as const;
  });
  const all = found.map(([, { status }]) => status);
  return { status: together(all), timestamp: timestamp(wall), dependencies: Object.fromEntries(found) };
}

function dependency(circuits: readonly CircuitBreaker[], check: ServiceHealth | undefined, wall: number): DependencyReport {
  const reports = circuits.map((circuit) => [circuit.name, circuitOf(circuit, wall)] as const);
  const states = reports.map(([, { state, blocked_by }]): Status => {
    if (state === 'open' || blocked_by !== null) return 'critical';
    return state === 'half_open' ? 'recovering' : 'healthy';
  });
  const ofCircuits = together(states);
  const failed = check?.healthy === false;
  return {
    status: failed && ofCircuits !== 'critical' ? 'degraded' : ofCircuits,
    check:
      check === undefined || check.healthy === null
        ? null
        : { healthy: check.healthy, cause: check.cause, last_checked_at: toSeconds(check.lastCheckedAt) },
    circuits: Object.fromEntries(reports),
  };
}

function together(all: readonly Status[]): Status {
  if (all.length > 0 && all.every((status) => status === 'critical')) return 'critical';
  if (all.includes('critical') || all.includes('degraded')) return 'degraded';
  return all.includes('recovering') ? 'recovering' : 'healthy';
}

function circuitOf(circuit: CircuitBreaker, wall: number): DependencyCircuit {
  const { state, forced, inStateMs, errorRate, stats } = circuit.snapshot();
  const waitMs = circuit.retryAfterMs();
  return {
    state,
    since: timestamp(wall - inStateMs),
    forced,
    blocked_by: circuit.blockedBy()?.name ?? null,
    retry_after_seconds: waitMs > 0 && Number.isFinite(waitMs) ? Math.ceil(waitMs / 1000) : null,
    error_rate: rounded(errorRate, 3),
    latency_ms: percentiles(stats.latency),
    rejected_requests: stats.rejectedRequests,
    fallback_calls: stats.fallbackCalls,
    last_failure_time: toSeconds(stats.lastFailureTime),
    last_success_time: toSeconds(stats.lastSuccessTime),
  };
}

function percentiles(latency: BreakerSnapshot['stats']['latency']): DependencyCircuit['latency_ms'] {
  if (latency === null) return null;
  return { p50: rounded(latency.p50Ms, 1), p95: rounded(latency.p95Ms, 1), p99: rounded(latency.p99Ms, 1) };
}
