import { alertBlocks } from './alert-secrets.js';
import type { AlertRules, AlertSettings, ChannelSettings, RuleValues } from './alert-types.js';
import { seconds } from './keys.js';
import { isMapping } from './mapping.js';

type Mapping = Readonly<Record<string, unknown>>;

const RULES: readonly (readonly [string, keyof RuleValues])[] = [
  ['circuit_open', 'circuitOpen'],
  ['circuit_open_long', 'circuitOpenLong'],
  ['low_success_rate', 'lowSuccessRate'],
  ['circuit_half_open', 'circuitHalfOpen'],
  ['circuit_recovered', 'circuitRecovered'],
];

/** The settings of keys whose setting is not the key in camel case. */
const NAMES: Readonly<Record<string, string>> = {
  after_seconds: 'afterMs',
  window_seconds: 'windowMs',
  timeout_seconds: 'timeoutMs',
  cooldown_seconds: 'cooldownMs',
  check_interval_seconds: 'checkIntervalMs',
};

/**
 * Returns the effective `alerts` block of checked data in an environment: the block at the top level, overridden by that of the environment. Rules,
 * services and channels are merged key by key. Undefined if there is neither.
 */
export function readAlerts(data: unknown, environment: string | undefined): AlertSettings | undefined {
  const layers = alertBlocks(data)
    .filter((each) => each.environment === undefined || each.environment === environment)
    .map(({ block }) => block)
    .filter(isMapping);
  if (layers.length === 0) return undefined;
  const names = new Set(layers.flatMap(({ services }) => (isMapping(services) ? Object.keys(services) : [])));
  const rulesFor = (service?: string): AlertRules =>
    layers.reduce<AlertRules>(
      (merged, layer) => mergeRules(mergeRules(merged, layer['rules']), own(own(layer['services'], service), 'rules')),
      {},
    );
  const { enabled, cooldown_seconds, group_by, check_interval_seconds, dashboard_url, runbook_url } = Object.assign(
    {},
    ...layers,
  ) as Mapping;
  return {
    ...settings({ cooldown_seconds, group_by, check_interval_seconds, dashboard_url, runbook_url }),
    enabled: enabled !== false,
    rules: rulesFor(),
    services: Object.fromEntries([...names].map((name) => [name, rulesFor(name)])),
    channels: Object.fromEntries(
      [...mergedChannels(layers)].flatMap(([name, channel]) =>
        channel === false ? [] : [[name, settings(channel) as unknown as ChannelSettings]],
      ),
    ),
  };
}

/**
 * Merges the channels of all layers by name; later layers override earlier ones. `false` means that the last layer that names a channel turns it off.
 */
export function mergedChannels(layers: readonly unknown[]): ReadonlyMap<string, Mapping | false> {
  const merged = new Map<string, Mapping | false>();
  for (const layer of layers) {
    const channels = own(layer, 'channels');
    for (const [name, given] of isMapping(channels) ? Object.entries(channels) : []) {
      if (isMapping(given)) merged.set(name, { ...(merged.get(name) || undefined), ...given });
      else if (given === false) merged.set(name, false);
    }
  }
  return merged;
}

function mergeRules(weaker: AlertRules, data: unknown): AlertRules {
  if (!isMapping(data)) return weaker;
  const merged: Record<string, unknown> = { ...weaker };
  for (const [key, name] of RULES) {
    const given = data[key];
    const before = merged[name];
    // The settings of a rule are kept while it is off, and apply again after `true`.
    if (isMapping(given)) merged[name] = { ...(isMapping(before) ? before : {}), ...settings(given) };
    else if (given === false || (given === true && !isMapping(before))) merged[name] = given;
  }
  return merged as AlertRules;
}

/** Converts snake case and seconds to camel case and milliseconds. Missing values are omitted. */
function settings(data: Mapping): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const name = NAMES[key] ?? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [[name, name.endsWith('Ms') ? seconds(value) : value]];
    }),
  );
}

function own(data: unknown, key: string | undefined): unknown {
  return key !== undefined && isMapping(data) && Object.hasOwn(data, key) ? data[key] : undefined;
}
