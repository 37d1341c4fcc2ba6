import { POLICY_DEFAULTS, TOTAL_TIMEOUT_FACTOR } from './defaults.js';
import { environmentLayers } from './environment.js';
import type { NamedLayer, PolicyLayer, PolicyValues, ServicePolicies } from './types.js';

/** Which operation, in which surroundings. */
export interface LayerQuery {
  readonly service: string;
  /** Left out: the service's own values, without resources and operations. */
  readonly namespace?: string;
  readonly id?: string;
  /** Name of the `environments` block. */
  readonly environment?: string | undefined;
  /** Environment variables; left out: none are read. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** All layers that hold for an operation, weakest first. */
export function layersOf(policies: ServicePolicies, query: LayerQuery): readonly NamedLayer[] {
  const layers: NamedLayer[] = [{ origin: 'built-in default', values: POLICY_DEFAULTS }];
  const add = (origin: string, values: PolicyLayer | undefined): void => {
    if (values !== undefined) layers.push({ origin, values });
  };
  const { service, namespace, id } = query;
  add('defaults', policies.defaults);
  if (policies.preset !== undefined) add(`preset ${policies.preset.name}`, policies.preset.values);
  const block = query.environment === undefined ? undefined : own(policies.environments, query.environment);
  const levels: readonly [string, typeof policies | typeof block][] = [
    ['', policies],
    [`environments.${query.environment}: `, block],
  ];
  for (const [prefix, level] of levels) {
    if (level === undefined) continue;
    if (level === block) add(`${prefix}defaults`, level.defaults);
    add(`${prefix}service ${service}`, level.service);
    if (namespace !== undefined) add(`${prefix}resource ${namespace}`, own(level.resources, namespace));
    if (id !== undefined) add(`${prefix}operation ${id}`, own(level.operations, id));
  }
  if (query.env !== undefined) layers.push(...environmentLayers(service, query.env));
  return layers;
}

/** Merges layers, the later the stronger. */
export function mergeLayers(layers: readonly NamedLayer[]): PolicyValues {
  const merged: { -readonly [K in keyof PolicyValues]?: PolicyValues[K] } = {};
  for (const { values } of layers)
    for (const [key, value] of Object.entries(values)) if (value !== undefined) Object.assign(merged, { [key]: value });
  if (merged.totalTimeoutMs === undefined) merged.totalTimeoutMs = derivedTotal(merged.timeoutMs ?? null);
  return merged as PolicyValues;
}

/** The settings that hold for an operation. */
export function resolvePolicy(policies: ServicePolicies, query: LayerQuery): PolicyValues {
  return mergeLayers(layersOf(policies, query));
}

/** One row of an explanation. */
export interface ExplainedValue {
  readonly key: keyof PolicyValues;
  readonly value: PolicyValues[keyof PolicyValues];
  /** The layer that decided. */
  readonly origin: string;
}

/** Every effective value and the layer it comes from, in a fixed order. */
export function explainLayers(layers: readonly NamedLayer[]): readonly ExplainedValue[] {
  const values = mergeLayers(layers);
  return (Object.keys(values) as (keyof PolicyValues)[]).map((key) => ({
    key,
    value: values[key],
    origin: layers.findLast((layer) => layer.values[key] !== undefined)?.origin ?? `derived: ${TOTAL_TIMEOUT_FACTOR} × the attempt timeout`,
  }));
}

function derivedTotal(timeoutMs: number | null): number | null {
  return timeoutMs === null ? null : timeoutMs * TOTAL_TIMEOUT_FACTOR;
}

/** Keys come from users and documents: an inherited name such as `constructor` is no layer. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
