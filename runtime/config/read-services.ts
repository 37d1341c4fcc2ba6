import type { BreakersConfig, NameUse, ServiceConfig } from './breakers-config.js';
import { isMapping } from './mapping.js';
import { entriesOf, isBad, type LayerReading, readLayer } from './normalize.js';
import type { YamlPath } from './pointer.js';
import { PRESETS, type PresetName } from './presets.js';
import { readAlerts } from './read-alerts.js';
import { combineForms, type ResilienceForm } from './resilience-form.js';
import { type ConfigSource, inFileOrder } from './source.js';
import type { PolicyLayer, ServiceLayers, ServicePolicies } from './types.js';

type Block = ServiceLayers & { readonly defaults?: PolicyLayer };

const BASE: YamlPath = ['circuit_breaker'];

/** Creates the configuration from checked data. `form` contains the settings of the `resilience` form. */
export function readConfig(reading: LayerReading, source: ConfigSource, data: unknown, form: ResilienceForm): BreakersConfig {
  const base = isMapping(data) ? data['circuit_breaker'] : undefined;
  const defaults = combineForms(reading, source, readDefaults(reading, base, BASE), form.defaults);
  const blocks = entriesOf(reading, isMapping(data) ? data['environments'] : undefined, ['environments']).map(([name, block]) => {
    const path = ['environments', name, 'circuit_breaker'];
    const content = isMapping(block) ? block['circuit_breaker'] : undefined;
    return { name, path, defaults: readDefaults(reading, content, path), services: new Map(servicesOf(reading, content, path)) };
  });
  const read = (name: string, content: unknown): ServiceConfig => {
    const path = [...BASE, 'services', name];
    const uses: NameUse[] = [];
    const namedAt: YamlPath[] = source.locate(path) === undefined ? [] : [path];
    const preset = readPreset(reading, content, path);
    const environments: Record<string, Block> = {};
    const written = readLevel(reading, content, path, undefined, uses);
    const own = { ...written, ...optional('service', combineForms(reading, source, written.service, form.timeouts.get(name))) };
    for (const block of blocks) {
      const at = [...block.path, 'services', name];
      if (block.services.has(name)) namedAt.push(at);
      const level = { ...optional('defaults', block.defaults), ...readLevel(reading, block.services.get(name), at, block.name, uses) };
      if (Object.keys(level).length > 0) environments[block.name] = level;
    }
    const policies: ServicePolicies = {
      ...optional('defaults', defaults),
      ...optional('preset', preset),
      ...own,
      ...(Object.keys(environments).length === 0 ? {} : { environments }),
    };
    return {
      name,
      policies,
      ...extras(reading, content, path),
      namedAt,
      uses,
      locate: (below, anchor = 'key') => source.locate([...path, ...below], anchor),
      diagnose: (below, finding, anchor = 'key') => source.diagnose([...path, ...below], anchor, finding),
    };
  };
  const services = new Map(servicesOf(reading, base, BASE).map(([name, content]) => [name, read(name, content)]));
  // A service can be configured in one environment only. The caller checks whether the service exists.
  for (const block of blocks) for (const name of block.services.keys()) if (!services.has(name)) services.set(name, read(name, undefined));
  return {
    file: source.file,
    source,
    enabled: !(isMapping(base) && base['enabled'] === false) && form.defaults?.enabled !== false,
    services,
    environments: blocks.map(({ name }) => name),
    service: (name) => services.get(name) ?? read(name, undefined),
    alerts: (environment) => readAlerts(data, environment),
    placesOf: (layer) => reading.places.get(layer),
    hints: inFileOrder(reading.hints.map(({ path, anchor, ...hint }) => source.diagnose(path, anchor, hint))),
  };
}

/** Reads the defaults. `circuit_breaker.enabled` is the default of every service. */
function readDefaults(reading: LayerReading, content: unknown, path: YamlPath): PolicyLayer | undefined {
  if (!isMapping(content)) return undefined;
  const layer = readLayer(reading, content['defaults'], [...path, 'defaults']);
  if (typeof content['enabled'] !== 'boolean' || layer?.enabled !== undefined) return layer;
  const merged = { enabled: content['enabled'], ...layer };
  reading.places.set(merged, { enabled: [...path, 'enabled'], ...(layer && reading.places.get(layer)) });
  return merged;
}

function servicesOf(reading: LayerReading, content: unknown, path: YamlPath): readonly (readonly [string, unknown])[] {
  return isMapping(content) ? entriesOf(reading, content['services'], [...path, 'services']) : [];
}

function readLevel(
  reading: LayerReading,
  content: unknown,
  path: YamlPath,
  environment: string | undefined,
  uses: NameUse[],
): ServiceLayers {
  // The values of an environment block override its preset. The preset overrides everything outside the block.
  const preset = environment === undefined ? undefined : presetOf(reading, content, path);
  const service = readLayer(reading, content, path, preset && { preset, path: [...path, 'preset'] });
  const named = (kind: NameUse['kind'], key: string): Readonly<Record<string, PolicyLayer>> | undefined => {
    const at = [...path, key];
    const layers: Record<string, PolicyLayer> = {};
    for (const [name, below] of entriesOf(reading, isMapping(content) ? content[key] : undefined, at)) {
      uses.push({ kind, name, environment, path: [...at, name] });
      const layer = readLayer(reading, below, [...at, name]);
      if (layer !== undefined) layers[name] = layer;
    }
    return Object.keys(layers).length === 0 ? undefined : layers;
  };
  return {
    ...optional('service', service),
    ...optional('resources', named('resource', 'resources')),
    ...optional('operations', named('operation', 'operations')),
  };
}

/** Reads the preset of a service. Returns a copy of its values, so that the layer has a path in this file. */
function readPreset(reading: LayerReading, content: unknown, path: YamlPath): ServicePolicies['preset'] {
  const name = presetOf(reading, content, path);
  if (name === undefined) return undefined;
  const values = { ...PRESETS[name] };
  reading.places.set(values, Object.fromEntries(Object.keys(values).map((key) => [key, [...path, 'preset']])));
  return { name, values };
}

function presetOf(reading: LayerReading, content: unknown, path: YamlPath): PresetName | undefined {
  const name = isMapping(content) ? content['preset'] : undefined;
  return typeof name === 'string' && !isBad(reading, [...path, 'preset']) ? (name as PresetName) : undefined;
}

function extras(reading: LayerReading, content: unknown, path: YamlPath): Pick<ServiceConfig, 'specs' | 'repair' | 'names'> {
  const { specs, repair, names } = isMapping(content) ? content : {};
  const usable = (value: unknown): value is string => typeof value === 'string';
  return {
    specs: typeof specs === 'string' ? [specs] : Array.isArray(specs) ? specs.filter(usable) : undefined,
    repair: repair === true,
    names: Object.fromEntries(
      entriesOf(reading, names, [...path, 'names']).filter((entry): entry is readonly [string, string] => usable(entry[1])),
    ),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
