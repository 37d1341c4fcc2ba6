import { pathOfStep } from '../../runtime/config/check-fallbacks.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { BreakersConfig } from '../../runtime/config/index.js';
import { flag, listOf, text } from '../../runtime/errors/checks.js';
import { givenFunction, givenName } from '../../runtime/errors/given.js';
import { givenOptions, type OptionTable } from '../../runtime/errors/option-table.js';
import type { LocateFallback } from '../emit/client/fallback-values.js';
import { checkService, emitService } from '../emit/index.js';
import { displayName } from '../read/read-document.js';
import { type Change, writeOutput } from '../write/write-output.js';
import { chooseOutputs } from './auto-outputs.js';
import { type LoadedProject, loadProject } from './load.js';
import { type Paths, resolvePaths } from './paths.js';

export interface GenerateOptions {
  /** The folder of the OpenAPI documents. Default `specs`. */
  readonly specs?: string | undefined;
  /** The breaker YAML. Default: `breakers.yaml` in `cwd`, or else in the folder of documents. */
  readonly breakers?: string | undefined;
  /** The output folder, with a subfolder per service. Default `generated`. */
  readonly out?: string | undefined;
  /** Generates only these services. The files of other services stay. */
  readonly services?: readonly string[] | undefined;
  /** Writes mocks. Default: true if the project names msw. */
  readonly msw?: boolean | undefined;
  /** Writes tests. Default: true if the project names msw and vitest. */
  readonly tests?: boolean | undefined;
  /** Compares with the files in the folder and writes nothing. */
  readonly check?: boolean | undefined;
  /** The base of relative paths. Default: the process's working directory. */
  readonly cwd?: string | undefined;
  /** Receives the current step, for long runs. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

const OPTIONS: OptionTable<GenerateOptions> = {
  specs: text,
  breakers: text,
  out: text,
  services: listOf(givenName),
  msw: flag,
  tests: flag,
  check: flag,
  cwd: text,
  onProgress: givenFunction,
};

export interface GeneratedService {
  readonly name: string;
  readonly client: string;
  readonly documents: number;
  readonly namespaces: number;
  readonly operations: number;
  /** True if the client is one that fuseline ships, for which the project has no documents. Only `fuseline validate` reports it. */
  readonly shipped?: boolean;
}

export interface GenerateResult {
  /** True if no diagnostic is an error. If false, nothing was written. */
  readonly ok: boolean;
  /** The output folder's name in messages. */
  readonly out: string;
  readonly services: readonly GeneratedService[];
  /** The changes that were written. With `check`, the changes that are missing: any of them means that the folder is stale. */
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly diagnostics: readonly Diagnostic[];
  /** The optional files that were skipped, with reasons. */
  readonly notes: readonly string[];
}

/**
 * Generates clients. Reads the breaker YAML and the OpenAPI documents of its services, and writes a folder per service. Writes nothing if
 * there is an error. The same input gives the same bytes.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 *
 * @example
 * const { ok, diagnostics } = await generate({ specs: 'specs', out: 'src/clients' });
 */
export async function generate(options: GenerateOptions = {}): Promise<GenerateResult> {
  const { check = false, onProgress, services: only } = givenOptions('generate', options, OPTIONS);
  const paths = await resolvePaths(options);
  const project = await loadProject({ ...paths, services: only, onProgress });
  const { notes, ...outputs } = await chooseOutputs(paths.out, { msw: options.msw, tests: options.tests });
  const diagnostics = [...project.diagnostics];
  const files = new Map<string, string>();
  const broken = failed(diagnostics);
  for (const { model, config } of project.services) {
    onProgress?.(`writing ${model.name}`);
    const locate = locator(project.draft);
    if (broken) {
      diagnostics.push(...checkService(model, config.policies, locate));
      continue;
    }
    const emitted = await emitService(model, config.policies, { ...outputs, locate });
    diagnostics.push(...emitted.diagnostics);
    for (const [path, text] of emitted.files) files.set(`${model.name}/${path}`, text);
  }
  const out = displayName(paths.out, paths.cwd);
  const result = { out, services: project.services.map(summary), notes };
  if (failed(diagnostics)) return { ...result, ok: false, changes: [], unchanged: 0, diagnostics };
  const keep = only === undefined ? undefined : (path: string) => !only.includes(path.split('/')[0] ?? '');
  const written = await writeOutput({ out: paths.out, label: out, files, check, ...(keep === undefined ? {} : { keep }) });
  diagnostics.push(...written.diagnostics);
  return { ...result, ok: !failed(diagnostics), changes: written.changes, unchanged: written.unchanged, diagnostics };
}

/** Reads and checks everything that `generate` reads, fallback values included. Writes nothing. */
export async function validate(options: GenerateOptions = {}): Promise<ValidateResult> {
  givenOptions('validate', options, OPTIONS);
  return validatePaths(await resolvePaths(options), options);
}

type ValidateResult = Pick<GenerateResult, 'ok' | 'services' | 'diagnostics'>;

/** As `validate`. With `shipped`, a service without documents is checked as a layer over the client of that name that fuseline ships. */
export async function validatePaths(
  paths: Paths,
  { services, onProgress, shipped }: Pick<GenerateOptions, 'services' | 'onProgress'> & { readonly shipped?: Paths | undefined },
): Promise<ValidateResult> {
  const project = await loadProject({ ...paths, services, onProgress, shipped });
  const diagnostics = [...project.diagnostics];
  const broken = failed(diagnostics);
  for (const { model, config, over } of project.services) {
    onProgress?.(`checking ${model.name}`);
    const locate = locator(project.draft);
    // What was shipped was checked when it was generated. Only findings with a place in the project's file are about that file.
    if (over !== undefined) diagnostics.push(...checkService(model, over, locate).filter(({ line }) => line !== undefined));
    else if (broken) diagnostics.push(...checkService(model, config.policies, locate));
    else diagnostics.push(...(await emitService(model, config.policies, { locate })).diagnostics);
  }
  diagnostics.push(...(project.draft?.hints ?? []));
  return { ok: !failed(diagnostics), services: project.services.map(summary), diagnostics };
}

function failed(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function summary({ model, documents, over }: LoadedProject['services'][number]): GeneratedService {
  const operations = model.namespaces.reduce((count, namespace) => count + namespace.operations.length, 0);
  const shipped = over === undefined ? {} : { shipped: true };
  return { name: model.name, client: model.clientName, documents, namespaces: model.namespaces.length, operations, ...shipped };
}

/** Returns a function that locates a fallback in a file. */
export function locator(config: BreakersConfig | undefined): LocateFallback {
  return (layer, step) => {
    const at = config && pathOfStep(config, layer, step);
    if (config === undefined || at === undefined) return undefined;
    const { file, line, column, length, frame } = config.source.diagnose(at, 'key', { code: '', message: '' });
    return {
      file,
      ...(line === undefined || column === undefined ? {} : { line, column }),
      ...(length === undefined ? {} : { length }),
      ...(frame === undefined ? {} : { frame }),
    };
  };
}
