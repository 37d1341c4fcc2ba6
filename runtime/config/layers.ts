import { BULKHEAD_MAX_CONCURRENT, POLICY_DEFAULTS, TOTAL_TIMEOUT_FACTOR } from './defaults.js';
import { environmentLayers } from './environment.js';
import { type FileLayer, layOver, type Scope } from './lay-over.js';
import type { AppliedPolicies, NamedLayer, PolicyLayer, PolicyValues, ServiceLayers, ServicePolicies } from './types.js';

/** Selects the operation and the environment of settings. */
export interface LayerQuery {
  readonly service: string;
  /** Namespace of the operation. Default: the values of the service itself, without resources and operations. */
  readonly namespace?: string;
  readonly id?: string;
  /** Name of the `environments` block. */
  readonly environment?: string | undefined;
  /** Environment variables. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Combines a file with the settings with which the client was generated. These are undefined if the client is generated from the file. */
export function over(generated: ServicePolicies | undefined, file: ServicePolicies): AppliedPolicies {
  return generated === undefined ? file : { ...file, generated };
}

/** Returns all layers that apply to an operation, lowest precedence first. */
export function layersOf(policies: AppliedPolicies, query: LayerQuery): readonly NamedLayer[] {
  const { generated } = policies;
  const file = fileLayers(policies, query);
  return [
    { origin: 'built-in default', values: POLICY_DEFAULTS },
    ...(generated === undefined ? file : layOver(fileLayers(generated, query, 'generated: '), file)),
    ...(query.env === undefined ? [] : environmentLayers(query.service, query.env)),
  ];
}

/** Returns the layers of one file, lowest precedence first. */
function fileLayers(policies: ServicePolicies, query: LayerQuery, prefix = ''): readonly FileLayer[] {
  const layers: FileLayer[] = [];
  const add = (scope: Scope, origin: string, values: PolicyLayer | undefined): void => {
    if (values !== undefined) layers.push({ scope, origin: prefix + origin, values });
  };
  const { service, namespace, id } = query;
  const addLevels = (level: ServiceLayers, block = ''): void => {
    add('service', `${block}service ${service}`, level.service);
    if (namespace !== undefined) add('resource', `${block}resource ${namespace}`, own(level.resources, namespace));
    if (id !== undefined) add('operation', `${block}operation ${id}`, own(level.operations, id));
  };
  add('defaults', 'defaults', policies.defaults);
  if (policies.preset !== undefined) add('service', `preset ${policies.preset.name}`, policies.preset.values);
  addLevels(policies);
  const block = query.environment === undefined ? undefined : own(policies.environments, query.environment);
  if (block !== undefined) {
    add('defaults', `environments.${query.environment}: defaults`, block.defaults);
    addLevels(block, `environments.${query.environment}: `);
  }
  return layers;
}

/** Merges layers; later ones override earlier ones. A bulkhead that is only turned on has the maximum of an earlier layer, or the default one. */
export function mergeLayers(layers: readonly NamedLayer[]): PolicyValues {
  const merged: { -readonly [K in keyof PolicyValues]?: PolicyValues[K] } = {};
  for (const { values } of layers)
    for (const [key, value] of Object.entries(values)) {
      if (key === 'bulkheadMaxConcurrent' && value === true) merged.bulkheadMaxConcurrent ??= BULKHEAD_MAX_CONCURRENT;
      else if (value !== undefined) Object.assign(merged, { [key]: value });
    }
  if (merged.totalTimeoutMs === undefined) merged.totalTimeoutMs = derivedTotal(merged.timeoutMs ?? null);
  return merged as PolicyValues;
}

/** Returns the effective settings of an operation. */
export function resolvePolicy(policies: AppliedPolicies, query: LayerQuery): PolicyValues {
  return mergeLayers(layersOf(policies, query));
}

/** One row of an explanation. */
export interface ExplainedValue {
  readonly key: keyof PolicyValues;
  readonly value: PolicyValues[keyof PolicyValues];
  /** The layer that sets the value. */
  readonly origin: string;
}

/** Returns every effective value and the layer that sets it, in a fixed order. */
export function explainLayers(layers: readonly NamedLayer[]): readonly ExplainedValue[] {
  const values = mergeLayers(layers);
  return (Object.keys(values) as (keyof PolicyValues)[]).map((key) => ({
    key,
    value: values[key],
    origin: layers[decidingLayer(layers, key)]?.origin ?? `derived: ${TOTAL_TIMEOUT_FACTOR} × the attempt timeout`,
  }));
}

/** Returns the index of the layer whose value applies; -1 if no layer sets it. */
export function decidingLayer(layers: readonly NamedLayer[], key: keyof PolicyValues): number {
  const last = layers.findLastIndex(({ values }) => Object.hasOwn(values, key) && values[key] !== undefined);
  if (layers[last]?.values[key] !== true || key !== 'bulkheadMaxConcurrent') return last;
  // The layer only turns the bulkhead on, so the maximum of an earlier layer applies.
  const below = decidingLayer(layers.slice(0, last), key);
  return typeof layers[below]?.values[key] === 'number' ? below : last;
}

function derivedTotal(timeoutMs: number | null): number | null {
  return timeoutMs === null ? null : timeoutMs * TOTAL_TIMEOUT_FACTOR;
}

/** Returns the names of the resources and operations that have their own settings in an environment. */
export function namesWithSettings({ generated, ...file }: AppliedPolicies, environment: string | undefined): readonly string[] {
  const files: readonly ServicePolicies[] = generated === undefined ? [file] : [generated, file];
  const levels = files.flatMap((one) => [one, environment === undefined ? undefined : own(one.environments, environment)]);
  const names = levels.flatMap((level) => [...Object.keys(level?.resources ?? {}), ...Object.keys(level?.operations ?? {})]);
  return [...new Set(names)];
}

/** Reads only own properties: keys come from users and documents, and can be inherited names such as `constructor`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
