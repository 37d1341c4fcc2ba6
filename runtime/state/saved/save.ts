import { must } from '../../errors/given.js';
import { isInstance } from '../../errors/readable.js';
import { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { conditionOf } from '../../policies/circuit-breaker/handover.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { SAVED_VERSION, type SavedCircuit, type SavedCircuits } from './format.js';

/**
 * Returns the state of every circuit of a registry as plain data for JSON. Circuits in the state of a new one are left out, and so are statistics
 * and windows.
 *
 * @throws {ConfigurationError} if `registry` is not a BreakerRegistry.
 *
 * @example
 * await store.put('circuits', JSON.stringify(saveCircuits()));
 */
export function saveCircuits(registry: BreakerRegistry = defaultRegistry): SavedCircuits {
  return {
    version: SAVED_VERSION,
    circuits: givenRegistry('registry', registry)
      .list()
      .flatMap((circuit) => saveCircuit(circuit) ?? []),
  };
}

/**
 * Returns the state of one circuit as plain data; undefined if it is in the state of a new circuit, or off by its options.
 *
 * @throws {ConfigurationError} if `circuit` is not a CircuitBreaker.
 */
export function saveCircuit(circuit: CircuitBreaker): SavedCircuit | undefined {
  must(isInstance(circuit, CircuitBreaker), 'circuit', circuit, 'a CircuitBreaker');
  const condition = conditionOf(circuit);
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
