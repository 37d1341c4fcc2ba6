import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { text as anyText } from '../errors/checks.js';
import { givenFunction } from '../errors/given.js';
import { nearest } from '../errors/nearest.js';
import { checkedLater, givenOptions, type OptionTable } from '../errors/option-table.js';
import { codeOfThrown } from '../errors/thrown-value.js';
import { secretFindings, withoutSecrets } from './alert-secrets.js';
import type { BreakersConfig } from './breakers-config.js';
import { checkAlerts } from './check-alerts.js';
import { checkFollows } from './check-follows.js';
import { checkOperations, checkServices } from './check-names.js';
import { checkValues } from './cross-checks.js';
import type { Diagnostic } from './diagnostic.js';
import type { KnownOperations } from './known-operations.js';
import { noteLoad } from './last-load.js';
import { isMapping } from './mapping.js';
import { isBad, type LayerReading } from './normalize.js';
import { toPointer } from './pointer.js';
import { readConfig } from './read-services.js';
import { checkTimeoutNames, readResilience } from './resilience-form.js';
import { diagnostic, inFileOrder } from './source.js';
import type { ServicePolicies } from './types.js';
import { validateBreakers } from './validate.js';
import { readYaml } from './yaml-source.js';

/** Facts about services that are not in the file. All are optional. The file is checked against those that are given. */
export interface ParseOptions {
  /** Services with an OpenAPI document. A service in the file that is not among them and has no `specs` is an error. */
  readonly knownServices?: Iterable<string> | undefined;
  /** Services without a document, such as those of running clients. The file can set their timeouts by name. */
  readonly servicesInUse?: Iterable<string> | undefined;
  /** Returns the operations of a service; undefined if they are not known. */
  readonly knownOperations?: ((service: string) => KnownOperations | undefined) | undefined;
  /**
   * Returns the settings with which the client of a service was generated; undefined if the service has no client. Given if the file overrides
   * generated settings: values are then checked as they apply to the client.
   */
  readonly generated?: ((service: string) => ServicePolicies | undefined) | undefined;
}

export interface LoadOptions extends ParseOptions {
  /** Folder for relative paths. Default: the working directory of the process. */
  readonly cwd?: string | undefined;
}

export const LOAD_OPTIONS: OptionTable<LoadOptions> = {
  knownServices: checkedLater,
  servicesInUse: checkedLater,
  knownOperations: givenFunction,
  generated: givenFunction,
  cwd: anyText,
};

/** A configuration, unless there is an error; and everything that was found, in file order. */
export interface LoadResult {
  readonly config: BreakersConfig | undefined;
  /**
   * The readable part of the file, even if there are errors, for further checks. Do not use its values: they can be wrong. Undefined if the text is
   * not YAML.
   */
  readonly draft?: BreakersConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and checks a breaker YAML. Never throws for what is in the file or for a file that cannot be read.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 */
export async function loadBreakers(file: string, given: LoadOptions = {}): Promise<LoadResult> {
  const options = givenOptions('loadBreakers', given, LOAD_OPTIONS);
  const shown = file.replaceAll('\\', '/');
  const path = resolve(options.cwd ?? process.cwd(), file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return noteLoad({ config: undefined, diagnostics: [await unreadable(shown, path, error)] });
  }
  return parseBytes(bytes, shown, options);
}

/** Checks the bytes of a breaker YAML. `shown` is the name of the file in messages. */
export function parseBytes(bytes: Uint8Array, shown: string, options: ParseOptions = {}): LoadResult {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return noteLoad({ config: undefined, diagnostics: [diagnostic(shown, { code: 'not-utf-8', message: 'the file is not UTF-8 text' })] });
  }
  return parseBreakers(text, shown, options);
}

/**
 * Reads and checks the text of a breaker YAML; `file` is its name in messages.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 */
export function parseBreakers(text: string, file: string, options: ParseOptions = {}): LoadResult {
  return noteLoad(parse(text, file, givenOptions('parseBreakers', options, LOAD_OPTIONS)));
}

function parse(text: string, file: string, options: ParseOptions): LoadResult {
  const plain = text.replace(/^\ufeff/, '');
  const { source, data, diagnostics } = readYaml(plain, file, undefined, withoutSecrets(plain));
  if (data === undefined) return { config: undefined, diagnostics: inFileOrder(diagnostics) };
  if (isMapping(data) && !Object.hasOwn(data, 'circuit_breaker') && ('openapi' in data || 'swagger' in data)) {
    const message = 'this is an OpenAPI document, expected the breaker YAML';
    const found = source.diagnose(['openapi' in data ? 'openapi' : 'swagger'], 'key', { code: 'not-breakers', message });
    return { config: undefined, diagnostics: [found] };
  }
  // Done first, because no message and no frame may show a secret.
  const secrets = secretFindings(data);
  source.hide(secrets.map(({ path }) => path));
  const hidden = new Set(secrets.map(({ path }) => toPointer(path)));
  const { findings, bad } = validateBreakers(data);
  const shown = findings.filter(({ path }) => !hidden.has(toPointer(path)));
  const reading: LayerReading = {
    places: new Map(),
    findings: [...secrets, ...shown],
    hints: [],
    bad: new Set([...bad, ...hidden]),
    lineOf: (path) => source.locate(path)?.line,
  };
  // Copied, because an iterator can be read only once.
  const knownServices = options.knownServices && [...options.knownServices];
  const inUse = [...(options.servicesInUse ?? [])];
  const { generated } = options;
  const form = readResilience(reading, data);
  const config = readConfig(reading, source, data, form);
  const unreadable = new Set(diagnostics.flatMap(({ code, line, column }) => (code === 'duplicate-key' ? [] : [`${line}:${column}`])));
  const found = [
    ...diagnostics,
    ...reading.findings
      .map(({ path, anchor, ...finding }) => source.diagnose(path, anchor, finding))
      // A value that could not be read is not reported as empty, too.
      .filter(({ line, column }) => !unreadable.has(`${line}:${column}`)),
    ...[
      ...checkValues(config, generated === undefined ? knownServices : inUse, generated),
      // If the list of services itself is invalid, no missing services are reported.
      ...(isBad(reading, ['circuit_breaker']) || isBad(reading, ['circuit_breaker', 'services'])
        ? []
        : checkServices(config, knownServices, inUse)),
      ...checkFollows(config, [...(knownServices ?? []), ...inUse]),
      ...checkTimeoutNames(form, [...(knownServices ?? []), ...config.services.keys(), ...inUse]),
      ...[...config.services.values()].flatMap((service) =>
        checkOperations(service, options.knownOperations?.(service.name), generated?.(service.name)),
      ),
      ...checkAlerts(data, [...config.services.keys(), ...(knownServices ?? []), ...inUse]),
    ]
      // An invalid value gets no second finding about its effect.
      .filter(({ path }) => !isBad(reading, path))
      .map(({ path, anchor, ...finding }) => source.diagnose(path, anchor, finding)),
  ];
  const failed = found.some(({ severity }) => severity === 'error');
  return { config: failed ? undefined : config, draft: config, diagnostics: inFileOrder(found) };
}

/** The expected file, for messages. */
const BREAKER_YAML = { kind: 'a YAML file', what: 'the breaker YAML', name: 'breakers.yaml' };

/** Returns the diagnostic for a file that could not be read. Suggests a file with a similar name in the same folder. */
export async function unreadable(file: string, path: string, error: unknown, expected = BREAKER_YAML): Promise<Diagnostic> {
  const code = codeOfThrown(error) ?? 'unknown error';
  if (code === 'EISDIR')
    return diagnostic(file, {
      code: 'not-a-file',
      message: `this is a folder, expected ${expected.kind}`,
      hint: `Name the file: ${file.replace(/\/+$/, '')}/${expected.name}`,
    });
  if (code !== 'ENOENT' && code !== 'ENOTDIR')
    return diagnostic(file, { code: 'unreadable-file', message: `the file cannot be read (${code})` });
  const siblings = await readdir(dirname(path)).catch(() => []);
  const meant = nearest(
    basename(path),
    siblings.filter((name) => /\.(ya?ml|json|csv)$/.test(name)),
  );
  return diagnostic(file, {
    code: 'missing-file',
    message: `there is no such file, expected ${expected.what}`,
    hint: meant === undefined ? undefined : `Did you mean ${file.slice(0, file.length - basename(file).length)}${meant}?`,
  });
}
