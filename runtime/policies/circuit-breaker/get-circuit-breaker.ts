import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import type { CircuitBreaker } from './breaker.js';
import { configuredOptions } from './configured.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { withPreset } from './presets.js';
import { type BreakerRegistry, defaultRegistry } from './registry.js';

/** Thresholds of a shared circuit, and where it is kept. */
export interface SharedCircuitOptions extends BreakerInput {
  /** Default: the process's, which generated clients use as well. */
  readonly registry?: BreakerRegistry;
  /** Names of circuits or services: while one of them is open, this one refuses as well. */
  readonly follows?: readonly string[];
}

/**
 * The circuit of that name, made where it is new: modules that protect the same service share it by its name alone.
 *
 * @throws {ConfigurationError} where it exists with another threshold than the one given: two modules that disagree would not be sharing it.
 * @example
 * const llm = getCircuitBreaker('llm', { failureThreshold: 3, recoveryTimeoutMs: 60_000 });
 * const text = await llm.call(() => complete(prompt));
 */
export function getCircuitBreaker(name: string, options: SharedCircuitOptions = {}): CircuitBreaker {
  const { registry = defaultRegistry, follows, ...given } = givenObject('options of the circuit', options);
  if (typeof name !== 'string' || name === '') throw new ConfigurationError('name', name, 'the name of a circuit');
  const thresholds = withPreset(given);
  const whole = breakerOptions(thresholds);
  const found = registry.get(name);
  if (found !== undefined) checkSame(found, thresholds, whole);
  if (follows !== undefined) registry.followFor(name, follows);
  return found ?? registry.obtain(name, name, whole);
}

/** Whoever gives a threshold must mean the one that the circuit has. */
function checkSame(circuit: CircuitBreaker, given: BreakerInput, whole: BreakerOptions): void {
  const there = configuredOptions(circuit);
  for (const key of Object.keys(given) as (keyof BreakerOptions)[]) {
    const has = JSON.stringify(there[key]);
    if (given[key] === undefined || has === JSON.stringify(whole[key])) continue;
    throw new ConfigurationError(`${key} of '${circuit.name}'`, given[key], `${has ?? 'none'}, which the circuit of that name has already`);
  }
}
