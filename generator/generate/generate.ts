import { resolve } from 'node:path';
import { pathOfStep } from '../../runtime/config/check-fallbacks.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { BreakersConfig } from '../../runtime/config/index.js';
import type { LocateFallback } from '../emit/client/fallback-values.js';
import { checkService, emitService } from '../emit/index.js';
import { displayName } from '../read/read-document.js';
import { type Change, writeOutput } from '../write/write-output.js';
import { chooseOutputs } from './auto-outputs.js';
import { type LoadedProject, loadProject } from './load.js';

export interface GenerateOptions {
  /** Folder of the OpenAPI documents. Default `specs`. */
  readonly specs?: string | undefined;
  /** The breaker YAML. Default `breakers.yaml` in the folder of documents. */
  readonly breakers?: string | undefined;
  /** Where a folder per service is written. Default `generated`. */
  readonly out?: string | undefined;
  /** Only these services; what was generated for the others stays. */
  readonly services?: readonly string[] | undefined;
  /** Write mocks. Default: where the project names msw. */
  readonly msw?: boolean | undefined;
  /** Write tests. Default: where the project names msw and vitest. */
  readonly tests?: boolean | undefined;
  /** Compare with what is there; write nothing. */
  readonly check?: boolean | undefined;
  /** What relative paths are relative to. Default: the process's working directory. */
  readonly cwd?: string | undefined;
  /** Told what is being done, for long runs. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface GeneratedService {
  readonly name: string;
  readonly client: string;
  readonly documents: number;
  readonly namespaces: number;
  readonly operations: number;
}

export interface GenerateResult {
  /** No diagnostic is an error. Where false, nothing was written. */
  readonly ok: boolean;
  /** The output folder, as messages name it. */
  readonly out: string;
  readonly services: readonly GeneratedService[];
  /** What was written, or would be; with `check` any of them means that the folder is stale. */
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly diagnostics: readonly Diagnostic[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * Generates clients: reads the breaker YAML and the OpenAPI documents of its services, and writes a folder per service. With an error
 * nothing is written. The same input gives the same bytes.
 *
 * @example
 * const { ok, diagnostics } = await generate({ specs: 'specs', out: 'src/clients' });
 */
export async function generate(options: GenerateOptions = {}): Promise<GenerateResult> {
  const { check = false, onProgress, services: only } = options;
  const paths = resolvePaths(options);
  const project = await loadProject({ ...paths, services: only, onProgress });
  const outputs = await chooseOutputs(paths.out, { msw: options.msw, tests: options.tests });
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
  const result = { out, services: project.services.map(summary), notes: outputs.notes };
  if (failed(diagnostics)) return { ...result, ok: false, changes: [], unchanged: 0, diagnostics };
  const keep = only === undefined ? undefined : (path: string) => !only.includes(path.split('/')[0] ?? '');
  const written = await writeOutput({ out: paths.out, label: out, files, check, ...(keep === undefined ? {} : { keep }) });
  diagnostics.push(...written.diagnostics);
  return { ...result, ok: !failed(diagnostics), changes: written.changes, unchanged: written.unchanged, diagnostics };
}

/** Reads and checks everything that `generate` would, fallback values included, and writes nothing. */
export async function validate(options: GenerateOptions = {}): Promise<Pick<GenerateResult, 'ok' | 'services' | 'diagnostics'>> {
  const project = await loadProject({ ...resolvePaths(options), services: options.services, onProgress: options.onProgress });
  const diagnostics = [...project.diagnostics];
  const broken = failed(diagnostics);
  for (const { model, config } of project.services) {
    options.onProgress?.(`checking ${model.name}`);
    const locate = locator(project.draft);
    const found = broken
      ? checkService(model, config.policies, locate)
      : (await emitService(model, config.policies, { locate })).diagnostics;
    diagnostics.push(...found);
  }
  return { ok: !failed(diagnostics), services: project.services.map(summary), diagnostics };
}

export interface Paths {
  readonly cwd: string;
  readonly specsDir: string;
  readonly breakersFile: string;
  readonly out: string;
}

/** Where things are, absolute. */
export function resolvePaths({ cwd: base, specs = 'specs', breakers, out = 'generated' }: GenerateOptions): Paths {
  const cwd = resolve(base ?? process.cwd());
  const specsDir = resolve(cwd, specs);
  return {
    cwd,
    specsDir,
    breakersFile: breakers === undefined ? resolve(specsDir, 'breakers.yaml') : resolve(cwd, breakers),
    out: resolve(cwd, out),
  };
}

function failed(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function summary({ model, documents }: LoadedProject['services'][number]): GeneratedService {
  const operations = model.namespaces.reduce((count, namespace) => count + namespace.operations.length, 0);
  return { name: model.name, client: model.clientName, documents, namespaces: model.namespaces.length, operations };
}

/** Returns a function that finds where the fallback of a layer stands in a file. */
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
