import { LATENCY_BUCKETS_MS, type OperationStats } from '../../observe/operation-stats.js';
import { RENEWAL_RESULTS } from '../../observe/token-counts.js';
import type { MetricName } from './catalog.js';
import type { Reader } from './family.js';
import { histogram } from './histogram.js';
import { LabelSet } from './labels.js';
import type { OperationRow, Scrape } from './scrape.js';
import { wholeMicros } from './totals.js';

/** Writes a sample for each operation. */
function each(read: (row: OperationRow) => number): Reader<Scrape> {
  return ({ operations }, sink) => {
    for (const row of operations) sink.add(row.labels, read(row));
  };
}

/** The outcomes of calls. Each call has one of them. */
const ENDINGS = (
  [
    ['success', 'successes'],
    ['failure', 'failures'],
    ['cancelled', 'cancelled'],
    ['cache', 'cacheAnswers'],
    ['fallback', 'fallbackAnswers'],
  ] as const satisfies readonly (readonly [string, keyof OperationStats])[]
).map(([status, key]) => [new LabelSet({ status }), key] as const);

const DURATION_BUCKETS = histogram(LATENCY_BUCKETS_MS);

const TIER_RESULTS = (
  [
    ['answer', 'answers'],
    ['error', 'errors'],
    ['low_quality', 'lowQuality'],
    ['aborted', 'aborted'],
    ['skipped', 'skipped'],
  ] as const
).map(([result, key]) => [new LabelSet({ result }), key] as const);

const RELOAD_RESULTS = (['applied', 'rejected'] as const).map((result) => [new LabelSet({ result }), result] as const);

const RENEWALS = RENEWAL_RESULTS.map((result) => [new LabelSet({ result }), result] as const);

const causeLabels = new Map<string, LabelSet>();

/** The label of a cause, written once. Causes are statuses and a closed set of words, so the map stays small. */
function causeLabel(cause: string): LabelSet {
  let label = causeLabels.get(cause);
  if (label === undefined) {
    label = new LabelSet({ cause });
    causeLabels.set(cause, label);
  }
  return label;
}

export const OPERATION_READERS = {
  circuit_breaker_calls_total: ({ operations }, sink) => {
    for (const { labels, stats } of operations) for (const [more, key] of ENDINGS) sink.add(labels, stats[key], more);
  },
  circuit_breaker_call_duration_seconds: ({ operations }, sink) => {
    for (const { labels, stats } of operations)
      DURATION_BUCKETS(sink, labels, stats.durationBuckets, wholeMicros(stats.durationSumMs) / 1e6);
  },
  circuit_breaker_calls_in_flight: each(({ inFlight }) => inFlight),
  circuit_breaker_calls_rejected_total: each(({ stats }) => stats.rejected),
  circuit_breaker_calls_limited_total: each(({ stats }) => stats.limited),
  circuit_breaker_attempts_total: each(({ stats }) => stats.attempts),
  circuit_breaker_retries_total: each(({ stats }) => stats.retries),
  circuit_breaker_attempt_timeouts_total: each(({ stats }) => stats.timeouts),
  circuit_breaker_attempt_failures_total: ({ operations }, sink) => {
    for (const { labels, stats } of operations)
      for (const [cause, count] of stats.attemptFailures ?? []) sink.add(labels, count, causeLabel(cause));
  },
  circuit_breaker_tier_runs_total: ({ tiers }, sink) => {
    for (const { labels, metrics } of tiers) for (const [more, key] of TIER_RESULTS) sink.add(labels, metrics[key], more);
  },
  circuit_breaker_config_reloads_total: ({ reloads }, sink) => {
    for (const [labels, key] of RELOAD_RESULTS) sink.add(labels, reloads[key]);
  },
  circuit_breaker_token_renewals_total: ({ tokens }, sink) => {
    for (const { labels, counts } of tokens) for (const [more, key] of RENEWALS) sink.add(labels, counts[key], more);
  },
} as const satisfies { readonly [N in MetricName]?: Reader<Scrape> };
