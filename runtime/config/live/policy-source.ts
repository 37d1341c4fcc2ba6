import { environmentLayers } from '../environment.js';
import { layersOf, mergeLayers } from '../layers.js';
import { reconcileTimeouts } from '../timeouts.js';
import type { AppliedPolicies, NamedLayer, OperationName, PolicyLayer, PolicyValues, ServiceSettings } from '../types.js';

/**
 * The sources of a client's settings that a reload does not change. It contains no token and no call, so that a circuit can keep it after the client
 * no longer exists.
 */
export class PolicySource {
  constructor(
    readonly service: ServiceSettings,
    /** The client's options. */
    readonly layer: PolicyLayer,
    readonly environment: string | undefined,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** @throws {ConfigurationError} if an environment variable is invalid. */
  checkEnvironment(): void {
    // Without variables there is nothing to check.
    if (Object.keys(this.env).length > 0) environmentLayers(this.service.name, this.env);
  }

  /** Returns the layers of an operation, lowest precedence first. */
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
