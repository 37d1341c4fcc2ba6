import { seconds } from './keys.js';
import { KnownNames } from './known-names.js';
import { isMapping } from './mapping.js';
import { isBad, type LayerPlaces, type LayerReading, readLayer } from './normalize.js';
import { toPointer, type YamlPath } from './pointer.js';
import { quote } from './quote.js';
import type { ConfigSource } from './source.js';
import type { PolicyLayer, PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';

const BASE = 'resilience';

/** The alternative form of the file: one block of settings for all services, and a timeout per service by name. */
export interface ResilienceForm {
  /** `circuit_breaker`, `retry` and `timeout.default`. They apply to every service. */
  readonly defaults: PolicyLayer | undefined;
  /** Timeouts by service, in file order, without `default`. */
  readonly timeouts: ReadonlyMap<string, PolicyLayer>;
}

/**
 * Reads `resilience: { circuit_breaker, retry, timeout }`. `circuit_breaker`, `retry` and `timeout.default` correspond to `circuit_breaker.defaults`
 * of the other form. Any other name below `timeout` is the `timeout_seconds` of that service.
 */
export function readResilience(reading: LayerReading, data: unknown): ResilienceForm {
  const content = isMapping(data) ? data[BASE] : undefined;
  const timeouts = new Map<string, PolicyLayer>();
  if (!isMapping(content)) return { defaults: undefined, timeouts };
  const { timeout, retry } = content;
  let standard: PolicyLayer | undefined;
  for (const [name, value] of isMapping(timeout) ? Object.entries(timeout) : []) {
    const path = [BASE, 'timeout', name];
    const layer: PolicyLayer = { timeoutMs: isBad(reading, path) ? Number.NaN : (seconds(value) as number | null) };
    reading.places.set(layer, { timeoutMs: path });
    if (name === 'default') standard = layer;
    else timeouts.set(name, layer);
  }
  const blocks = [
    readLayer(reading, content['circuit_breaker'], [BASE, 'circuit_breaker']),
    retry === undefined ? undefined : readLayer(reading, { retry }, [BASE]),
    standard,
  ];
  return { defaults: blocks.reduce((merged, layer) => joined(reading, merged, layer), undefined), timeouts };
}

/**
 * Combines the settings of both forms for one level. A file can contain both forms, and the same value twice. Different values are an error, placed
 * at `resilience`, because neither form overrides the other.
 */
export function combineForms(
  reading: LayerReading,
  source: ConfigSource,
  plain: PolicyLayer | undefined,
  other: PolicyLayer | undefined,
): PolicyLayer | undefined {
  if (plain === undefined || other === undefined) return plain ?? other;
  const [here, there] = [reading.places.get(other), reading.places.get(plain)];
  for (const key of Object.keys(other) as (keyof PolicyValues)[]) {
    const [path, rival] = [here?.[key], there?.[key]];
    if (path === undefined || rival === undefined || isBad(reading, path) || isBad(reading, rival)) continue;
    if (JSON.stringify(plain[key]) === JSON.stringify(other[key])) continue;
    reading.findings.push({
      code: 'conflicting-forms',
      message: `${shown(path)} is another value than ${shown(rival)} in line ${source.locate(rival)?.line}, expected both forms to agree`,
      hint: 'Keep one of the two.',
      path: path.map(String),
      anchor: 'key',
    });
  }
  return joined(reading, other, plain);
}

/** Finds names below `resilience.timeout` that are not services. Reported as hints, because settings of other systems can be there. */
export function checkTimeoutNames(form: ResilienceForm, services: Iterable<string>): readonly PlacedFinding[] {
  const known = new KnownNames(['default', ...services]);
  return [...form.timeouts.keys()].flatMap((name): PlacedFinding[] => {
    if (known.has(name)) return [];
    return [
      {
        severity: 'warning',
        code: 'unknown-timeout',
        message: `there is no service ${quote(name)}, so this timeout has no effect; expected ${known.list('default')}`,
        hint: known.meant(name) ?? 'A service is known by its name below `circuit_breaker.services`; an empty entry is enough.',
        path: [BASE, 'timeout', name],
        anchor: 'key',
      },
    ];
  });
}

/** Merges two layers. The second overrides the first. */
function joined(reading: LayerReading, first: PolicyLayer | undefined, second: PolicyLayer | undefined): PolicyLayer | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const layer = { ...first, ...second };
  const places: LayerPlaces = { ...reading.places.get(first), ...reading.places.get(second) };
  reading.places.set(layer, places);
  return layer;
}

function shown(path: YamlPath): string {
  return `\`${toPointer(path).slice(1).replaceAll('/', '.')}\``;
}
