import { type BreakerOptions, DEFAULT_LEASE_MS } from './options.js';
import type { BreakerState, HalfOpen, Open, Outcome, Probe } from './state.js';

/** A refused call's permit. */
export const REFUSED = 0;

/** Where a decision leads: the state to keep (the same object where nothing changed) and, for admissions, the permit. */
export interface Admission {
  readonly state: BreakerState;
  readonly permit: number;
}

/**
 * The state at `now`, with everything that time alone decides: an expired probe counts as a failure, at the moment its lease ran out. Lazy
 * time means that a circuit needs no timer and that a blocked event loop cannot delay it.
 */
export function settleTime(state: BreakerState, now: number, options: BreakerOptions, nextId: () => number): BreakerState {
  if (state.kind !== 'half_open') return state;
  let expired = Number.POSITIVE_INFINITY;
  for (const probe of state.probes) if (probe.leaseUntil <= now) expired = Math.min(expired, probe.leaseUntil);
  return expired === Number.POSITIVE_INFINITY ? state : open(expired, 1, options, nextId);
}

/**
 * What someone who only looks sees at `now`: `settleTime`, and an open circuit whose wait is over as half-open, although no probe has come
 * yet. For reading alone: its epoch is no one's.
 */
export function viewAt(state: BreakerState, now: number, options: BreakerOptions): BreakerState {
  const settled = settleTime(state, now, options, noId);
  return settled.kind === 'open' && now >= settled.until ? halfOpen(settled, noId) : settled;
}

/** May a call start now? `settleTime` has run. `leaseMs` is how long it may hold a probe's place. */
export function admit(state: BreakerState, now: number, leaseMs: number, options: BreakerOptions, nextId: () => number): Admission {
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
      return state.probes.length < options.halfOpenMaxCalls ? probe(state, now, leaseMs, nextId) : { state, permit: REFUSED };
  }
}

/** The state after the call that holds `permit` ended. A permit of another period leads to the same state. */
export function settle(
  state: BreakerState,
  permit: number,
  outcome: Outcome,
  now: number,
  options: BreakerOptions,
  nextId: () => number,
): BreakerState {
  switch (state.kind) {
    case 'closed':
      if (permit !== state.epoch) return state;
      if (outcome === 'failure') {
        const failures = state.failures + 1;
        return failures >= options.failureThreshold ? open(now, failures, options, nextId) : { ...state, failures };
      }
      return outcome === 'success' && state.failures !== 0 ? { ...state, failures: 0 } : state;
    case 'metrics_only':
      if (permit !== state.epoch) return state;
      if (outcome === 'failure') return { ...state, failures: state.failures + 1 };
      return outcome === 'success' && state.failures !== 0 ? { ...state, failures: 0 } : state;
    case 'half_open': {
      const probes = without(state.probes, permit);
      if (probes === state.probes) return state;
      if (outcome === 'failure') return open(now, 1, options, nextId);
      if (outcome !== 'success') return { ...state, probes };
      const successes = state.successes + 1;
      return successes >= options.successThreshold
        ? { kind: 'closed', epoch: nextId(), since: now, failures: 0 }
        : { ...state, successes, probes };
    }
    case 'open':
    case 'forced_open':
    case 'forced_closed':
      return state;
  }
}

function open(at: number, failures: number, options: BreakerOptions, nextId: () => number): Open {
  return { kind: 'open', epoch: nextId(), since: at, until: at + options.recoveryTimeoutMs, failures };
}

function halfOpen({ until }: Open, nextId: () => number): HalfOpen {
  return { kind: 'half_open', epoch: nextId(), since: until, successes: 0, probes: [] };
}

function probe(state: HalfOpen, now: number, leaseMs: number, nextId: () => number): Admission {
  const permit = nextId();
  // A lease that never ends, or has ended before it began, would keep the circuit from ever recovering.
  const lasts = leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY ? leaseMs : DEFAULT_LEASE_MS;
  return { permit, state: { ...state, probes: [...state.probes, { permit, leaseUntil: now + lasts }] } };
}

function noId(): number {
  return REFUSED;
}

function without(probes: readonly Probe[], permit: number): readonly Probe[] {
  const index = probes.findIndex((held) => held.permit === permit);
  return index < 0 ? probes : probes.filter((_, at) => at !== index);
}
