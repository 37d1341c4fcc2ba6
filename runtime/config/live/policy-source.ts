import { environmentLayers } from '../environment.js';
import { layersOf, mergeLayers } from '../layers.js';
import { reconcileTimeouts } from '../timeouts.js';
import type { AppliedPolicies, NamedLayer, OperationName, PolicyLayer, PolicyValues, ServiceSettings } from '../types.js';

/**
 * Where a client's settings come from: all of it that outlives a reload. It holds no token and no call, so that a circuit may keep the
 * source of its thresholds although the client is long gone.
 */
export class PolicySource {
  constructor(
    readonly service: ServiceSettings,
    /** The client's options. */
    readonly layer: PolicyLayer,
    readonly environment: string | undefined,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** @throws {ConfigurationError} where an environment variable cannot be read. */
  checkEnvironment(): void {
    // Most clients set none, and need not wait for what only their first call would find.
    if (Object.keys(this.env).length > 0) environmentLayers(this.service.name, this.env);
  }

  /** Weakest first. */
  layers(policies: AppliedPolicies, operation: OperationName): readonly NamedLayer[] {
    const { environment, env, layer } = this;
    const { namespace, id } = operation;
    return [
      ...layersOf(policies, { service: this.service.name, namespace, id, environment, env }),
      { origin: 'client options', values: layer },
    ];
  }

  policy(policies: AppliedPolicies, operation: OperationName): PolicyValues {
    const layers = this.layers(policies, operation);
    return reconcileTimeouts(mergeLayers(layers), layers);
  }
}
