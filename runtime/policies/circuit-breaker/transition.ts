import { isOver } from '../../clock.js';
import { failedBy, ONE_ATTEMPT, SEVERAL } from './calls.js';
import { type BreakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { drawOf, historyAfterOpening, reopenWaitMs, STABLE } from './recovery/reopen-backoff.js';
import type { BreakerState, Closed, HalfOpen, History, Open, OpenReason, Outcome, Probe } from './state.js';

/** The permit of a refused call. */
export const REFUSED = 0;

/** The options of a circuit, and the seed of its jitter. All decisions depend on these. */
export interface Rules {
  readonly options: BreakerOptions;
  /** Undefined until the circuit has a reopen backoff. */
  readonly seed: number | undefined;
}

/** The decision on a call that requests a permit: the permit, and the next state. The state is the same object if nothing changed. */
export interface Admission {
  readonly state: BreakerState;
  readonly permit: number;
}

/**
 * Returns the state at `now`, after the changes that depend only on time: a probe whose lease expired counts as a failure at the time of expiry. Time
 * is applied when a call arrives, so a circuit needs no timer, and a blocked event loop cannot delay it.
 */
export function settleTime(state: BreakerState, now: number, rules: Rules, nextId: () => number): BreakerState {
  if (state.kind !== 'half_open') return state;
  let expired = Number.POSITIVE_INFINITY;
  for (const probe of state.probes) if (probe.leaseUntil <= now) expired = Math.min(expired, probe.leaseUntil);
  return expired === Number.POSITIVE_INFINITY ? state : open(state, expired, 1, 'probe_expired', rules, nextId);
}

/**
 * Returns the state at `now` for reading. It differs from `settleTime` in one case: an open circuit whose wait is over is half-open, even before the
 * first probe. The epoch of such a state belongs to no period.
 */
export function viewAt(state: BreakerState, now: number, rules: Rules): BreakerState {
  const settled = settleTime(state, now, rules, noId);
  // Stryker disable next-line ConditionalExpression: for the types alone; no other state has an `until`.
  if (settled.kind !== 'open') return settled;
  return isOver(settled.until, now) ? halfOpen(settled, now, noId) : settled;
}

/** Decides whether a call can start now. Call `settleTime` first. `leaseMs` is the longest time for which the call can hold the permit of a probe. */
export function admit(state: BreakerState, now: number, leaseMs: number, rules: Rules, nextId: () => number): Admission {
  switch (state.kind) {
    case 'closed':
    case 'forced_closed':
    case 'metrics_only':
      return { state, permit: state.epoch };
    case 'forced_open':
      return { state, permit: REFUSED };
    case 'open': {
      if (!isOver(state.until, now)) return { state, permit: REFUSED };
      return probe(halfOpen(state, now, nextId), now, leaseMs, nextId);
    }
    case 'half_open':
      return state.probes.length < rules.options.halfOpenMaxCalls ? probe(state, now, leaseMs, nextId) : { state, permit: REFUSED };
  }
}

/**
 * Returns the state after the call that holds `permit` ended. A permit of another period changes nothing. `tripped` is the reason why the window,
 * including this call, opens a closed circuit. The window is not part of the state, and is not used while half-open. `call` is the number of the call,
 * see `calls.ts`: one call alone opens nothing, unless the threshold is 1.
 */
export function settle(
  state: BreakerState,
  permit: number,
  outcome: Outcome,
  now: number,
  rules: Rules,
  nextId: () => number,
  tripped?: OpenReason,
  call = ONE_ATTEMPT,
): BreakerState {
  const { options } = rules;
  switch (state.kind) {
    case 'closed': {
      if (permit !== state.epoch) return state;
      const failures = outcome === 'failure' ? state.failures + 1 : outcome === 'success' ? 0 : state.failures;
      const by = outcome === 'failure' ? failedBy(state.failedBy, call) : outcome === 'success' ? undefined : state.failedBy;
      const enough = failures >= options.failureThreshold && (by === SEVERAL || options.failureThreshold === 1);
      // Only a failure opens the circuit. After a reload, earlier failures can already reach the threshold, and an aborted call must not open it.
      const inARow = outcome === 'failure' && enough && countsInARow(options);
      const reason = tripped ?? (inARow ? 'consecutive_failures' : undefined);
      if (reason !== undefined) return open(state, now, failures, reason, rules, nextId);
      return failures === state.failures ? state : { ...state, failures, failedBy: by };
    }
    case 'metrics_only':
      if (permit !== state.epoch) return state;
      if (outcome === 'failure') return { ...state, failures: state.failures + 1 };
      return outcome === 'success' && state.failures !== 0 ? { ...state, failures: 0 } : state;
    case 'half_open': {
      const probes = without(state.probes, permit);
      if (probes === state.probes) return state;
      if (outcome === 'failure') return open(state, now, 1, 'probe_failed', rules, nextId);
      if (outcome !== 'success') return { ...state, probes };
      const successes = state.successes + 1;
      if (successes < successesNeeded(state, options)) return { ...state, successes, probes };
      const rampUntil = options.ramp === undefined ? Number.NEGATIVE_INFINITY : now + options.ramp.durationMs;
      return closed(nextId(), now, state.history, rampUntil);
    }
    case 'open':
    case 'forced_open':
    case 'forced_closed':
      return state;
  }
}

/** Opens a closed circuit although no call ended, because too many calls have been in flight for too long. */
export function trip(state: Closed, now: number, reason: OpenReason, rules: Rules, nextId: () => number): Open {
  return open(state, now, state.failures, reason, rules, nextId);
}

/**
 * Opens a closed circuit because other processes found the service down. The wait is the remaining wait of those processes, but not longer than the
 * circuit's own wait.
 */
export function tripWithPeers(state: Closed, now: number, leftMs: number, rules: Rules, nextId: () => number): Open {
  const opened = open(state, now, state.failures, 'peers', rules, nextId);
  const waitMs = Math.min(leftMs, opened.waitMs);
  return { ...opened, waitMs, until: now + waitMs };
}

/** Returns the state of a circuit that has just closed. */
export function closed(epoch: number, since: number, history: History = STABLE, rampUntil = Number.NEGATIVE_INFINITY): Closed {
  return { kind: 'closed', epoch, since, failures: 0, failedBy: undefined, history, rampUntil };
}

function countsInARow({ slidingWindow }: BreakerOptions): boolean {
  return slidingWindow === undefined || slidingWindow.failureThresholdCounts === 'consecutive';
}

function successesNeeded({ history }: HalfOpen, { successThreshold, reopenBackoff }: BreakerOptions): number {
  // Stryker disable next-line OptionalChaining: for the types alone; without a backoff no circuit flaps.
  return history.flaps === 0 ? successThreshold : (reopenBackoff?.flappingSuccessThreshold ?? successThreshold);
}

function open(from: Closed | HalfOpen, at: number, failures: number, reason: OpenReason, rules: Rules, nextId: () => number): Open {
  const { recoveryTimeoutMs, reopenBackoff } = rules.options;
  const history = historyAfterOpening(from, at, reopenBackoff);
  const waitMs =
    reopenBackoff === undefined
      ? recoveryTimeoutMs
      : reopenWaitMs(reopenBackoff, recoveryTimeoutMs, history.openings, drawOf(rules.seed ?? 0, from.epoch));
  return { kind: 'open', epoch: nextId(), since: at, until: at + waitMs, waitMs, failures, reason, history };
}

function halfOpen({ until, history }: Open, now: number, nextId: () => number): HalfOpen {
  return { kind: 'half_open', epoch: nextId(), since: Math.min(until, now), successes: 0, probes: [], history };
}

function probe(state: HalfOpen, now: number, leaseMs: number, nextId: () => number): Admission {
  const permit = nextId();
  // With an infinite lease, or one that is not positive, the circuit would never recover.
  const lasts = leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY ? leaseMs : DEFAULT_LEASE_MS;
  return { permit, state: { ...state, probes: [...state.probes, { permit, leaseUntil: now + lasts }] } };
}

// Stryker disable next-line BlockStatement: the epoch of a state for reading is not read.
function noId(): number {
  return REFUSED;
}

function without(probes: readonly Probe[], permit: number): readonly Probe[] {
  const index = probes.findIndex((held) => held.permit === permit);
  return index < 0 ? probes : probes.filter((_, at) => at !== index);
}
