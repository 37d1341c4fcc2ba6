import type { BreakersConfig, ServiceConfig } from './breakers-config.js';
import { decidingLayer, layersOf, mergeLayers, over } from './layers.js';
import type { YamlPath } from './pointer.js';
import type { AppliedPolicies, NamedLayer, PolicyValues, ServicePolicies } from './types.js';

/** The origin of an effective value. */
export interface Setter {
  /** Index of the layer among all layers, lowest precedence first. */
  readonly strength: number;
  readonly origin: string;
  /** Undefined if not set in the file. */
  readonly path: YamlPath | undefined;
}

/** One service, resource or operation in one environment, with its effective values. */
export interface Target {
  /** Name in messages, such as `ghl contacts.get in production`. */
  readonly title: string;
  readonly layers: readonly NamedLayer[];
  readonly values: PolicyValues;
  /** True if the file overrides the settings with which a client was generated. */
  readonly isLayer: boolean;
  /** Returns the origin of a value. Undefined if the value is derived from another one. */
  setter(key: keyof PolicyValues): Setter | undefined;
}

/** Returns everything that the file names of a service, without an environment and in each environment. */
export function targetsOf(
  config: BreakersConfig,
  service: ServiceConfig,
  generated?: (service: string) => ServicePolicies | undefined,
): readonly Target[] {
  const from: TargetSource = {
    config,
    service,
    policies: over(generated?.(service.name), service.policies),
    isLayer: generated !== undefined,
  };
  const names = new Map(service.uses.map(({ kind, name }) => [`${kind} ${name}`, { kind, name }]));
  return [undefined, ...config.environments].flatMap((environment) => [
    target(from, environment),
    ...[...names.values()].map(({ kind, name }) => target(from, environment, kind, name)),
  ]);
}

interface TargetSource {
  readonly config: BreakersConfig;
  readonly service: ServiceConfig;
  readonly policies: AppliedPolicies;
  readonly isLayer: boolean;
}

function target(
  { config, service, policies, isLayer }: TargetSource,
  environment: string | undefined,
  kind?: 'resource' | 'operation',
  name = '',
): Target {
  const layers = layersOf(policies, {
    service: service.name,
    environment,
    ...(kind === undefined ? {} : { namespace: name.split('.')[0] ?? '' }),
    ...(kind === 'operation' ? { id: name } : {}),
  });
  return {
    title: `${service.name}${name === '' ? '' : ` ${name}`}${environment === undefined ? '' : ` in ${environment}`}`,
    layers,
    values: mergeLayers(layers),
    isLayer,
    setter: (key) => setterOf(config, layers, key),
  };
}

/** Returns the layer with the highest precedence that sets a value. */
export function setterOf(config: BreakersConfig, layers: readonly NamedLayer[], key: keyof PolicyValues): Setter | undefined {
  const strength = decidingLayer(layers, key);
  const layer = layers[strength];
  return layer && { strength, origin: layer.origin, path: config.placesOf(layer.written ?? layer.values)?.[key] };
}
