import type { OpenReason } from '../../../runtime/policies/circuit-breaker/state.js';
import type { Transition } from '../engine/simulation.js';
import { highestRate, spansAbove, type TruthStep } from './truth.js';

/** A service of which this share of requests fails is out; below it, and not below what is healthy, it is impaired. */
export const OUTAGE_RATE = 0.5;

/** One change of a circuit's state. */
export interface StateChange {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  /** What opened it. */
  readonly reason: OpenReason | undefined;
  /** Consecutive failures that led there. */
  readonly failures: number;
  /** When it opens: how long it waits before it probes. */
  readonly waitMs: number | undefined;
  /** When it closes: how long it was not closed. */
  readonly downMs: number | undefined;
  /** When a window opens it: its calls, and how many of them failed or were slow. */
  readonly window: { readonly calls: number; readonly failed: number; readonly slow: number } | undefined;
  /** It opened without need: why that is thought. */
  readonly falseOpen: 'healthy' | 'closed at once' | undefined;
}

/** A time in which the service was not well. */
export interface Trouble {
  readonly fromMs: number;
  readonly toMs: number;
  /** Highest true error rate in it. */
  readonly rate: number;
  /** From its beginning until the circuit was open: 0 where it was before, null where it never was. */
  readonly openedAfterMs: number | null;
  /** From its end until the circuit was closed: 0 where it was already, null where it never was again, or had never been open. */
  readonly recoveredAfterMs: number | null;
}

/** What one circuit did. */
export interface CircuitResult {
  readonly name: string;
  /** Operations that go through it. */
  readonly operations: readonly string[];
  readonly changes: readonly StateChange[];
  readonly opens: number;
  readonly falseOpens: number;
  readonly troubles: readonly Trouble[];
  /** Over the troubles that began with the circuit closed, and in which it opened. */
  readonly timeToOpenMs: Spread | null;
  /** Over the troubles at whose end the circuit was not closed, and which it recovered from. */
  readonly timeToRecoverMs: Spread | null;
  /** Time in which it was open or half-open. */
  readonly notClosedMs: number;
}

export interface Spread {
  readonly mean: number;
  readonly worst: number;
  readonly count: number;
}

export interface CircuitQuestion {
  readonly name: string;
  readonly operations: readonly string[];
  /** Of this circuit, in order. */
  readonly transitions: readonly Transition[];
  readonly truth: readonly TruthStep[];
  readonly healthyBelow: number;
  /** How far back a cause of an opening may lie, in milliseconds. */
  readonly lookBackMs: number;
  readonly durationMs: number;
}

/** Judges what a circuit did by what its service really did. */
export function judgeCircuit(question: CircuitQuestion): CircuitResult {
  const { name, operations, transitions, truth, healthyBelow, lookBackMs, durationMs } = question;
  const changes = transitions.map((transition, at) => changeOf(transition, falseOpen(question, at)));
  const troubles = spansAbove(truth, healthyBelow).map(({ fromMs, toMs, rate }): Trouble => {
    // What was sent before the end may still fail after it, and an opening by it is no other trouble's.
    const opening = changes.find((change) => change.to === 'open' && change.atMs >= fromMs && change.atMs < toMs + lookBackMs);
    const before = !closedAt(changes, fromMs);
    const openedAfterMs = before ? 0 : opening === undefined ? null : opening.atMs - fromMs;
    if (openedAfterMs === null) return { fromMs, toMs, rate, openedAfterMs, recoveredAfterMs: null };
    const from = Math.max(toMs, closedAt(changes, toMs) && opening !== undefined ? opening.atMs : toMs);
    if (closedAt(changes, from)) return { fromMs, toMs, rate, openedAfterMs, recoveredAfterMs: 0 };
    const closing = changes.find((change) => change.to === 'closed' && change.atMs > from);
    return { fromMs, toMs, rate, openedAfterMs, recoveredAfterMs: closing === undefined ? null : closing.atMs - toMs };
  });
  return {
    name,
    operations,
    changes,
    opens: changes.filter((change) => change.to === 'open').length,
    falseOpens: changes.filter((change) => change.falseOpen !== undefined).length,
    troubles,
    timeToOpenMs: spread(troubles.flatMap(({ openedAfterMs: ms }) => (ms === null || ms === 0 ? [] : [ms]))),
    timeToRecoverMs: spread(troubles.flatMap(({ recoveredAfterMs: ms }) => (ms === null || ms === 0 ? [] : [ms]))),
    notClosedMs: notClosed(changes, durationMs),
  };
}

/**
 * An opening is without need where the service was well in all the time from which its cause can come; and, where the service was impaired but
 * not out, where the very next probes closed the circuit again.
 */
function falseOpen({ transitions, truth, healthyBelow, lookBackMs }: CircuitQuestion, at: number): StateChange['falseOpen'] {
  const { event, atMs } = transitions[at] as Transition;
  if (event.newState !== 'open') return undefined;
  const rate = highestRate(truth, atMs - lookBackMs, atMs);
  if (rate < healthyBelow) return 'healthy';
  if (rate >= OUTAGE_RATE || event.oldState !== 'closed') return undefined;
  return transitions[at + 1]?.event.newState === 'half_open' && transitions[at + 2]?.event.newState === 'closed'
    ? 'closed at once'
    : undefined;
}

function changeOf({ atMs, event }: Transition, found: StateChange['falseOpen']): StateChange {
  const { oldState, newState, failureCount, recoveryTimeoutMs, downMs, reason, window } = event;
  return {
    atMs,
    from: oldState,
    to: newState,
    reason,
    failures: failureCount,
    waitMs: newState === 'open' ? recoveryTimeoutMs : undefined,
    downMs,
    window: window && { calls: window.calls, failed: window.failedCalls, slow: window.slowCalls + window.slowCallsInFlight },
    falseOpen: found,
  };
}

/** Was the circuit closed just then, changes of that very moment included? */
function closedAt(changes: readonly StateChange[], atMs: number): boolean {
  const last = changes.findLast((change) => change.atMs <= atMs);
  return last === undefined || last.to === 'closed';
}

function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0);
  return { mean: sum / values.length, worst: Math.max(...values), count: values.length };
}

function notClosed(changes: readonly StateChange[], durationMs: number): number {
  let sum = 0;
  let since: number | undefined;
  for (const { atMs, to } of changes) {
    const now = Math.min(atMs, durationMs);
    if (to === 'closed') {
      if (since !== undefined) sum += now - since;
      since = undefined;
    } else since ??= now;
  }
  return since === undefined ? sum : sum + durationMs - since;
}
