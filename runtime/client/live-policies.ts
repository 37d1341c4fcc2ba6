import type { CircuitBreaker } from '../breaker/breaker.js';
import { type BreakerInput, breakerOptions } from '../breaker/options.js';
import type { BreakerRegistry } from '../breaker/registry.js';
import { configure } from '../breaker/tuning.js';
import { breakerInput } from '../config/breaker-values.js';
import type { PolicyValues, ServicePolicies } from '../config/types.js';
import { checkTimeouts } from './option-layers.js';
import type { ServiceDefinition } from './options.js';
import type { OperationName, PolicySource } from './policy-source.js';

/** What a file says of a service, given what the generated code says of it. */
export type PoliciesOf = (service: ServiceDefinition) => ServicePolicies;

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
interface CircuitOrigin {
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

/** What the settings say now of a circuit; undefined of one that no client made. */
export function policyOf(registry: BreakerRegistry, circuit: CircuitBreaker): PolicyValues | undefined {
  const origin = origins.get(circuit);
  return origin?.source.policy(livePolicies(registry).of(origin.source.service), origin.operation);
}

/** The services whose clients have used a registry so far. */
export function servicesIn(registry: BreakerRegistry): readonly ServiceDefinition[] {
  return registry.list().flatMap((circuit) => origins.get(circuit)?.source.service ?? []);
}

/**
 * Works out what other settings mean for the circuits of a registry, and changes nothing yet. The result puts them in force, all at once:
 * no call and no listener sees half of it. It gives the names of the services whose circuits were changed.
 *
 * @throws {ConfigurationError} where a client's options or environment cannot go together with the settings.
 */
export function planPolicies(registry: BreakerRegistry, of: PoliciesOf): () => void {
  const follows = new Map<string, readonly string[]>();
  const steps: { readonly circuit: CircuitBreaker; readonly given: BreakerInput; readonly moved: boolean }[] = [];
  for (const circuit of registry.list()) {
    const origin = origins.get(circuit);
    if (origin === undefined) continue;
    const policy = origin.source.policy(of(origin.source.service), origin.operation);
    checkTimeouts(policy, origin.operation.id);
    follows.set(circuit.service, policy.follows);
    const given = breakerInput(policy);
    // Values that are sound in each layer may contradict each other: found out here, not half way through.
    breakerOptions(given);
    steps.push({ circuit, given, moved: origin.nameUnder(policy.scope) !== origin.name });
  }
  const follow = registry.planFollows(follows);
  return () =>
    registry.events.together(() => {
      const live = livePolicies(registry);
      live.of = of;
      live.version++;
      for (const { circuit, given, moved } of steps) {
        // Where circuits now cover something else the old ones see no calls any more; those that follow continue from them.
        if (moved) registry.forget(circuit);
        else configure(circuit, given);
      }
      follow();
    });
}
