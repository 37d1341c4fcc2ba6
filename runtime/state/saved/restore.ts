import { ConfigurationError } from '../../errors/configuration-error.js';
import { isInstance } from '../../errors/readable.js';
import { messageOfThrown } from '../../errors/thrown-value.js';
import { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { failedBy, ONE_ATTEMPT } from '../../policies/circuit-breaker/calls.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { continueFrom } from '../../policies/circuit-breaker/handover.js';
import type { BreakerOptions } from '../../policies/circuit-breaker/options.js';
import { STABLE } from '../../policies/circuit-breaker/recovery/reopen-backoff.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { BreakerState, Condition } from '../../policies/circuit-breaker/state.js';
import { checkedCircuit, entriesOf, type SavedCircuit } from './format.js';
import { saveCircuit } from './save.js';

/** The result of `restoreCircuits`. */
export interface RestoreReport {
  /** The circuits that continue as they were saved. */
  readonly restored: readonly string[];
  /** The circuits that do not exist yet. Each continues as it was saved when it is made. */
  readonly waiting: readonly string[];
  /** The circuits that are already in use, or off by their options. They stay as they are. */
  readonly kept: readonly string[];
  /** The entries that cannot be used, and why. */
  readonly refused: readonly { readonly name: string | undefined; readonly reason: string }[];
}

const waitingIn = new WeakMap<BreakerRegistry, Map<string, SavedCircuit>>();

/**
 * Continues the circuits of a registry as `saveCircuits` saved them, in another process, later. `saved` is the data or its JSON.
 *
 * Faulty entries are refused and reported, and never throw, because a restart must not fail because of them. The time since saving counts, by the wall
 * clock: an open circuit waits for the rest of its wait, and never longer than its own options say. Emits no events.
 *
 * @throws {ConfigurationError} if `registry` is not a BreakerRegistry.
 *
 * @example
 * const { refused } = restoreCircuits(await store.get('circuits'));
 */
export function restoreCircuits(saved: unknown, registry: BreakerRegistry = defaultRegistry): RestoreReport {
  givenRegistry('registry', registry);
  const [restored, waiting, kept]: [string[], string[], string[]] = [[], [], []];
  const refused: { readonly name: string | undefined; readonly reason: string }[] = [];
  const seen = new Set<string>();
  // After `clear`, a registry does not wait for earlier circuits.
  const earlier = registry.made === undefined ? undefined : waitingIn.get(registry);
  const pending = earlier ?? new Map<string, SavedCircuit>();
  const restore = (data: unknown, place: string): void => {
    const entry = checkedCircuit(data, place);
    const { name } = entry;
    if (seen.has(name)) throw new ConfigurationError(`${place}.name`, name, 'each circuit once');
    seen.add(name);
    const circuit = registry.get(name);
    if (circuit === undefined) {
      pending.set(name, entry);
      waiting.push(name);
    } else if (saveCircuit(circuit) === undefined && continueFrom(circuit, conditionFor(circuit, entry))) restored.push(name);
    else kept.push(name);
  };
  const refuse = (name: string | undefined, attempt: () => void): void => {
    try {
      attempt();
    } catch (error) {
      refused.push({ name, reason: messageOfThrown(error) });
    }
  };
  refuse(undefined, () => {
    const entries = entriesOf(parsed(saved));
    for (const [at, data] of entries.entries()) refuse(nameOf(data), () => restore(data, `saved.circuits[${at}]`));
  });
  if (pending.size > 0) awaitCircuits(registry, pending);
  return { restored, waiting, kept, refused };
}

/**
 * Continues one circuit as it was saved, whatever its state is now.
 *
 * @throws {ConfigurationError} if the saved data cannot be used. The error names the field.
 */
export function restoreCircuit(circuit: CircuitBreaker, saved: unknown): void {
  if (!isInstance(circuit, CircuitBreaker)) throw new ConfigurationError('circuit', circuit, 'a CircuitBreaker');
  continueFrom(circuit, conditionFor(circuit, checkedCircuit(parsed(saved), 'saved')));
}

function awaitCircuits(registry: BreakerRegistry, pending: Map<string, SavedCircuit>): void {
  waitingIn.set(registry, pending);
  registry.made = (circuit) => {
    const entry = pending.get(circuit.name);
    if (entry === undefined) return;
    pending.delete(circuit.name);
    continueFrom(circuit, conditionFor(circuit, entry));
  };
}

/** Returns the saved condition by the clock of this circuit. No wait is longer than its options allow. */
function conditionFor(circuit: CircuitBreaker, saved: SavedCircuit): Condition {
  const now = circuit.clock.now();
  // A wall clock that was set back must not prolong a wait.
  const goneMs = Math.max(0, circuit.clock.wallNow() - saved.savedAt);
  const since = now - saved.ageMs - goneMs;
  return {
    state: stateOf(saved, circuit.options, { now, goneMs, since }),
    downSince: saved.downMs === undefined ? undefined : now - saved.downMs - goneMs,
  };
}

interface Times {
  readonly now: number;
  readonly goneMs: number;
  readonly since: number;
}

function stateOf(
  saved: SavedCircuit,
  { recoveryTimeoutMs, reopenBackoff, ramp }: BreakerOptions,
  { now, goneMs, since }: Times,
): BreakerState {
  const { state: kind, failures = 0, successes = 0, openings = 0, flaps = 0 } = saved;
  // The circuit gives itself an epoch when it continues.
  const epoch = 0;
  const history = openings === 0 ? STABLE : { openings, flaps };
  switch (kind) {
    case 'closed': {
      const leftMs = Math.min(saved.rampLeftMs ?? 0, ramp?.durationMs ?? 0) - goneMs;
      const by = failures === 0 ? undefined : failedBy(undefined, ONE_ATTEMPT);
      return { kind, epoch, since, failures, failedBy: by, history, rampUntil: leftMs > 0 ? now + leftMs : Number.NEGATIVE_INFINITY };
    }
    case 'open': {
      const longest = Math.max(recoveryTimeoutMs, reopenBackoff?.maxMs ?? 0);
      const waitMs = Math.min(saved.waitMs ?? 0, longest);
      const leftMs = Math.max(0, Math.min(saved.leftMs ?? 0, waitMs) - goneMs);
      return { kind, epoch, since, until: now + leftMs, waitMs, failures, reason: saved.reason ?? 'consecutive_failures', history };
    }
    case 'half_open':
      return { kind, epoch, since, successes, probes: [], history };
    case 'metrics_only':
      return { kind, epoch, since, failures };
    case 'forced_open':
    case 'forced_closed':
      return { kind, epoch, since };
  }
}

function parsed(saved: unknown): unknown {
  if (typeof saved !== 'string') return saved;
  try {
    return JSON.parse(saved);
  } catch {
    throw new ConfigurationError('saved', `a text of ${saved.length} characters`, 'the result of saveCircuits, or its JSON');
  }
}

function nameOf(data: unknown): string | undefined {
  try {
    const name = typeof data === 'object' && data !== null && 'name' in data ? data.name : undefined;
    return typeof name === 'string' ? name : undefined;
  } catch {
    // A getter or a proxy threw. The check of the entry reports it.
    return undefined;
  }
}
