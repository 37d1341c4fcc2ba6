import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject, must } from '../../errors/given.js';
import { namesOf, refuseInherited } from '../../errors/known-options.js';
import { isInstance } from '../../errors/readable.js';
import type { CircuitBreaker } from './breaker.js';
import { type BreakerInput, type BreakerOptions, breakerOptions, checkBreakerNames, withPreset } from './options.js';
import { BreakerRegistry, defaultRegistry } from './registry.js';
import { configuredOptions } from './tuning.js';

/** The thresholds of a shared circuit, and the registry that keeps it. */
export interface SharedCircuitOptions extends BreakerInput {
  /** Default: the default registry of the process, which generated clients also use. */
  readonly registry?: BreakerRegistry;
  /** Names of circuits or services. While one of their circuits is open, this one refuses calls, too. */
  readonly follows?: readonly string[];
}

const NAMES = namesOf<Omit<SharedCircuitOptions, keyof BreakerInput>>({ registry: 1, follows: 1 });

/**
 * Returns the circuit of that name, and creates it if there is none. Modules that protect the same service share the circuit by its name.
 *
 * @throws {ConfigurationError} if the circuit exists and a given threshold differs from its own. The modules that share a circuit must agree.
 * @example
 * const llm = getCircuitBreaker('llm', { failureThreshold: 3, recoveryTimeoutMs: 60_000 });
 * const text = await llm.call(() => complete(prompt));
 */
export function getCircuitBreaker(name: string, options: SharedCircuitOptions = {}): CircuitBreaker {
  refuseInherited('a circuit', givenObject('options of the circuit', options), NAMES);
  const { registry = defaultRegistry, follows, ...given } = options;
  if (typeof name !== 'string' || name === '') throw new ConfigurationError('name', name, 'the name of a circuit');
  must(isInstance(registry, BreakerRegistry), 'registry', registry, 'a BreakerRegistry');
  // Before the preset is read.
  checkBreakerNames(given);
  const thresholds = withPreset(given);
  const whole = breakerOptions(thresholds);
  const found = registry.get(name);
  if (found !== undefined) checkSame(found, thresholds, whole);
  if (follows !== undefined) registry.followFor(name, follows);
  return found ?? registry.obtain(name, name, whole);
}

/** Checks that each given threshold equals that of the circuit. */
function checkSame(circuit: CircuitBreaker, given: BreakerInput, whole: BreakerOptions): void {
  const there = configuredOptions(circuit);
  for (const key of Object.keys(given) as (keyof BreakerOptions)[]) {
    const has = JSON.stringify(there[key]);
    if (given[key] === undefined || has === JSON.stringify(whole[key])) continue;
    throw new ConfigurationError(`${key} of '${circuit.name}'`, given[key], `${has ?? 'none'}, which the circuit of that name has already`);
  }
}
