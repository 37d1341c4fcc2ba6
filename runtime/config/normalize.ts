import { toPointer, type YamlPath } from './pointer.js';
import { PRESETS, type PresetName } from './presets.js';
import type { FallbackStep, PolicyLayer, PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';

/** Where each value of a layer was set. */
export type LayerPlaces = Partial<Record<keyof PolicyValues, YamlPath>>;

/** Layers made from the file, and where their values stand in it. */
export interface LayerReading {
  readonly places: Map<PolicyLayer, LayerPlaces>;
  readonly findings: PlacedFinding[];
  /** JSON pointers of values that are not known. */
  readonly bad: ReadonlySet<string>;
}

type Values = { -readonly [K in keyof PolicyValues]?: PolicyValues[K] };
type Mapping = Readonly<Record<string, unknown>>;

/** Seconds of the file as milliseconds; what is no number (`false`, nothing) means no limit. */
export const seconds = (value: unknown): unknown => (typeof value === 'number' ? Math.round(value * 1_000_000) / 1_000 : null);
const asIs = (value: unknown): unknown => value;

/** YAML key, setting, conversion. Keys of one setting are other names of it. */
const KEYS: readonly (readonly [string, keyof PolicyValues, (value: unknown) => unknown])[] = [
  ['enabled', 'enabled', asIs],
  ['failure_threshold', 'failureThreshold', asIs],
  ['success_threshold', 'successThreshold', asIs],
  ['recovery_timeout', 'recoveryTimeoutMs', seconds],
  ['recovery_timeout_seconds', 'recoveryTimeoutMs', seconds],
  ['reset_timeout', 'recoveryTimeoutMs', seconds],
  ['half_open_max_calls', 'halfOpenMaxCalls', asIs],
  ['timeout_seconds', 'timeoutMs', seconds],
  ['total_timeout_seconds', 'totalTimeoutMs', seconds],
  ['scope', 'scope', asIs],
  ['idempotent', 'idempotent', asIs],
  ['failure_statuses', 'failureStatuses', asIs],
  ['ignored_statuses', 'ignoredStatuses', asIs],
];

const RETRY_KEYS: typeof KEYS = [
  ['enabled', 'retryEnabled', asIs],
  ['max_attempts', 'maxAttempts', asIs],
  ['max_retries', 'maxAttempts', (value) => Number(value) + 1],
  ['base_delay', 'baseDelayMs', seconds],
  ['max_delay', 'maxDelayMs', seconds],
  ['exponential_base', 'exponentialBase', asIs],
  ['jitter', 'jitter', asIs],
  ['max_retry_after', 'maxRetryAfterMs', seconds],
  ['statuses', 'retryStatuses', asIs],
];

/** Where what the file says is unusable, these stand in; for a number NaN does, which no comparison finds fault with. */
const STAND_INS: Values = { retryEnabled: true, enabled: true, failureStatuses: [], ignoredStatuses: [], retryStatuses: [], fallback: [] };

/** One level of the file as a layer; undefined where it sets nothing. `below` is weaker: a preset. */
export function readLayer(
  reading: LayerReading,
  data: unknown,
  path: YamlPath,
  below?: { readonly preset: PresetName; readonly path: YamlPath },
): PolicyLayer | undefined {
  const values: Values = {};
  const places: LayerPlaces = {};
  if (below !== undefined) {
    Object.assign(values, PRESETS[below.preset]);
    for (const key of Object.keys(values) as (keyof PolicyValues)[]) places[key] = below.path;
  }
  const taken = new Map<keyof PolicyValues, string>();
  const take = (key: string, setting: keyof PolicyValues, from: Mapping, at: YamlPath, convert: (value: unknown) => unknown): void => {
    const here = [...at, key];
    const bad =
      isBad(reading, here) ||
      (Array.isArray(from[key]) && key !== 'fallback' && from[key].some((_, index) => isBad(reading, [...here, index])));
    if (!Object.hasOwn(from, key) && !bad) return;
    const other = taken.get(setting);
    if (other !== undefined && !bad) {
      const message = `\`${key}\` and \`${other}\` are two names of one setting, expected only one of them`;
      reading.findings.push({ code: 'conflicting-keys', message, path: here.map(String), anchor: 'key' });
    }
    taken.set(setting, key);
    Object.assign(values, { [setting]: bad ? (STAND_INS[setting] ?? Number.NaN) : convert(from[key]) });
    places[setting] = here;
  };
  if (isMapping(data)) {
    for (const [key, setting, convert] of KEYS) take(key, setting, data, path, convert);
    const { retry } = data;
    if (isMapping(retry)) for (const [key, setting, convert] of RETRY_KEYS) take(key, setting, retry, [...path, 'retry'], convert);
    else take('retry', 'retryEnabled', data, path, asIs);
    take('fallback', 'fallback', data, path, (value) => readFallback(reading, value, [...path, 'fallback']));
  }
  if (Object.keys(values).length === 0) return undefined;
  reading.places.set(values, places);
  return values;
}

function readFallback(reading: LayerReading, value: unknown, path: YamlPath): readonly FallbackStep[] {
  const steps = value === false ? [] : Array.isArray(value) ? value : [value];
  return steps.flatMap((step: unknown, index): FallbackStep[] => {
    const here = Array.isArray(value) ? [...path, index] : path;
    if (!isMapping(step) || isBad(reading, here)) return [];
    if (!('last_good' in step)) return 'value' in step ? [{ kind: 'value', value: step['value'] }] : [];
    const options = step['last_good'];
    const age = isMapping(options) ? options['max_age_seconds'] : undefined;
    return [{ kind: 'lastGood', maxAgeMs: seconds(age) as number | null }];
  });
}

export function isBad(reading: LayerReading, path: YamlPath): boolean {
  return reading.bad.has(toPointer(path));
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entries of a mapping of the user's own names that are usable. */
export function entriesOf(reading: LayerReading, data: unknown, path: YamlPath): readonly (readonly [string, unknown])[] {
  if (!isMapping(data)) return [];
  return Object.entries(data).filter(([name]) => !isBad(reading, [...path, name]));
}
