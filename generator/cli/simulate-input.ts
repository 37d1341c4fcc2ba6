import { extname, resolve } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../../runtime/config/diagnostic.js';
import { type BreakersConfig, checkKnown } from '../../runtime/config/index.js';
import type { KnownOperation } from '../../runtime/config/known-operations.js';
import { unreadable } from '../../runtime/config/load.js';
import { diagnostic } from '../../runtime/config/source.js';
import { loadProject } from '../generate/load.js';
import type { Paths } from '../generate/paths.js';
import { displayName } from '../read/read-document.js';
import { surveyRecording } from '../simulator/recording/survey.js';
import { loadScenario } from '../simulator/scenario/load-scenario.js';
import { resolveScenario } from '../simulator/scenario/resolve-scenario.js';
import { ANY_OPERATION, SCENARIO_DEFAULTS } from '../simulator/scenario/types.js';
import type { Played } from '../simulator/simulate.js';
import { shippedPaths } from './shipped-paths.js';
import { readTested, type TestedPolicies } from './tested-policies.js';

export interface SimulateInputOptions {
  readonly paths: Paths;
  readonly scenario: string;
  /** The path of another breaker YAML. */
  readonly compare: string | undefined;
  /** The service of recorded calls that name none. */
  readonly service: string | undefined;
  readonly operation: string | undefined;
  readonly seed: number | undefined;
  readonly onProgress: (text: string) => void;
}

export interface SimulateInput {
  readonly played: Played;
  readonly tested: TestedPolicies;
  readonly compared: TestedPolicies | undefined;
  readonly operations: (service: string) => readonly KnownOperation[] | undefined;
  /** Assumptions of the simulation, as sentences. */
  readonly notes: readonly string[];
}

export interface SimulateInputResult {
  /** Undefined if there is an error. */
  readonly input: SimulateInput | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks all input of a simulation. */
export async function readSimulateInput(options: SimulateInputOptions): Promise<SimulateInputResult> {
  const found: Diagnostic[] = [];
  try {
    const input = await read(options, found);
    return { input: found.some(({ severity }) => severity === 'error') ? undefined : input, diagnostics: found };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { input: undefined, diagnostics: [...found, ...error.diagnostics] };
  }
}

async function read(options: SimulateInputOptions, found: Diagnostic[]): Promise<SimulateInput | undefined> {
  const { paths, scenario, compare, onProgress } = options;
  const { cwd } = paths;
  if (paths.ambiguous !== undefined) throw new DiagnosticError([paths.ambiguous]);
  onProgress(`reading ${scenario}`);
  const folders = { ...paths, shipped: await shippedPaths(cwd) };
  const { tested, diagnostics } = await readTested(displayName(paths.breakersFile, cwd), folders);
  const other = compare === undefined ? undefined : await readTested(displayName(resolve(cwd, compare), cwd), folders);
  found.push(...diagnostics, ...(other?.diagnostics ?? []));
  const config = tested?.config;
  const compared = other?.tested;
  const known = [...(config?.services.keys() ?? [])];
  if (extname(scenario).toLowerCase() === '.csv') {
    if (tested === undefined || config === undefined) return undefined;
    const survey = await surveyOf(options, known);
    const named = [...survey.services].filter(([, { operations }]) => !operations.has(ANY_OPERATION)).map(([name]) => name);
    const documents = await readDocuments(named, options, config, compared?.config);
    found.push(...documents.diagnostics);
    found.push(...unknownOperations(survey.file, survey.services, documents.operations));
    const seed = options.seed ?? SCENARIO_DEFAULTS.seed;
    const { operations, notes } = documents;
    return { played: { kind: 'recording', survey, seed }, tested, compared, operations, notes };
  }
  const { draft, diagnostics: inScenario } = await loadScenario(displayName(resolve(cwd, scenario), cwd), cwd);
  found.push(...inScenario);
  if (draft === undefined || tested === undefined || config === undefined) return undefined;
  const { data } = draft;
  const named = [...draft.services].filter(([name, { own }]) => known.includes(name) && (own.operations ?? data.operations) !== undefined);
  const { operations, notes, ...documents } = await readDocuments(
    named.map(([name]) => name),
    options,
    config,
    compared?.config,
  );
  const resolved = resolveScenario(draft, { services: known, operations, seed: options.seed });
  found.push(...documents.diagnostics, ...resolved.diagnostics);
  if (resolved.scenario === undefined) return undefined;
  return { played: { kind: 'scenario', scenario: resolved.scenario }, tested, compared, operations, notes };
}

async function surveyOf({ paths, scenario, service, operation }: SimulateInputOptions, known: readonly string[]) {
  const path = resolve(paths.cwd, scenario);
  const file = displayName(path, paths.cwd);
  try {
    return await surveyRecording({ path, file, service, operation, known });
  } catch (error) {
    if (error instanceof DiagnosticError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new DiagnosticError([await unreadable(file, path, error, { kind: 'a CSV file', what: 'a recording', name: 'outage.csv' })]);
  }
}

interface Documents {
  readonly operations: (service: string) => readonly KnownOperation[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly string[];
}

/**
 * Reads the documents. They contain the HTTP method of each operation, which decides whether it is retried. Without documents, the scenario
 * gives the method.
 */
async function readDocuments(
  services: readonly string[],
  { paths, onProgress }: SimulateInputOptions,
  config: BreakersConfig,
  compared: BreakersConfig | undefined,
): Promise<Documents> {
  if (services.length === 0) return { operations: () => undefined, diagnostics: [], notes: [] };
  const project = await loadProject({ ...paths, services, onProgress, shipped: await shippedPaths(paths.cwd) });
  const known = new Map(
    project.services.map(({ model }) => {
      const operations = model.namespaces.flatMap((namespace) => namespace.operations);
      const names = operations.map(({ id, method, idempotencyHeader }): KnownOperation => ({ id, method, idempotencyHeader }));
      return [model.name, { namespaces: model.namespaces.map(({ name }) => name), operations: names }];
    }),
  );
  const missing = services.filter((service) => !known.has(service));
  // Findings of the YAML itself were reported when the YAML was read.
  const own = project.diagnostics.filter(
    ({ severity, code, file }) => severity === 'error' && code !== 'missing-spec' && file !== config.file,
  );
  const names = project.diagnostics.filter(({ code, file }) => file === config.file && code.startsWith('unknown-'));
  const others = compared === undefined ? [] : checkKnown(compared, { knownOperations: (service) => known.get(service) });
  return {
    operations: (service) => known.get(service)?.operations,
    diagnostics: [...own, ...names, ...others],
    notes: missing.map((name) => `there is no OpenAPI document of ${name}: operations without a \`method\` are taken for GET.`),
  };
}

function unknownOperations(
  file: string,
  services: ReadonlyMap<string, { readonly operations: ReadonlyMap<string, unknown> }>,
  known: Documents['operations'],
): readonly Diagnostic[] {
  return [...services].flatMap(([name, { operations }]) => {
    const ids = known(name)?.map(({ id }) => id);
    const strangers = ids === undefined ? [] : [...operations.keys()].filter((id) => !ids.includes(id));
    if (strangers.length === 0) return [];
    const list = strangers.slice(0, 5).join(', ');
    const message = `service \`${name}\` has no operation ${list}${strangers.length > 5 ? ` and ${strangers.length - 5} more` : ''}, expected operations of its documents`;
    return [diagnostic(file, { code: 'unknown-operation', message })];
  });
}
