import { ConfigurationError } from '../../errors/configuration-error.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { CURRENT, forgiven, userFunction } from '../../user-code.js';

/** Something whose circuit can be asked: a generated client, a circuit, or an object that holds one. */
export type CircuitSource =
  | CircuitBreaker
  | { readonly circuit: CircuitBreaker | (() => CircuitBreaker) }
  | { breaker(): CircuitBreaker }
  | { readonly breaker: CircuitBreaker };

/** The circuit of a client (its service's first), of an object that holds one, or itself. @throws {ConfigurationError} where there is none. */
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
 * The first provider whose circuit would let a call through now; undefined where none would. One that is open is never chosen, nor one that
 * follows an open one; one that is half-open is, as long as it has a place for a probe, for without probes it would never recover.
 *
 * @throws {ConfigurationError} where a provider has no circuit.
 * @example
 * const voice = selectProvider([retell, lyrio]);
 * if (voice === undefined) return callBackLater(lead);
 */
export function selectProvider<P extends CircuitSource>(providers: readonly P[]): P | undefined {
  if (!Array.isArray(providers)) throw new ConfigurationError('providers', providers, 'a list of providers');
  return providers.find((provider, at) => circuitOf(provider, `providers[${at}]`).admits);
}
