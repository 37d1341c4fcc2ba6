import type { OpenReason } from '../../../runtime/policies/circuit-breaker/state.js';
import type { Transition } from '../engine/simulation.js';
import { highestRate, spansAbove, type TruthStep } from './truth.js';

/** The share of failed requests from which a service is out. Between the healthy limit and this share, it is impaired. */
const OUTAGE_RATE = 0.5;

/** One change of a circuit's state. */
export interface StateChange {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  /** The reason of an opening. */
  readonly reason: OpenReason | undefined;
  /** The consecutive failures before the change. */
  readonly failures: number;
  /** For openings: the time until the first probe. */
  readonly waitMs: number | undefined;
  /** For closings: the time since the circuit opened. */
  readonly downMs: number | undefined;
  /** For openings by a window: its calls, and the failed and slow calls among them. */
  readonly window: { readonly calls: number; readonly failed: number; readonly slow: number } | undefined;
  /** The reason for which the opening is a false open. Undefined for other changes. */
  readonly falseOpen: 'healthy' | 'closed at once' | undefined;
}

/** A span in which the service was not healthy. */
export interface Trouble {
  readonly fromMs: number;
  readonly toMs: number;
  /** The highest true error rate in the span. */
  readonly rate: number;
  /** The time from the beginning of the span until the circuit was open. 0 if it was open before, null if it never opened. */
  readonly openedAfterMs: number | null;
  /**
   * The time from the end of the span until the circuit was closed. 0 if it was closed by then, null if it never closed or had never been
   * open.
   */
  readonly recoveredAfterMs: number | null;
}

/** The record of one circuit. */
export interface CircuitResult {
  readonly name: string;
  /** Operations that use the circuit. */
  readonly operations: readonly string[];
  readonly changes: readonly StateChange[];
  readonly opens: number;
  readonly falseOpens: number;
  readonly troubles: readonly Trouble[];
  /** Over the spans of trouble that began with the circuit closed and in which it opened. */
  readonly timeToOpenMs: Spread | null;
  /** Over the spans of trouble at whose end the circuit was not closed and after which it recovered. */
  readonly timeToRecoverMs: Spread | null;
  /** The time in which it was open or half-open. */
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
  /** The changes of this circuit, in order. */
  readonly transitions: readonly Transition[];
  readonly truth: readonly TruthStep[];
  readonly healthyBelow: number;
  /** The longest time between a cause and the opening, in milliseconds. */
  readonly lookBackMs: number;
  readonly durationMs: number;
}

/** Judges the changes of a circuit by the true state of its service. */
export function judgeCircuit(question: CircuitQuestion): CircuitResult {
  const { name, operations, transitions, truth, healthyBelow, lookBackMs, durationMs } = question;
  const changes = transitions.map((transition, at) => changeOf(transition, falseOpen(question, at)));
  const troubles = spansAbove(truth, healthyBelow).map(({ fromMs, toMs, rate }): Trouble => {
    // A request sent before the end of a span can fail after it. An opening caused by it belongs to this span, not to another.
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
 * Returns the reason for which an opening is a false open. It is one if the service was healthy during the whole time in which a cause can
 * lie. It is also one if the service was impaired but not out, and the next probes closed the circuit again.
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

/** Returns true if the circuit was closed at a time, after all changes of that time. */
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
