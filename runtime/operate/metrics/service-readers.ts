import { CHANGES, RECOVERY_BUCKETS_MS } from '../../policies/circuit-breaker/transition-counts.js';
import type { MetricName } from './catalog.js';
import type { Reader } from './family.js';
import { histogram } from './histogram.js';
import { LabelSet } from './labels.js';
import type { Scrape, ServiceRow } from './scrape.js';

/** Writes a sample for each service. */
function each(read: (row: ServiceRow) => number): Reader<Scrape> {
  return ({ services }, sink) => {
    for (const row of services) sink.add(row.labels, read(row));
  };
}

const STATE_VALUE = { closed: 0, open: 1, half_open: 2 } as const;
const STATES = (['closed', 'open', 'half_open'] as const).map((state) => [state, new LabelSet({ state })] as const);
const CHANGE_LABELS = CHANGES.map(([from_state, to_state]) => new LabelSet({ from_state, to_state }));
const RECOVERY_BUCKETS = histogram(RECOVERY_BUCKETS_MS);

export const SERVICE_READERS = {
  circuit_breaker_state: each(({ gauges }) => STATE_VALUE[gauges.worst?.state ?? 'closed']),
  circuit_breaker_circuits: ({ services }, sink) => {
    for (const { labels, gauges } of services) for (const [state, more] of STATES) sink.add(labels, gauges.circuits[state], more);
  },
  circuit_breaker_forced_circuits: each(({ gauges }) => gauges.forced),
  circuit_breaker_time_in_state_seconds: each(({ gauges }) => seconds(gauges.worst?.inStateMs ?? 0)),
  circuit_breaker_down_seconds: each(({ gauges }) => seconds(gauges.downMs)),
  circuit_breaker_retry_after_seconds: each(({ gauges }) => seconds(gauges.worst?.retryAfterMs ?? 0)),
  circuit_breaker_failure_rate: each(({ gauges: { failed, judged } }) => (judged === 0 ? 0 : failed / judged)),
  circuit_breaker_response_time_ms: each(({ counters: { totalDurationMs, successes, failures } }) =>
    successes + failures === 0 ? 0 : totalDurationMs / (successes + failures),
  ),
  circuit_breaker_requests_total: each(({ counters }) => counters.requests),
  circuit_breaker_successes_total: each(({ counters }) => counters.successes),
  circuit_breaker_failures_total: each(({ counters }) => counters.failures),
  circuit_breaker_timeouts_total: each(({ counters }) => counters.timeouts),
  circuit_breaker_requests_blocked_total: each(({ counters }) => counters.rejected),
  circuit_breaker_fallback_usage_total: each(({ counters }) => counters.fallbacks),
  circuit_breaker_opens_total: each(({ counters }) => counters.opens),
  circuit_breaker_transitions_total: each(({ counters: { transitions } }) => transitions?.changes.reduce(plus, 0) ?? 0),
  circuit_breaker_state_transitions_total: ({ services }, sink) => {
    for (const { labels, counters } of services)
      for (const [at, more] of CHANGE_LABELS.entries()) sink.add(labels, counters.transitions?.changes[at] ?? 0, more);
  },
  circuit_breaker_recoveries_total: each(({ counters }) => counters.transitions?.recoveries ?? 0),
  circuit_breaker_recovery_time_seconds: ({ services }, sink) => {
    for (const { labels, counters } of services) {
      const { recoveryBuckets, recoverySumMs = 0 } = counters.transitions ?? {};
      RECOVERY_BUCKETS(sink, labels, recoveryBuckets, recoverySumMs / 1_000);
    }
  },
  circuit_breaker_bulkhead_active: each(({ gauges }) => gauges.bulkheadActive),
  circuit_breaker_bulkhead_queued: each(({ gauges }) => gauges.bulkheadQueued),
  circuit_breaker_bulkhead_utilization_ratio: each(({ gauges }) => gauges.bulkheadUtilization),
  circuit_breaker_bulkhead_rejected_total: each(({ limits }) => limits.bulkheadRejected),
  circuit_breaker_rate_limiter_queued: each(({ gauges }) => gauges.limiterQueued),
  circuit_breaker_rate_limiter_waits_total: each(({ limits }) => limits.limiterWaits),
  circuit_breaker_rate_limiter_rejected_total: each(({ limits }) => limits.limiterRejected),
} as const satisfies { readonly [N in MetricName]?: Reader<Scrape> };

/** Converts to seconds, rounded to milliseconds. */
function seconds(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms) / 1_000 : ms;
}

function plus(sum: number, count: number): number {
  return sum + count;
}
