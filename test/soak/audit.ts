import { MOST_REPEATS } from '../../runtime/call/preparing.js';
import type { CircuitBreaker, OperationStats } from '../../runtime/index.js';
import type { CallRecord } from './caller.js';
import type { EventOrder } from './event-order.js';
import type { Ledger } from './ledger.js';
import { MAX_ATTEMPTS } from './operations.js';

/** Compares what callers were told with what the server saw, and what went into each circuit with what came out. */
export interface Audit {
  readonly records: readonly CallRecord[];
  readonly ledger: Ledger;
  readonly fault: (what: string) => void;
}

/** Every call settled once, and its fallback ran at most once. */
export function auditCalls({ records, fault }: Audit): void {
  for (const { id, operation, settled, fallbacks, outcome, attempts } of records) {
    if (settled !== 1) fault(`${operation} ${id}: settled ${settled} times`);
    if (fallbacks > 1) fault(`${operation} ${id}: its fallback ran ${fallbacks} times`);
    if (outcome === 'fallback' && fallbacks !== 1) fault(`${operation} ${id}: a fallback answered that never ran`);
    // A request whose reused connection was dead is repeated besides.
    if (attempts > MAX_ATTEMPTS + MOST_REPEATS) fault(`${operation} ${id}: made ${attempts} attempts`);
    if (outcome === 'pending') fault(`${operation} ${id}: has no outcome`);
  }
}

/** The server saw no more than was sent, nothing twice that must not be, and answered what counts as answered. */
export function auditWire({ records, ledger, fault }: Audit): void {
  for (const { id, operation, attempts, outcome } of records) {
    const seen = ledger.calls[id];
    const count = seen?.count ?? 0;
    if (operation === 'create' && count > 1) fault(`create ${id}: not idempotent, and the server saw it ${count} times`);
    if (operation === 'pay' && (seen?.keys.length ?? 0) !== Math.min(count, 1)) fault(`pay ${id}: came with ${seen?.keys.length} keys`);
    if (count > attempts) fault(`${operation} ${id}: ${attempts} attempts, but the server saw ${count}`);
    if (operation !== 'kept' && outcome === 'ok' && (seen?.answered ?? 0) < 1) fault(`${operation} ${id}: good, but never answered`);
  }
  if (ledger.open > 0) fault(`${ledger.open} requests have not ended on the server's side`);
  const silent = (ledger.faults.hang ?? 0) + (ledger.faults.stall ?? 0);
  if (ledger.closedByClient < silent)
    fault(`the server left ${silent} requests without an answer; the client ended ${ledger.closedByClient}`);
}

/** What the calls of an operation were, by their callers' account. */
export interface Tally {
  readonly endings: Record<'successes' | 'failures' | 'cancelled' | 'cacheAnswers' | 'fallbackAnswers', number>;
  attempts: number;
}

const ENDINGS: Readonly<Record<string, keyof Tally['endings']>> = {
  ok: 'successes',
  aborted: 'cancelled',
  cache: 'cacheAnswers',
  fallback: 'fallbackAnswers',
};

/** Adds a round's calls to what is known of each operation. */
export function tally(records: readonly CallRecord[], tallies: Map<string, Tally>): void {
  for (const { operation, outcome, attempts } of records) {
    const own = tallies.get(`soak.${operation}`) ?? {
      endings: { successes: 0, failures: 0, cancelled: 0, cacheAnswers: 0, fallbackAnswers: 0 },
      attempts: 0,
    };
    own.endings[ENDINGS[outcome] ?? 'failures']++;
    own.attempts += attempts;
    tallies.set(`soak.${operation}`, own);
  }
}

/** Each call was counted in the ending that its caller met, and none is under way. */
export function auditOperation(stats: OperationStats, { endings, attempts }: Tally, fault: (what: string) => void): void {
  const compare = (what: string, counted: number, told: number): void => {
    if (counted !== told) fault(`${stats.operation}: ${counted} ${what} counted, but ${told} told`);
  };
  for (const key of Object.keys(endings) as (keyof Tally['endings'])[]) compare(key, stats[key], endings[key]);
  compare('calls in flight', stats.inFlight, 0);
  compare('attempts', stats.attempts, attempts);
  const timed = [...(stats.durationBuckets ?? [])].reduce((sum, count) => sum + count, 0);
  const ended = Object.values(endings).reduce((sum, count) => sum + count, 0) - endings.cancelled;
  compare('durations', timed, ended);
}

/** What went into a circuit came out of it, and it said so. */
export function auditCircuit(circuit: CircuitBreaker, order: EventOrder, fault: (what: string) => void): void {
  const { stats } = circuit.snapshot();
  const { successfulRequests, failedRequests, ignoredRequests, releasedRequests, rejectedRequests } = stats;
  const out = stats.totalRequests - successfulRequests - failedRequests - ignoredRequests - releasedRequests - rejectedRequests;
  if (out !== 0) fault(`${circuit.name}: ${out} permits are out`);
  const told = order.counts(circuit.name);
  const compare = (what: string, events: number | undefined, counted: number): void => {
    if ((events ?? 0) !== counted) fault(`${circuit.name}: ${events ?? 0} ${what} events, but ${counted} counted`);
  };
  compare('call_failed', told.call_failed, failedRequests);
  compare('call_rejected', told.call_rejected, rejectedRequests);
  compare('circuit_opened', told.circuit_opened, stats.circuitOpens);
  compare('fallback_used', told.fallback_used, stats.fallbackCalls);
  compare('transition', (told.circuit_opened ?? 0) + (told.circuit_half_open ?? 0) + (told.circuit_closed ?? 0), stats.stateChanges);
}
