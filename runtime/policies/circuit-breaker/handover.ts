import type { CircuitBreaker } from './breaker.js';
import type { Condition } from './state.js';

/** Returns what another circuit needs to continue this one; undefined while this one is off. */
export function conditionOf(circuit: CircuitBreaker): Condition | undefined {
  return circuit.machine.condition(circuit.clock.now());
}

/** Continues another circuit. Returns false, and changes nothing, if this one is off. */
export function continueFrom(circuit: CircuitBreaker, condition: Condition): boolean {
  return circuit.machine.continueFrom(condition, circuit.clock.now());
}

/** Opens a circuit because other processes found the service down. Returns false, and changes nothing, unless the circuit is closed. */
export function openWithPeers(circuit: CircuitBreaker, leftMs: number): boolean {
  return circuit.machine.openWithPeers(circuit.clock.now(), leftMs);
}
