import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { AppliedPolicies, OperationName, ServiceSettings } from '../types.js';
import type { PolicySource } from './policy-source.js';

/** Returns the settings of a service: those that its client was generated with, and what a file lays over them. */
export type PoliciesOf = (service: ServiceSettings) => AppliedPolicies;

/** The settings that hold for all clients of a registry. Compiled operations of an older version are compiled anew at their next call. */
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

/** Whose settings made a circuit what it is: those of the operation that was the first to go through it. */
export interface CircuitOrigin {
  readonly source: PolicySource;
  readonly operation: OperationName;
  /** Before any `#`. */
  readonly name: string;
  readonly nameUnder: (scope: 'service' | 'namespace' | 'operation') => string;
}

const origins = new WeakMap<CircuitBreaker, CircuitOrigin>();

/** Remembers how a circuit got its thresholds, so that they can follow a file although the client that made it is gone. */
export function noteOrigin(circuit: CircuitBreaker, origin: CircuitOrigin): void {
  if (!origins.has(circuit)) origins.set(circuit, origin);
}

export function originOf(circuit: CircuitBreaker): CircuitOrigin | undefined {
  return origins.get(circuit);
}
