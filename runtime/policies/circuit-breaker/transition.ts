import { type BreakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { drawOf, historyAfterOpening, reopenWaitMs, STABLE } from './recovery/reopen-backoff.js';
import type { BreakerState, Closed, HalfOpen, History, Open, OpenReason, Outcome, Probe } from './state.js';

/** A refused call's permit. */
export const REFUSED = 0;

/** What decides: the options, and a number of the circuit's own from which jitter comes. */
export interface Rules {
  readonly options: BreakerOptions;
  /** Undefined as long as there was no backoff. */
  readonly seed: number | undefined;
}

/** Where a decision leads: the state to keep (the same object where nothing changed) and, for admissions, the permit. */
export interface Admission {
  readonly state: BreakerState;
  readonly permit: number;
}

/**
 * The state at `now`, with everything that time alone decides: an expired probe counts as a failure, at the moment its lease ran out. Lazy
 * time means that a circuit needs no timer and that a blocked event loop cannot delay it.
 */
export function settleTime(state: BreakerState, now: number, rules: Rules, nextId: () => number): BreakerState {
  if (state.kind !== 'half_open') return state;
  let expired = Number.POSITIVE_INFINITY;
  for (const probe of state.probes) if (probe.leaseUntil <= now) expired = Math.min(expired, probe.leaseUntil);
  return expired === Number.POSITIVE_INFINITY ? state : open(state, expired, 1, 'probe_expired', rules, nextId);
}

/**
 * What someone who only looks sees at `now`: `settleTime`, and an open circuit whose wait is over as half-open, although no probe has come
 * yet. For reading alone: its epoch is no one's.
 */
export function viewAt(state: BreakerState, now: number, rules: Rules): BreakerState {
  const settled = settleTime(state, now, rules, noId);
  // Stryker disable next-line ConditionalExpression: for the types alone; no other state has an `until`.
  if (settled.kind !== 'open') return settled;
  return now >= settled.until ? halfOpen(settled, noId) : settled;
}

/** May a call start now? `settleTime` has run. `leaseMs` is how long it may hold a probe's place. */
export function admit(state: BreakerState, now: number, leaseMs: number, rules: Rules, nextId: () => number): Admission {
  switch (state.kind) {
    case 'closed':
    case 'forced_closed':
    case 'metrics_only':
      return { state, permit: state.epoch };
    case 'forced_open':
      return { state, permit: REFUSED };
    case 'open': {
      if (now < state.until) return { state, permit: REFUSED };
      return probe(halfOpen(state, nextId), now, leaseMs, nextId);
    }
    case 'half_open':
      return state.probes.length < rules.options.halfOpenMaxCalls ? probe(state, now, leaseMs, nextId) : { state, permit: REFUSED };
  }
}

/**
 * The state after the call that holds `permit` ended. A permit of another period leads to the same state. `tripped`: what the window finds
 * wrong with the closed period, this call included; the states keep no window, and while half-open none is asked.
 */
export function settle(
  state: BreakerState,
  permit: number,
  outcome: Outcome,
  now: number,
  rules: Rules,
  nextId: () => number,
  tripped?: OpenReason,
): BreakerState {
  const { options } = rules;
  switch (state.kind) {
    case 'closed': {
      if (permit !== state.epoch) return state;
      const failures = outcome === 'failure' ? state.failures + 1 : outcome === 'success' ? 0 : state.failures;
      // Only a failure opens: after a reload those before may be enough already, and a call that was aborted must not be what tells.
      const inARow = outcome === 'failure' && failures >= options.failureThreshold && countsInARow(options);
      const reason = tripped ?? (inARow ? 'consecutive_failures' : undefined);
      if (reason !== undefined) return open(state, now, failures, reason, rules, nextId);
      return failures === state.failures ? state : { ...state, failures };
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

/** Opens a closed circuit although no call ended: too many are in flight for too long. */
export function trip(state: Closed, now: number, reason: OpenReason, rules: Rules, nextId: () => number): Open {
  return open(state, now, state.failures, reason, rules, nextId);
}

/**
 * Opens a closed circuit because other processes found the service down. It waits for as long as they still do, and never longer than it would
 * by itself.
 */
export function tripWithPeers(state: Closed, now: number, leftMs: number, rules: Rules, nextId: () => number): Open {
  const opened = open(state, now, state.failures, 'peers', rules, nextId);
  const waitMs = Math.min(leftMs, opened.waitMs);
  return { ...opened, waitMs, until: now + waitMs };
}

/** A closed circuit at the beginning of its period. */
export function closed(epoch: number, since: number, history: History = STABLE, rampUntil = Number.NEGATIVE_INFINITY): Closed {
  return { kind: 'closed', epoch, since, failures: 0, history, rampUntil };
}

function countsInARow({ slidingWindow }: BreakerOptions): boolean {
  return slidingWindow === undefined || slidingWindow.failureThresholdCounts === 'consecutive';
}

function successesNeeded({ history }: HalfOpen, { successThreshold, reopenBackoff }: BreakerOptions): number {
  // Stryker disable next-line OptionalChaining: for the types alone; without a backoff nothing flaps.
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

function halfOpen({ until, history }: Open, nextId: () => number): HalfOpen {
  return { kind: 'half_open', epoch: nextId(), since: until, successes: 0, probes: [], history };
}

function probe(state: HalfOpen, now: number, leaseMs: number, nextId: () => number): Admission {
  const permit = nextId();
  // A lease that never ends, or has ended before it began, would keep the circuit from ever recovering.
  const lasts = leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY ? leaseMs : DEFAULT_LEASE_MS;
  return { permit, state: { ...state, probes: [...state.probes, { permit, leaseUntil: now + lasts }] } };
}

// Stryker disable next-line BlockStatement: nobody reads the epoch of a state that is only looked at.
function noId(): number {
  return REFUSED;
}

function without(probes: readonly Probe[], permit: number): readonly Probe[] {
  const index = probes.findIndex((held) => held.permit === permit);
  return index < 0 ? probes : probes.filter((_, at) => at !== index);
}
