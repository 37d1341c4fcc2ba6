import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { type BreakerInput, breakerOptions } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { configure } from '../../policies/circuit-breaker/tuning.js';
import { breakerInput } from '../breaker-values.js';
import { checkTimeouts } from '../timeouts.js';
import type { PolicyValues, ServiceSettings } from '../types.js';
import { livePolicies, originOf, type PoliciesOf } from './live-policies.js';

/** Returns the current settings of a circuit. Undefined if no client created the circuit. */
export function policyOf(registry: BreakerRegistry, circuit: CircuitBreaker): PolicyValues | undefined {
  const origin = originOf(circuit);
  return origin?.source.policy(livePolicies(registry).of(origin.source.service), origin.operation);
}

/** Returns the services whose clients have used a registry. */
export function servicesIn(registry: BreakerRegistry): readonly ServiceSettings[] {
  return registry.list().flatMap((circuit) => originOf(circuit)?.source.service ?? []);
}

/**
 * Computes the effect of new settings on the circuits of a registry without changing anything. The returned function applies all changes together, so
 * that no call and no listener sees only some of them.
 *
 * @throws {ConfigurationError} if a client's options or environment contradict the settings.
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
    // Values that are valid in each layer can contradict each other. Checked here, before anything is changed.
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
        // If the scope changed, the old circuit gets no more calls. The new circuits continue from it.
        if (moved) registry.forget(circuit);
        else configure(circuit, given);
      }
      follow();
    });
}
