import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { AppliedPolicies, OperationName, ServiceSettings } from '../types.js';
import type { PolicySource } from './policy-source.js';

/** Returns the settings of a service: those with which its client was generated, and those of a file that overrides them. */
export type PoliciesOf = (service: ServiceSettings) => AppliedPolicies;

/** The current settings for all clients of a registry. An operation compiled from an older version is compiled again at its next call. */
export class LivePolicies {
  version = 0;
  of: PoliciesOf = ({ policies }) => policies;
}

const lives = new WeakMap<BreakerRegistry, LivePolicies>();

export function livePolicies(registry: BreakerRegistry): LivePolicies {
  let live = lives.get(registry);
  if (live === undefined) {
    live = new LivePolicies();
    lives.set(registry, live);
  }
  return live;
}

/** The origin of a circuit's settings: the operation whose call created the circuit. */
export interface CircuitOrigin {
  readonly source: PolicySource;
  readonly operation: OperationName;
  /** Name of the circuit, without the part from `#` on. */
  readonly name: string;
  readonly nameUnder: (scope: 'service' | 'namespace' | 'operation') => string;
}

const origins = new WeakMap<CircuitBreaker, CircuitOrigin>();

/** Stores the origin of a circuit's thresholds, so that a file can change them even if the client that created the circuit no longer exists. */
export function noteOrigin(circuit: CircuitBreaker, origin: CircuitOrigin): void {
  if (!origins.has(circuit)) origins.set(circuit, origin);
}

export function originOf(circuit: CircuitBreaker): CircuitOrigin | undefined {
  return origins.get(circuit);
}
