import { type Clock, systemClock } from '../../clock.js';
import { givenClock, givenMethods } from '../../errors/given.js';
import { givenOptions, type OptionTable } from '../../errors/option-table.js';
import { type OutageReason, type SignInOutage, signInOutages } from '../../observe/sign-in-outages.js';
import { unsignedCalls } from '../../observe/unsigned-calls.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import { CURRENT, forgiven, userObject } from '../../user-code.js';
import type { HealthStatus, ServiceHealth } from '../monitor/health-monitor.js';
import { OUTAGE_WORDS, outageOf } from '../sign-in-outages.js';
import { rounded, timestamp, toSeconds } from './wording.js';

/** The health of a service, from best to worst. */
export type Status = 'healthy' | 'recovering' | 'degraded' | 'critical';

/** The body of `GET /health/dependencies`: the services that this process depends on. Times are ISO 8601 to the second, in UTC. */
export interface DependenciesReport {
  /** `critical` if every service is. `degraded` if some are critical or degraded. */
  readonly status: Status;
  readonly timestamp: string;
  readonly dependencies: Readonly<Record<string, DependencyReport>>;
}

/** The report of one service. */
export interface DependencyReport {
  /** `critical`: all its circuits refuse calls. `degraded`: some do, its last check failed, or its sign-in fails. `recovering`: some probe. */
  readonly status: Status;
  /** The monitor's last result; null without a monitor, or before its first result. */
  readonly check: { readonly healthy: boolean; readonly cause: string | null; readonly last_checked_at: string | null } | null;
  /** The outage of the sign-in, until a person mends it; null if there is none. */
  readonly sign_in: {
    readonly name: string;
    readonly reason: OutageReason;
    readonly since: string;
    /** The number of accounts that fail. */
    readonly accounts: number;
    readonly action: string;
  } | null;
  readonly circuits: Readonly<Record<string, DependencyCircuit>>;
}

/** The report of one circuit of a service. */
export interface DependencyCircuit {
  readonly state: 'closed' | 'open' | 'half_open';
  /** When the circuit entered this state. */
  readonly since: string;
  /** The state that someone forced; null if none did. */
  readonly forced: 'open' | 'closed' | 'metrics_only' | null;
  /** The open circuit that this circuit follows and because of which it refuses calls; null if there is none. */
  readonly blocked_by: string | null;
  /** Seconds until the circuit lets a call through; null if it lets calls through now, or if someone forced it open. */
  readonly retry_after_seconds: number | null;
  /** The share of failures among attempts that succeeded or failed since the process started, 0 to 1, to three decimals. */
  readonly error_rate: number;
  /** The percentiles of attempts in the last 5 to 10 minutes, within 5 %; null if there were none. */
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** The refused calls since the process started. */
  readonly rejected_requests: number;
  /** The calls that a fallback or the last good response answered since the process started. */
  readonly fallback_calls: number;
  /** The calls that got no token, so nothing was sent, since the process started. */
  readonly sign_in_failures: number;
  readonly last_failure_time: string | null;
  readonly last_success_time: string | null;
}

/** The sources of the report. */
export interface DependenciesSource {
  /** The registry. Default: the registry that clients share. */
  readonly registry?: BreakerRegistry;
  /** The monitor whose last results are shown. It is not asked to check. */
  readonly monitor?: { status(): HealthStatus } | undefined;
  readonly clock?: Clock;
}

const SOURCES: OptionTable<DependenciesSource> = {
  registry: givenMethods('a BreakerRegistry', 'list'),
  monitor: givenMethods('a HealthMonitor', 'status'),
  clock: givenClock,
};

/** Returns the services that this process depends on, as its calls and a monitor's checks found them. Makes no request. */
export function dependenciesReport(source: DependenciesSource = {}): DependenciesReport {
  const { registry = defaultRegistry, monitor, clock = systemClock } = givenOptions('dependenciesReport', source, SOURCES);
  const wall = clock.wallNow();
  const checks = monitor === undefined ? {} : forgiven(CURRENT.invoke(userObject(monitor), 'status')).services;
  const services = new Map<string, CircuitBreaker[]>(Object.keys(checks).map((name) => [name, []]));
  for (const circuit of registry.list()) services.set(circuit.service, [...(services.get(circuit.service) ?? []), circuit]);
  const outages = signInOutages(registry, wall);
  const found = [...services].map(([name, circuits]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const [outage] = circuits.flatMap((circuit) => outageOf(circuit, outages) ?? []);
    return [name, dependency(circuits, check, outage, wall)] as const;
  });
  const all = found.map(([, { status }]) => status);
  return { status: together(all), timestamp: timestamp(wall), dependencies: Object.fromEntries(found) };
}

function dependency(
  circuits: readonly CircuitBreaker[],
  check: ServiceHealth | undefined,
  outage: SignInOutage | undefined,
  wall: number,
): DependencyReport {
  const reports = circuits.map((circuit) => [circuit.name, circuitOf(circuit, wall)] as const);
  const states = reports.map(([, { state, blocked_by }]): Status => {
    if (state === 'open' || blocked_by !== null) return 'critical';
    return state === 'half_open' ? 'recovering' : 'healthy';
  });
  const ofCircuits = together(states);
  const failed = check?.healthy === false || outage !== undefined;
  return {
    status: failed && ofCircuits !== 'critical' ? 'degraded' : ofCircuits,
    check:
      check === undefined || check.healthy === null
        ? null
        : { healthy: check.healthy, cause: check.cause, last_checked_at: toSeconds(check.lastCheckedAt) },
    sign_in: outage === undefined ? null : signInOf(outage),
    circuits: Object.fromEntries(reports),
  };
}

function signInOf({ signIn, reason, since, accounts }: SignInOutage): DependencyReport['sign_in'] {
  return { name: signIn, reason, since: timestamp(since), accounts: accounts.length, action: OUTAGE_WORDS[reason].action };
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
    sign_in_failures: unsignedCalls(circuit)?.count ?? 0,
    last_failure_time: toSeconds(stats.lastFailureTime),
    last_success_time: toSeconds(stats.lastSuccessTime),
  };
}

function percentiles(latency: BreakerSnapshot['stats']['latency']): DependencyCircuit['latency_ms'] {
  if (latency === null) return null;
  return { p50: rounded(latency.p50Ms, 1), p95: rounded(latency.p95Ms, 1), p99: rounded(latency.p99Ms, 1) };
}
