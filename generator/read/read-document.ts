import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { quote } from '../../runtime/config/quote.js';
import { repeatedKeys, syntaxFault } from '../../runtime/config/yaml-syntax.js';
import { Cursor } from './cursor.js';
import { isObject, own } from './json.js';
import { jsonError } from './json-error.js';
import { jsonPlaces, MAX_DEPTH, type Place } from './json-places.js';
import type { Reporter } from './reporter.js';
import { type OpenApiVersion, SourceDocument } from './source-document.js';
import { yamlPlace } from './yaml-places.js';

/** Returns the name of a file in messages: relative to the working directory, with forward slashes. */
export function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path).replaceAll('\\', '/');
  return name === '' ? '.' : name;
}

/** Reads one file. Reports a missing, unreadable or malformed file and returns undefined. */
export async function readSource(
  path: string,
  cwd: string,
  fallback: OpenApiVersion,
  reporter: Reporter,
): Promise<SourceDocument | undefined> {
  const file = displayName(path, cwd);
  try {
    return parseSource(path, file, await readFile(path, 'utf8'), fallback, reporter);
  } catch (error) {
    const code = own(error, 'code');
    const missing = code === 'ENOENT';
    const why = missing
      ? 'the file does not exist'
      : code === 'EISDIR'
        ? 'it is a folder'
        : `it cannot be read (${String(code ?? 'unknown reason')})`;
    reporter.fileError(file, {
      code: missing ? 'missing-file' : 'unreadable-file',
      message: `Expected an OpenAPI document, but ${why}.`,
    });
    return undefined;
  }
}

/** Parses the text of one file. Reads `.json` files with `JSON.parse` and all others as YAML. */
function parseSource(path: string, file: string, raw: string, fallback: OpenApiVersion, reporter: Reporter): SourceDocument | undefined {
  const text = raw.startsWith('\ufeff') ? raw.slice(1) : raw;
  return path.toLowerCase().endsWith('.json')
    ? parseJson(path, file, text, fallback, reporter)
    : parseYaml(path, file, text, fallback, reporter);
}

function parseJson(path: string, file: string, text: string, fallback: OpenApiVersion, reporter: Reporter): SourceDocument | undefined {
  const bare = new SourceDocument(path, file, text, undefined, fallback, nowhere);
  try {
    const root: unknown = JSON.parse(text);
    const places = jsonPlaces(text);
    const document = new SourceDocument(path, file, text, root, versionOf(root, fallback), places.find);
    for (const { path: steps, start, end } of places.duplicates) duplicateKey(document, steps, start, end, reporter);
    return document;
  } catch (error) {
    if (error instanceof RangeError) {
      reporter.textError(bare, 0, 1, { code: 'too-deep', message: `The document cannot be read: ${error.message}.` });
      return undefined;
    }
    const { at, expected } = jsonError(text);
    // At the end of the text, the frame underlines the last character.
    const shown = Math.min(at, Math.max(0, text.trimEnd().length - 1));
    reporter.textError(bare, shown, shown + 1, {
      code: 'json-syntax',
      message: `Not valid JSON: expected ${expected}, found ${at < text.length ? quote(text[at]) : 'the end of the document'}.`,
    });
    return undefined;
  }
}

function parseYaml(path: string, file: string, text: string, fallback: OpenApiVersion, reporter: Reporter): SourceDocument | undefined {
  const bare = new SourceDocument(path, file, text, undefined, fallback, nowhere);
  let yaml: Document.Parsed;
  let root: unknown;
  try {
    yaml = parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'silent', uniqueKeys: false });
    const fault = syntaxFault(yaml, text);
    if (fault !== undefined) {
      reporter.textError(bare, ...fault.range, { ...fault.finding, message: capitalised(fault.finding.message) });
      return undefined;
    }
    root = yaml.toJS();
    if (deeper(root, MAX_DEPTH)) throw new RangeError(`values are nested deeper than ${MAX_DEPTH} levels`);
  } catch (error) {
    reporter.textError(bare, 0, 1, {
      code: 'yaml-syntax',
      message: `The document cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    });
    return undefined;
  }
  const document = new SourceDocument(path, file, text, root, versionOf(root, fallback), (steps) => yamlPlace(yaml, steps));
  for (const { written, range } of repeatedKeys(yaml, text)) duplicateKey(document, [written], ...range, reporter);
  return document;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const nowhere = (): Place => ({ key: undefined, value: [0, 1] });

function duplicateKey(document: SourceDocument, steps: readonly string[], start: number, end: number, reporter: Reporter): void {
  // A separate document: the place of the repeated key is known, while its path would name only one of the two keys.
  const there = new SourceDocument(document.path, document.file, document.text, undefined, document.version, () => ({
    key: [start, end],
    value: [start, end],
  }));
  const key = steps.at(-1) ?? '';
  reporter.fault(new Cursor(there, undefined), {
    code: 'duplicate-key',
    message: `The key ${quote(key.replace(/^["']|["']$/g, ''))} occurs twice in one mapping`,
    done: 'read with its last value',
    once: `${document.path}:${start}`,
  });
}

function versionOf(root: unknown, fallback: OpenApiVersion): OpenApiVersion {
  const version = String(own(root, 'openapi') ?? '');
  return version.startsWith('3.0') ? '3.0' : version.startsWith('3.1') ? '3.1' : fallback;
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => deeper(item, levels - 1));
}

/** Returns true if a file is an OpenAPI document of a supported version. Otherwise reports what the file is. */
export function checkOpenApi(document: SourceDocument, reporter: Reporter): boolean {
  const root = Cursor.root(document);
  const supported = 'Expected OpenAPI 3.0.x or 3.1.x';
  if (!isObject(document.root)) {
    reporter.error(root, {
      code: 'not-openapi',
      message: `${supported}, found ${document.root === null ? 'an empty document' : quote(document.root)}.`,
    });
    return false;
  }
  const version = root.child('openapi');
  const swagger = root.child('swagger');
  if (version.value === undefined && swagger.value !== undefined) {
    reporter.error(swagger, {
      code: 'swagger-2',
      message: `${supported}, found Swagger ${printableVersion(swagger.value)}.`,
      hint: 'Convert it first, for example with `npx swagger2openapi`.',
    });
    return false;
  }
  if (version.value === undefined) {
    reporter.error(root, { code: 'not-openapi', message: `${supported}, found a document without an \`openapi\` key.`, anchor: 'value' });
    return false;
  }
  if (!/^3\.[01](\.|$)/.test(String(version.value))) {
    reporter.error(version, { code: 'unsupported-version', message: `${supported}, found ${quote(version.value)}.` });
    return false;
  }
  return true;
}

function printableVersion(value: unknown): string {
  return /^[\d.]{1,10}$/.test(String(value)) ? String(value) : quote(value);
}
