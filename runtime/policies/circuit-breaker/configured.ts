import type { CircuitBreaker } from './breaker.js';
import type { BreakerOptions } from './options.js';

/** Circuits whose options are not what was configured, and what was. */
const sources = new WeakMap<CircuitBreaker, () => BreakerOptions>();

/**
 * What a circuit was configured with, however its thresholds were tuned since. By this it is found: a client that is made later, with the
 * same configuration, must share the circuit, not get one of its own.
 */
export function configuredOptions(circuit: CircuitBreaker): BreakerOptions {
  return sources.get(circuit)?.() ?? circuit.options;
}

/** Says where to find what a circuit was configured with, from now on; undefined: its options are that. */
export function configuredBy(circuit: CircuitBreaker, source: (() => BreakerOptions) | undefined): void {
  // Stryker disable next-line ConditionalExpression: a source that is none says the same; this spares keeping it.
  if (source === undefined) sources.delete(circuit);
  else sources.set(circuit, source);
}
