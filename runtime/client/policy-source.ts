import { environmentLayers } from '../config/environment.js';
import { layersOf, mergeLayers, type NamedLayer } from '../config/layers.js';
import type { PolicyLayer, PolicyValues, ServicePolicies } from '../config/types.js';
import { reconcileTimeouts } from '../options/time-limits.js';
import type { Operation } from './descriptor.js';
import type { ServiceDefinition } from './options.js';

/** Which operation, as far as its settings are concerned. */
export type OperationName = Pick<Operation, 'namespace' | 'id'>;

/**
 * Where a client's settings come from: all of it that outlives a reload. It holds no token and no call, so that a circuit may keep the
 * source of its thresholds although the client is long gone.
 */
export class PolicySource {
  constructor(
    readonly service: ServiceDefinition,
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

  /** Weakest first; `policies` are the file's. */
  layers(policies: ServicePolicies, operation: OperationName): readonly NamedLayer[] {
    const { environment, env, layer } = this;
    const { namespace, id } = operation;
    return [
      ...layersOf(policies, { service: this.service.name, namespace, id, environment, env }),
      { origin: 'client options', values: layer },
    ];
  }

  policy(policies: ServicePolicies, operation: OperationName): PolicyValues {
    const layers = this.layers(policies, operation);
    return reconcileTimeouts(mergeLayers(layers), layers);
  }
}
