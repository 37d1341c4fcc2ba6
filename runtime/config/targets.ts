import type { BreakersConfig, ServiceConfig } from './breakers-config.js';
import { layersOf, mergeLayers } from './layers.js';
import type { YamlPath } from './pointer.js';
import type { NamedLayer, PolicyValues } from './types.js';

/** What decided a value. */
export interface Setter {
  /** Of the layer among all layers, weakest first. */
  readonly strength: number;
  readonly origin: string;
  /** Undefined: not set in the file. */
  readonly path: YamlPath | undefined;
}

/** One service, resource or operation in one environment, with the values that hold there. */
export interface Target {
  /** `ghl contacts.get in production`. */
  readonly title: string;
  readonly layers: readonly NamedLayer[];
  readonly values: PolicyValues;
  /** Who set a value; undefined where it is derived from another one. */
  setter(key: keyof PolicyValues): Setter | undefined;
}

/** Everything that the file names of a service, without an environment and in each of them. */
export function targetsOf(config: BreakersConfig, service: ServiceConfig): readonly Target[] {
  const names = new Map(service.uses.map(({ kind, name }) => [`${kind} ${name}`, { kind, name }]));
  return [undefined, ...config.environments].flatMap((environment) => [
    target(config, service, environment),
    ...[...names.values()].map(({ kind, name }) => target(config, service, environment, kind, name)),
  ]);
}

function target(
  config: BreakersConfig,
  service: ServiceConfig,
  environment: string | undefined,
  kind?: 'resource' | 'operation',
  name = '',
): Target {
  const layers = layersOf(service.policies, {
    service: service.name,
    environment,
    ...(kind === undefined ? {} : { namespace: name.split('.')[0] ?? '' }),
    ...(kind === 'operation' ? { id: name } : {}),
  });
  return {
    title: `${service.name}${name === '' ? '' : ` ${name}`}${environment === undefined ? '' : ` in ${environment}`}`,
    layers,
    values: mergeLayers(layers),
    setter: (key) => setterOf(config, layers, key),
  };
}

/** The strongest layer that sets a value. */
export function setterOf(config: BreakersConfig, layers: readonly NamedLayer[], key: keyof PolicyValues): Setter | undefined {
  const strength = layers.findLastIndex(({ values }) => values[key] !== undefined);
  const layer = layers[strength];
  return layer && { strength, origin: layer.origin, path: config.placesOf(layer.values)?.[key] };
}
