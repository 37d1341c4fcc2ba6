import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { unreadable } from '../../../runtime/config/load.js';
import { type SchemaCheck, schemaCheck } from '../../../runtime/config/schema-check.js';
import { type Advice, schemaFindings } from '../../../runtime/config/schema-findings.js';
import { type ConfigSource, diagnostic, inFileOrder } from '../../../runtime/config/source.js';
import { readYaml } from '../../../runtime/config/yaml-source.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { ScenarioData, ServiceData } from './data.js';
import { SCENARIO_SCHEMA } from './schema.js';

/** A scenario that is valid by itself. The names of its services and operations are not checked yet. */
export interface ScenarioDraft {
  readonly source: ConfigSource;
  readonly data: ScenarioData;
  readonly services: ReadonlyMap<string, ServiceBlock>;
}

/** The settings of one service and their place in the file. Settings at the top of the file apply to it too. */
export interface ServiceBlock {
  readonly own: ServiceData;
  readonly path: readonly string[];
}

export interface DraftResult {
  /** Undefined if there is an error. */
  readonly draft: ScenarioDraft | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Describes the expected file in messages about an unreadable one. */
const EXPECTED = { kind: 'a YAML or CSV file', what: 'a scenario', name: 'outage.yaml' };

/** Reads and checks a scenario. Never throws because of the file's content or an unreadable file. */
export async function loadScenario(file: string, cwd: string): Promise<DraftResult> {
  const shown = file.replaceAll('\\', '/');
  const path = resolve(cwd, file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { draft: undefined, diagnostics: [await unreadable(shown, path, error, EXPECTED)] };
  }
  try {
    return parseScenario(new TextDecoder('utf-8', { fatal: true }).decode(bytes), shown);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { draft: undefined, diagnostics: [diagnostic(shown, { code: 'not-utf-8', message: 'the file is not UTF-8 text' })] };
  }
}

let check: SchemaCheck | undefined;

/** Reads and checks the text of a scenario. `file` is its name in messages. */
export function parseScenario(text: string, file: string): DraftResult {
  const { source, data, diagnostics } = readYaml(text.replace(/^\ufeff/, ''), file, '`duration:` and `traffic:`');
  if (data === undefined) return { draft: undefined, diagnostics: inFileOrder(diagnostics) };
  if (typeof data === 'object' && data !== null && ('circuit_breaker' in data || 'resilience' in data)) {
    const at = 'circuit_breaker' in data ? 'circuit_breaker' : 'resilience';
    const message = 'this is a breaker YAML, expected a scenario';
    const found = source.diagnose([at], 'key', { code: 'not-a-scenario', message, hint: 'Pass it with `--breakers`.' });
    return { draft: undefined, diagnostics: [found] };
  }
  check ??= schemaCheck(SCENARIO_SCHEMA);
  const { findings } = schemaFindings(check, data, ADVICE);
  const found = [...diagnostics, ...findings.map(({ path, anchor, ...finding }) => source.diagnose(path, anchor, finding))];
  if (found.some(({ severity }) => severity === 'error')) return { draft: undefined, diagnostics: inFileOrder(found) };
  const scenario = data as ScenarioData;
  const { service, services } = scenario;
  if ((service === undefined) === (services === undefined)) {
    const finding =
      service === undefined
        ? {
            code: 'missing-key',
            message: '`service:` is missing',
            hint: 'Write `service: ghl`, or `services:` with a mapping of services.',
          }
        : { code: 'conflicting-keys', message: '`service` and `services` are both given, expected one of them' };
    found.push(source.diagnose(service === undefined ? [] : ['services'], 'key', finding));
    return { draft: undefined, diagnostics: inFileOrder(found) };
  }
  const entries: readonly (readonly [string, ServiceBlock])[] =
    service === undefined
      ? Object.entries(services ?? {}).map(([name, own]) => [name, { own: own ?? {}, path: ['services', name] }])
      : [[service, { own: {}, path: ['service'] }]];
  return { draft: { source, data: scenario, services: new Map(entries) }, diagnostics: inFileOrder(found) };
}

/** Words that people may write instead. */
const SYNONYMS: Readonly<Record<string, string>> = {
  start: 'at',
  from: 'at',
  at_seconds: 'at',
  length: 'for',
  duration_seconds: 'duration',
  rate: 'traffic',
  rps: 'traffic',
  qps: 'traffic',
  calls_per_second: 'traffic',
  failure_rate: 'error_rate',
  error_ratio: 'error_rate',
  latency: 'latency_ms',
  error_latency: 'error_latency_ms',
  retry_after_seconds: 'retry_after',
  rate_limit: 'vendor_limit',
  requests_per_second: 'traffic',
  reset: 'network',
  period: 'per_seconds',
};

const ADVICE: Advice = {
  unknownKey(key, known) {
    const plain = key.toLowerCase().replaceAll('-', '_');
    const synonym = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
    const meant = synonym !== undefined && known.includes(synonym) ? synonym : nearest(key, known);
    if (meant !== undefined) return { hint: `Did you mean \`${meant}\`?`, meant };
    return { hint: `Known here: ${known.join(', ')}.` };
  },
  value(key, found) {
    if (key === 'error_rate' && typeof found === 'number' && found > 1 && found <= 100)
      return `Write \`${shareOf(found)}\`: a share, not percent.`;
    if (key === 'error_rate' && typeof found === 'string' && /^\d+(\.\d+)? *%$/.test(found))
      return `Write \`${shareOf(Number(found.replace(/ *%/, '')))}\`: a share, not percent.`;
    return undefined;
  },
};

/** Removes the digits that binary fractions add. */
function shareOf(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}
