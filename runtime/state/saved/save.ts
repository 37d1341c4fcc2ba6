import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { SAVED_VERSION, type SavedCircuit, type SavedCircuits } from './format.js';

/**
 * Returns the state of every circuit of a registry as plain data for JSON. Circuits in the state of a new one are left out, and so are statistics
 * and windows.
 *
 * @example
 * await store.put('circuits', JSON.stringify(saveCircuits()));
 */
export function saveCircuits(registry: BreakerRegistry = defaultRegistry): SavedCircuits {
  return { version: SAVED_VERSION, circuits: registry.list().flatMap((circuit) => saveCircuit(circuit) ?? []) };
}

/** Returns the state of one circuit as plain data; undefined if it is in the state of a new circuit, or off by its options. */
export function saveCircuit(circuit: CircuitBreaker): SavedCircuit | undefined {
  const condition = circuit.condition();
  if (condition === undefined) return undefined;
  const { state, downSince } = condition;
  const now = circuit.clock.now();
  const { openings = 0, flaps = 0 } = 'history' in state ? state.history : {};
  const rampLeftMs = state.kind === 'closed' ? state.rampUntil - now : 0;
  if (state.kind === 'closed' && state.failures === 0 && openings === 0 && !(rampLeftMs > 0)) return undefined;
  return {
    version: SAVED_VERSION,
    name: circuit.name,
    savedAt: circuit.clock.wallNow(),
    state: state.kind,
    ageMs: now - state.since,
    ...(downSince === undefined ? {} : { downMs: now - downSince }),
    ...('failures' in state ? { failures: state.failures } : {}),
    ...(state.kind === 'half_open' ? { successes: state.successes } : {}),
    ...(state.kind === 'open' ? { waitMs: state.waitMs, leftMs: state.until - now, reason: state.reason } : {}),
    ...(openings > 0 ? { openings, flaps } : {}),
    ...(rampLeftMs > 0 ? { rampLeftMs } : {}),
  };
}
