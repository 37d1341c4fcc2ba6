import type { Clock } from '../../clock.js';
import type { SignInOutage } from '../../observe/sign-in-outages.js';
import { unsignedCalls } from '../../observe/unsigned-calls.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { OUTAGE_WORDS, outageOf } from '../sign-in-outages.js';
import type { CircuitJournal } from './circuit-journal.js';
import type { Journal } from './journal.js';
import { RATE_MS, type Traffic } from './traffic.js';
import type { AnswerCounts, CircuitRow } from './wire.js';

/** The sources of a row. */
export interface RowSource {
  readonly journal: Journal;
  readonly traffic: Traffic;
  readonly clock: Clock;
}

/** From this share of failures on, a closed circuit counts as failing. */
const FAILING_SHARE = 0.05;
const NO_ANSWERS: AnswerCounts = { cache: 0, fallback: 0, error: 0 };
/** Moments that differ by less are equal, in milliseconds. Two clocks are read one after the other. */
const SAME_MOMENT_MS = 25;

/** Returns the present row of a circuit. Times that are the same moment as in the `previous` row are kept. */
export function rowOf(
  circuit: CircuitBreaker,
  { journal, traffic, clock }: RowSource,
  previous?: CircuitRow,
  outages: readonly SignInOutage[] = [],
): CircuitRow {
  const { name, service, options } = circuit;
  const snapshot = circuit.snapshot();
  const { state, forced, stats } = snapshot;
  const wallNow = clock.wallNow();
  const told = journal.of(name);
  const since = same(previous?.since, Math.round(wallNow - snapshot.inStateMs));
  const rates = traffic.ratesOf(circuit);
  const { requests, failures } = traffic.courseOf(circuit);
  return {
    name,
    service,
    state,
    forced: forced === 'closed' && !options.enabled ? 'off' : forced,
    begun: Math.min(since, traffic.begunOf(circuit) ?? since, told?.periods[0]?.at ?? since),
    since,
    downSince: snapshot.downMs === null ? null : same(previous?.downSince, Math.round(wallNow - snapshot.downMs)),
    retryAt: snapshot.timeUntilRetryMs === null ? null : same(previous?.retryAt, Math.round(wallNow + snapshot.timeUntilRetryMs)),
    blockedBy: snapshot.blockedBy,
    reason: told?.reason ?? null,
    rampShare: short(snapshot.rampShare),
    failures: snapshot.failureCount,
    successes: snapshot.successCount,
    rate: short(rates.requests),
    refusedRate: short(rates.refused),
    failedShare: rates.failed === null ? null : short(rates.failed),
    failing: state === 'closed' && snapshot.inStateMs >= RATE_MS && (rates.failed ?? 0) >= FAILING_SHARE,
    signIn: signInOf(circuit, outages),
    latency: stats.latency === null ? null : [short(stats.latency.p50Ms), short(stats.latency.p95Ms), short(stats.latency.p99Ms)],
    course: [requests, failures],
    periods: told?.periods.map(({ at, kind }) => [at, kind] as const) ?? [],
    errors: errorsOf(circuit, told),
    outage: told?.outageAnswers ?? NO_ANSWERS,
    answers: told?.answers ?? NO_ANSWERS,
    totals: {
      requests: stats.totalRequests,
      failed: stats.failedRequests,
      timedOut: stats.timeoutRequests,
      refused: stats.rejectedRequests,
      opened: stats.circuitOpens,
      bulkhead: told?.bulkheadRefusals ?? 0,
      rateLimit: told?.rateLimitRefusals ?? 0,
    },
    settings: {
      failureThreshold: options.failureThreshold,
      successThreshold: options.successThreshold,
      recoveryTimeoutMs: options.recoveryTimeoutMs,
      window: options.slidingWindow !== undefined,
    },
  };
}

function signInOf(circuit: CircuitBreaker, outages: readonly SignInOutage[]): CircuitRow['signIn'] {
  const outage = outageOf(circuit, outages);
  if (outage === undefined) return null;
  const { what, action } = OUTAGE_WORDS[outage.reason];
  return { name: outage.signIn, since: outage.since, what, action };
}

/** Returns the failures by class, the latest first. Calls without a token are among them, although the circuit does not count them. */
function errorsOf(circuit: CircuitBreaker, told: CircuitJournal | undefined): CircuitRow['errors'] {
  const errors = told?.errors.map(({ cause, count, lastAt }) => [cause, count, lastAt] as const) ?? [];
  const unsigned = unsignedCalls(circuit);
  if (unsigned === undefined) return errors;
  return [...errors, ['sign_in', unsigned.count, unsigned.lastAt] as const].sort(([, , a], [, , b]) => b - a);
}

function same(previous: number | null | undefined, moment: number): number {
  return previous !== undefined && previous !== null && Math.abs(previous - moment) < SAME_MOMENT_MS ? previous : moment;
}

/** Rounds to three digits. Further digits would be changes to send that no reader needs. */
function short(value: number): number {
  return Number(value.toPrecision(3));
}
