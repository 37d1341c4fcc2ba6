import { nearest } from '../errors/nearest.js';
import { fromPointer, toPointer } from './pointer.js';
import { quote } from './quote.js';
import type { SchemaCheck, SchemaError } from './schema-check.js';
import { expectation } from './schema-kinds.js';
import type { Finding } from './source.js';

/** A finding and its path. */
export interface PlacedFinding extends Finding {
  readonly path: readonly string[];
  readonly anchor: 'key' | 'value';
}

export interface Validation {
  readonly findings: readonly PlacedFinding[];
  /** JSON pointers of settings without a usable value: the value is invalid, or a misspelt key was probably intended to set it. */
  readonly bad: ReadonlySet<string>;
}

/** The advice for one kind of file. */
export interface Advice {
  /** Returns a hint about an unknown key, and the known key that was probably intended. */
  unknownKey(key: string, known: readonly string[]): { readonly hint: string; readonly meant?: string };
  /** Returns a hint about an invalid value; undefined if the message of the schema is sufficient. */
  value(key: string, found: unknown): string | undefined;
}

/** Checks data against a schema whose `errorMessage`s describe the expected values. Returns one finding per invalid value. */
export function schemaFindings(check: SchemaCheck, data: unknown, advice: Advice): Validation {
  const found = check(data);
  if (found.length === 0) return { findings: [], bad: new Set() };
  const findings = new Map<string, PlacedFinding>();
  const bad = new Set<string>();
  // Errors about keys come first: a mapping with an unknown key gets no second finding about the number of its keys.
  const errors = [...found].sort((a, b) => Number(isAboutKey(b)) - Number(isAboutKey(a)));
  const withUnknownKeys = new Set<string>();
  for (const error of errors) {
    const path = fromPointer(error.instancePath);
    const key = keyOf(error);
    // The error inside these keywords is reported separately.
    if (error.keyword === 'propertyNames' || error.keyword === 'anyOf') continue;
    if (key !== undefined) {
      withUnknownKeys.add(error.instancePath);
      const at = [...path, key];
      const finding = error.propertyName === undefined ? unknownKey(path, key, error, advice) : badName(path, key, error);
      if (!findings.has(toPointer(at))) findings.set(toPointer(at), { ...finding, path: at, anchor: 'key' });
      if (finding.meant !== undefined) bad.add(toPointer([...path, finding.meant]));
      bad.add(toPointer(at));
    } else if (error.keyword === 'required') {
      const missing = String(error.params['missingProperty']);
      // Either of the two forms is valid. The message names the first.
      if (!withUnknownKeys.has(error.instancePath) && !findings.has(`${error.instancePath}/?`))
        findings.set(`${error.instancePath}/?`, { ...missingKey(path, missing), path, anchor: 'key' });
      if (path.length > 0) bad.add(error.instancePath);
    } else if (!findings.has(error.instancePath) && !withUnknownKeys.has(error.instancePath)) {
      findings.set(error.instancePath, { ...badValue(path, error, advice), path, anchor: 'value' });
      bad.add(error.instancePath);
    }
  }
  return { findings: [...findings.values()], bad };
}

function isAboutKey(error: SchemaError): boolean {
  return keyOf(error) !== undefined;
}

function keyOf(error: SchemaError): string | undefined {
  if (error.propertyName !== undefined) return error.propertyName;
  return error.keyword === 'additionalProperties' ? String(error.params['additionalProperty']) : undefined;
}

function unknownKey(
  path: readonly string[],
  key: string,
  error: SchemaError,
  advice: Advice,
): Finding & { readonly meant?: string | undefined } {
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const { hint, meant } = advice.unknownKey(key, known);
  return { code: 'unknown-key', message: `unknown key ${name(key)} in ${place(path)}`, hint, meant };
}

function badName(path: readonly string[], key: string, error: SchemaError): Finding & { readonly meant?: undefined } {
  const expected = expectation(error.parentSchema) ?? 'another name';
  return { code: 'bad-name', message: `${quote(key)} cannot be a key of ${place(path)}, expected ${expected}` };
}

function missingKey(path: readonly string[], missing: string): Finding {
  const where = path.length === 0 ? 'at the top of the file' : `in ${place(path)}`;
  return { code: 'missing-key', message: `\`${missing}:\` is missing, expected it ${where}` };
}

function badValue(path: readonly string[], error: SchemaError, advice: Advice): Finding {
  const expected = expectation(error.parentSchema) ?? 'another value';
  const found = error.data;
  // A file that consists of one text can be a file with a secret, given by mistake.
  const shown = path.length === 0 && typeof found === 'string' ? 'one text' : show(found);
  const message = `${label(path)} is ${shown}, expected ${expected}`;
  return { code: 'bad-value', message, hint: advice.value(path.at(-1) ?? '', found) ?? valueHint(path.at(-1) ?? '', found, error) };
}

function valueHint(key: string, found: unknown, error: SchemaError): string | undefined {
  const { type, enum: allowed } = (error.parentSchema ?? {}) as { type?: string | string[]; enum?: string[] };
  if (typeof found === 'string' && allowed !== undefined) {
    const meant = nearest(found, allowed);
    return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
  }
  const wants = (name: string): boolean => [type].flat().includes(name);
  if (typeof found === 'string' && (wants('number') || wants('integer'))) return numberHint(key, found);
  if (typeof found === 'string' && wants('boolean')) {
    if (/^(y|yes|on|true)$/i.test(found)) return 'Write `true`, without quotes.';
    if (/^(n|no|off|false)$/i.test(found)) return 'Write `false`, without quotes.';
  }
  if (typeof found === 'string' && wants('object')) return missingColonHint(found, error);
  if (typeof found === 'number' && key.endsWith('statuses')) return `Write a list: \`[${found}]\`.`;
  return undefined;
}

/** Returns a hint for `failure_threshold 5` and `failure_threshold:5`, which YAML reads as a text. */
function missingColonHint(found: string, { parentSchema }: SchemaError): string | undefined {
  const [, key, value] = /^(\w+)(?: *:|\s+)([\w.]{1,20})$/.exec(found) ?? [];
  return key === undefined || !Object.hasOwn(Object(parentSchema?.['properties']) as object, key)
    ? undefined
    : `Write \`${key}: ${value}\`, with a colon and a space.`;
}

function numberHint(key: string, found: string): string | undefined {
  const match = /^\s*([\d_]+(?:\.\d+)?)\s*(ms|s|sec|secs|seconds?|m|min|minutes?|h|hours?)?\s*$/i.exec(found);
  if (match === null) return /^[1-5]xx$/i.test(found) ? 'Write every status out: `[500, 502, 503, 504]`.' : undefined;
  const unit = match[2]?.toLowerCase() ?? '';
  const factor = unit === 'ms' ? 0.001 : unit.startsWith('m') ? 60 : unit.startsWith('h') ? 3_600 : 1;
  const [asked, scale] = key.endsWith('_ms') ? ['milliseconds', 1_000] : ['seconds', 1];
  const value = Number((Number((match[1] ?? '').replaceAll('_', '')) * (unit === '' ? 1 : factor * scale)).toPrecision(12));
  return unit === '' ? `Write \`${value}\`, as a plain number.` : `Write \`${value}\`: the unit is ${asked}.`;
}

/** Returns a value in YAML notation. */
function show(value: unknown): string {
  if (value === null) return 'empty';
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  return quote(value);
}

/** Returns the last key of a path with the indexes after it, such as `failure_statuses[2]`. */
function label(path: readonly string[]): string {
  if (path.length === 0) return 'the file';
  const last = path.findLastIndex((step) => !/^\d+$/.test(step));
  const indexes = path.slice(last + 1).map((index) => `[${index}]`);
  return name(`${path[last] ?? ''}${indexes.join('')}`);
}

function place(path: readonly string[]): string {
  if (path.length === 0) return 'the file';
  const steps = path.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${/[\s/]/.test(step) ? JSON.stringify(step) : step}`));
  return name(steps.join('').slice(1));
}

function name(text: string): string {
  return `\`${quote(text).slice(1, -1)}\``;
}
