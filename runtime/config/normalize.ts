import { isDeepStrictEqual } from 'node:util';
import { simpleWindow } from './breaker-values.js';
import { BLOCKS, BULKHEAD_KEYS, KEYS, OLD_NAMES, RATE_LIMIT_KEYS, RETRY_KEYS, seconds } from './keys.js';
import { isMapping, type Mapping } from './mapping.js';
import { toPointer, type YamlPath } from './pointer.js';
import { PRESETS, type PresetName } from './presets.js';
import { RATE_PRESETS, type RatePresetName } from './rate-presets.js';
import type { FallbackStep, PolicyLayer, PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';

/** The path at which each value of a layer is set. */
export type LayerPlaces = Partial<Record<keyof PolicyValues, YamlPath>>;

/** The layers of a file, and the paths of their values. */
export interface LayerReading {
  readonly places: Map<PolicyLayer, LayerPlaces>;
  readonly findings: PlacedFinding[];
  /** Advice about valid input. */
  readonly hints: PlacedFinding[];
  /** JSON pointers of values that are unusable. */
  readonly bad: ReadonlySet<string>;
  /** Returns the line of a value in the file. */
  readonly lineOf?: (path: YamlPath) => number | undefined;
}

type Values = { -readonly [K in keyof PolicyLayer]?: PolicyLayer[K] };

/** Replacements for unusable values. For numbers the replacement is NaN, because every comparison with NaN is false, so that no check reports it. */
const STAND_INS: Values = {
  retryEnabled: true,
  enabled: true,
  failureStatuses: [],
  ignoredStatuses: [],
  retryStatuses: [],
  fallback: [],
  follows: [],
  windowEnabled: false,
  reopenBackoffEnabled: false,
  rampEnabled: false,
  adaptiveEnabled: false,
  rateLimitEnabled: false,
  rateLimitScope: 'service',
  coalesce: false,
};

/** Returns one level of the file as a layer; undefined if it sets nothing. The values of the level override `below`, which is a preset. */
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
  const taken = new Map<keyof PolicyValues, { readonly from: Mapping; readonly path: YamlPath }>();
  const take = (key: string, setting: keyof PolicyValues, from: Mapping, at: YamlPath, convert: (value: unknown) => unknown): void => {
    const here = [...at, key];
    const bad =
      isBad(reading, here) ||
      (Array.isArray(from[key]) && key !== 'fallback' && from[key].some((_, index) => isBad(reading, [...here, index])));
    if (!Object.hasOwn(from, key) && !bad) return;
    const value = bad ? (STAND_INS[setting] ?? Number.NaN) : convert(from[key]);
    const other = taken.get(setting);
    if (other !== undefined && !bad && !(other.from === from && isDeepStrictEqual(values[setting], value))) {
      const line = reading.lineOf?.(other.path);
      const where = line === undefined ? '' : ` (line ${line})`;
      const message = `\`${key}\` and \`${other.path.at(-1)}\`${where} are two names of one setting with different values, expected only one of them`;
      reading.findings.push({ code: 'conflicting-keys', message, path: here.map(String), anchor: 'key' });
    }
    if (Object.hasOwn(OLD_NAMES, key) && Object.hasOwn(from, key)) hintAtOldName(reading, key, here);
    taken.set(setting, { from, path: here });
    Object.assign(values, { [setting]: value });
    places[setting] = here;
  };
  if (isMapping(data)) {
    for (const [key, setting, convert] of KEYS) take(key, setting, data, path, convert);
    const { retry } = data;
    if (isMapping(retry)) for (const [key, setting, convert] of RETRY_KEYS) take(key, setting, retry, [...path, 'retry'], convert);
    else take('retry', 'retryEnabled', data, path, (value) => value);
    for (const [block, enabled, keys] of BLOCKS) {
      const inner = data[block];
      if (!isMapping(inner) || isBad(reading, [...path, block])) {
        take(block, enabled, data, path, (value) => value);
        continue;
      }
      // A block turns the policy on, unless its `enabled` is false.
      values[enabled] = true;
      places[enabled] = [...path, block];
      for (const [key, setting, convert] of keys) take(key, setting, inner, [...path, block], convert);
    }
    readWindowType(data, values, places, path);
    const { bulkhead, rate_limit: rateLimit } = data;
    if (isMapping(bulkhead) && !isBad(reading, [...path, 'bulkhead'])) {
      // A block turns the bulkhead on.
      values.bulkheadMaxConcurrent = true;
      places.bulkheadMaxConcurrent = [...path, 'bulkhead'];
      for (const [key, setting, convert] of BULKHEAD_KEYS) take(key, setting, bulkhead, [...path, 'bulkhead'], convert);
    } else take('bulkhead', 'bulkheadMaxConcurrent', data, path, (value) => value === true || null);
    if (isMapping(rateLimit)) {
      const at = [...path, 'rate_limit'];
      const preset = isBad(reading, [...at, 'preset']) ? undefined : RATE_PRESETS[rateLimit['preset'] as RatePresetName];
      // A mapping turns the rate limit on. The other keys override the preset.
      for (const [key, value] of Object.entries({ rateLimitEnabled: true, ...preset }) as [keyof PolicyValues, never][]) {
        values[key] = value;
        places[key] = preset === undefined ? at : [...at, 'preset'];
      }
      for (const [key, setting, convert] of RATE_LIMIT_KEYS) take(key, setting, rateLimit, at, convert);
    } else take('rate_limit', 'rateLimitEnabled', data, path, (value) => value);
    take('coalesce', 'coalesce', data, path, (value) => value);
    take('fallback', 'fallback', data, path, (value) => readFallback(reading, value, [...path, 'fallback']));
  }
  if (Object.keys(values).length === 0) return undefined;
  reading.places.set(values, places);
  return values;
}

/** Adds a hint about an old name, once per name. */
function hintAtOldName(reading: LayerReading, key: string, path: YamlPath): void {
  if (reading.hints.some(({ path: there }) => there.at(-1) === key)) return;
  reading.hints.push({
    severity: 'hint',
    code: 'key-without-unit',
    message: `\`${key}\` is an old name that does not say its unit`,
    hint: `\`${OLD_NAMES[key]}\` means the same.`,
    path: path.map(String),
    anchor: 'key',
  });
}

/** Derives the type of the window from `size` or `duration_seconds`. `window_size` next to the thresholds means a window that counts failures. */
function readWindowType(data: Mapping, values: Values, places: LayerPlaces, path: YamlPath): void {
  const block = data['sliding_window'];
  if (isMapping(block) && values.windowType === undefined) {
    if (values.windowSize !== undefined) values.windowType = 'count';
    else if (values.windowMs !== undefined) values.windowType = 'time';
    if (values.windowType !== undefined) places.windowType = [...path, 'sliding_window'];
  }
  if (!Object.hasOwn(data, 'window_size') || values.windowSize === undefined) return;
  for (const [key, value] of Object.entries(simpleWindow(values.windowSize)) as [keyof PolicyValues, never][]) {
    if (values[key] !== undefined) continue;
    values[key] = value;
    places[key] = [...path, 'window_size'];
  }
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

/** Returns the usable entries of a mapping whose keys are names chosen by the user. */
export function entriesOf(reading: LayerReading, data: unknown, path: YamlPath): readonly (readonly [string, unknown])[] {
  if (!isMapping(data)) return [];
  return Object.entries(data).filter(([name]) => !isBad(reading, [...path, name]));
}
