import type { CircuitRow } from '../../../../../runtime/operate/dashboard/wire.js';

/** 14:03:10 of some day, in the zone of whoever runs the tests. */
export const NOW = new Date(2026, 10, 21, 14, 3, 10).getTime();

/** A circuit that is well, but for what is given. */
export function rowWith(more: Partial<CircuitRow> = {}): CircuitRow {
  return {
    name: 'ghl',
    service: 'ghl',
    state: 'closed',
    forced: null,
    begun: 0,
    since: NOW - 60_000,
    downSince: null,
    retryAt: null,
    blockedBy: null,
    reason: null,
    rampShare: 1,
    failures: 0,
    successes: 0,
    rate: 1,
    refusedRate: 0,
    failedShare: 0,
    failing: false,
    signIn: null,
    latency: [10, 20, 30],
    course: [[], []],
    periods: [],
    errors: [],
    outage: { cache: 0, fallback: 0, error: 0 },
    answers: { cache: 0, fallback: 0, error: 0 },
    totals: { requests: 1, failed: 0, timedOut: 0, refused: 0, opened: 0, bulkhead: 0, rateLimit: 0 },
    settings: { failureThreshold: 3, successThreshold: 3, recoveryTimeoutMs: 60_000, window: false },
    ...more,
  };
}
