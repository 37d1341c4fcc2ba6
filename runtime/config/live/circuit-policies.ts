import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { type BreakerInput, breakerOptions } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { configure } from '../../policies/circuit-breaker/tuning.js';
import { breakerInput } from '../breaker-values.js';
import { checkTimeouts } from '../timeouts.js';
import type { PolicyValues, ServiceSettings } from '../types.js';
import { livePolicies, originOf, type PoliciesOf } from './live-policies.js';

/** What the settings say now of a circuit; undefined of one that no client made. */
export function policyOf(registry: BreakerRegistry, circuit: CircuitBreaker): PolicyValues | undefined {
  const origin = originOf(circuit);
  return origin?.source.policy(livePolicies(registry).of(origin.source.service), origin.operation);
}

/** The services whose clients have used a registry so far. */
export function servicesIn(registry: BreakerRegistry): readonly ServiceSettings[] {
  return registry.list().flatMap((circuit) => originOf(circuit)?.source.service ?? []);
}

/**
 * Works out what other settings mean for the circuits of a registry, and changes nothing yet. The result puts them in force, all at once:
 * no call and no listener sees half of it.
 *
 * @throws {ConfigurationError} where a client's options or environment cannot go together with the settings.
 */
export function planPolicies(registry: BreakerRegistry, of: PoliciesOf): () => void {
  const follows = new Map<string, readonly string[]>();
  const steps: { readonly circuit: CircuitBreaker; readonly given: BreakerInput; readonly moved: boolean }[] = [];
  for (const circuit of registry.list()) {
    const origin = originOf(circuit);
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
