import { ConfigurationError } from '../../errors/configuration-error.js';
import { isList } from '../../errors/readable.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { CURRENT, forgiven, userFunction } from '../../user-code.js';

/** A source of a circuit: a generated client, a circuit, or an object with a circuit as `circuit` or `breaker`. */
export type CircuitSource =
  | CircuitBreaker
  | { readonly circuit: CircuitBreaker | (() => CircuitBreaker) }
  | { breaker(): CircuitBreaker }
  | { readonly breaker: CircuitBreaker };

/**
 * Returns the circuit of a source. For a client, this is the first circuit of its service. `option` is the name of the option in messages.
 *
 * @throws {ConfigurationError} if the source has no circuit.
 */
export function circuitOf(source: CircuitSource, option = 'provider'): CircuitBreaker {
  let found: unknown = source;
  if (typeof source === 'object' && source !== null) {
    if ('circuit' in source)
      found = typeof source.circuit === 'function' ? forgiven(CURRENT.call(userFunction(source.circuit.bind(source)))) : source.circuit;
    else if ('breaker' in source)
      found = typeof source.breaker === 'function' ? forgiven(CURRENT.call(userFunction(source.breaker.bind(source)))) : source.breaker;
  }
  if (typeof (found as CircuitBreaker | undefined)?.enter !== 'function')
    throw new ConfigurationError(option, source, 'a client, a CircuitBreaker, or an object with one as `circuit` or `breaker`');
  return found as CircuitBreaker;
}

/**
 * Returns the first provider whose circuit would admit a call now, or undefined if there is none. A provider is not chosen if its circuit is open, or
 * follows a circuit that is open. A half-open circuit is chosen as long as it has a permit for a probe: without probes it could not recover.
 *
 * @throws {ConfigurationError} if a provider has no circuit.
 * @example
 * const voice = selectProvider([retell, lyrio]);
 * if (voice === undefined) return callBackLater(lead);
 */
export function selectProvider<P extends CircuitSource>(providers: readonly P[]): P | undefined {
  if (!isList(providers)) throw new ConfigurationError('providers', providers, 'a list of providers');
  return providers.find((provider, at) => circuitOf(provider, `providers[${at}]`).admits);
}
