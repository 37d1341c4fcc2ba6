import { CONNECTION_FAULTS } from '../../errors/connection-fault.js';

/** The description of a metric. */
export interface MetricInfo {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** How prom-client joins the values of a cluster's workers. Default `sum`. */
  readonly aggregator?: 'sum' | 'max' | 'average';
}

const SERVICE = ['service'] as const;
const OPERATION = ['service', 'operation'] as const;

/**
 * All metrics, by their names without a prefix. Metrics of a service count in its circuits, where each attempt is one request. Metrics of an operation
 * count logical calls, as callers see them.
 */
export const METRICS = {
  circuit_breaker_state: {
    type: 'gauge',
    labels: SERVICE,
    help: 'State of the service: 0 closed, 1 open, 2 half-open. Of several circuits the worst: open, then half-open.',
    aggregator: 'max',
  },
  circuit_breaker_circuits: {
    type: 'gauge',
    labels: ['service', 'state'],
    help: 'Circuits of the service by state.',
  },
  circuit_breaker_forced_circuits: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Circuits whose state is held by hand: forced open, forced closed or metrics only.',
  },
  circuit_breaker_time_in_state_seconds: {
    type: 'gauge',
    labels: SERVICE,
    help: 'How long the service has been in its state.',
    aggregator: 'max',
  },
  circuit_breaker_down_seconds: {
    type: 'gauge',
    labels: SERVICE,
    help: 'How long a circuit of the service has not been closed, probing included. 0 while all are closed.',
    aggregator: 'max',
  },
  circuit_breaker_retry_after_seconds: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Time until the next probe of an open circuit. 0 while calls pass or probes may, +Inf while it is held open by hand.',
    aggregator: 'max',
  },
  circuit_breaker_failure_rate: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Failed share of the requests, 0 to 1: those in the sliding window where the circuit has one, else all since the process began.',
    aggregator: 'average',
  },
  circuit_breaker_response_time_ms: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Average duration of the requests since the process began, in milliseconds.',
    aggregator: 'average',
  },
  circuit_breaker_requests_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests that asked a circuit: attempts, those that it refused included.',
  },
  circuit_breaker_successes_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests that the service answered.',
  },
  circuit_breaker_failures_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests that failed and count against the circuit.',
  },
  circuit_breaker_timeouts_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Failed requests that took longer than an attempt may.',
  },
  circuit_breaker_requests_blocked_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests that the circuit refused: nothing was sent.',
  },
  circuit_breaker_fallback_usage_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Calls that a fallback answered in place of the service, the last good response included.',
  },
  circuit_breaker_opens_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Times that a circuit opened, after a failed probe or by hand included.',
  },
  circuit_breaker_transitions_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Changes of state.',
  },
  circuit_breaker_state_transitions_total: {
    type: 'counter',
    labels: ['service', 'from_state', 'to_state'],
    help: 'Changes of state, by the state before and after: closed, open, half_open.',
  },
  circuit_breaker_recoveries_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Times that a circuit closed again.',
  },
  circuit_breaker_recovery_time_seconds: {
    type: 'histogram',
    labels: SERVICE,
    help: 'How long a circuit had not been closed when it closed again.',
  },
  circuit_breaker_calls_total: {
    type: 'counter',
    labels: ['service', 'operation', 'status'],
    help: 'Calls by how they ended: success, failure (the caller got an error), cancelled, cache (last good response), fallback.',
  },
  circuit_breaker_call_duration_seconds: {
    type: 'histogram',
    labels: OPERATION,
    help: 'Duration of calls, with retries and waits, however they ended. Cancelled calls are left out.',
  },
  circuit_breaker_calls_in_flight: {
    type: 'gauge',
    labels: OPERATION,
    help: 'Calls under way.',
  },
  circuit_breaker_calls_rejected_total: {
    type: 'counter',
    labels: OPERATION,
    help: 'Attempts of calls that the circuit refused.',
  },
  circuit_breaker_calls_limited_total: {
    type: 'counter',
    labels: OPERATION,
    help: 'Attempts of calls that the bulkhead or the rate limiter refused.',
  },
  circuit_breaker_attempts_total: {
    type: 'counter',
    labels: OPERATION,
    help: 'Requests handed to the transport, retries included.',
  },
  circuit_breaker_retries_total: {
    type: 'counter',
    labels: OPERATION,
    help: 'Requests that were the second attempt of their call, or a later one.',
  },
  circuit_breaker_attempt_timeouts_total: {
    type: 'counter',
    labels: OPERATION,
    help: "Requests that a deadline ended: the attempt's, or what was left of the call's.",
  },
  circuit_breaker_attempt_failures_total: {
    type: 'counter',
    labels: ['service', 'operation', 'cause'],
    help: `Attempts that ended in an error, by cause: a status such as http_503, ${CONNECTION_FAULTS.join(', ')}, response. local: our own shortage; sign_in: no token, so nothing was sent. No circuit counts these two.`,
  },
  circuit_breaker_bulkhead_active: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Places taken in the bulkheads of the service.',
  },
  circuit_breaker_bulkhead_queued: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Calls that wait for a place in a bulkhead.',
  },
  circuit_breaker_bulkhead_utilization_ratio: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Taken share of the places of the fullest bulkhead of the service, 0 to 1.',
    aggregator: 'max',
  },
  circuit_breaker_bulkhead_rejected_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Calls that a bulkhead refused, or that waited too long for a place.',
  },
  circuit_breaker_rate_limiter_queued: {
    type: 'gauge',
    labels: SERVICE,
    help: 'Requests that wait for a rate limit.',
  },
  circuit_breaker_rate_limiter_waits_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests that had to wait for a rate limit.',
  },
  circuit_breaker_rate_limiter_rejected_total: {
    type: 'counter',
    labels: SERVICE,
    help: 'Requests refused because a rate limit would have held them up for too long.',
  },
  circuit_breaker_tier_runs_total: {
    type: 'counter',
    labels: ['operation', 'tier', 'result'],
    help: 'Runs of a tier by result: answer, error, low_quality, aborted, skipped (its circuit was open).',
  },
  circuit_breaker_config_reloads_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Readings of a changed configuration file that is watched: applied, or rejected because it cannot be used.',
  },
  circuit_breaker_token_renewals_total: {
    type: 'counter',
    labels: ['service', 'result'],
    help: 'Renewals of tokens by fuseline/auth: refreshed, or why not: expired, refused, unavailable, unusable, store. The service is the name of the sign-in.',
  },
} as const satisfies Readonly<Record<string, MetricInfo>>;

/** The name of a metric, without a prefix. */
export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];
