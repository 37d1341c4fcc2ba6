import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import {
  type BreakersConfig,
  checkKnown,
  type KnownOperations,
  type LoadResult,
  loadBreakers,
  nearest,
  type ServiceConfig,
} from '../../runtime/config/index.js';
import { loadService } from '../model/load-service.js';
import type { PlaceOfName } from '../model/operation/assign-names.js';
import type { ServiceModel } from '../model/types.js';
import { displayName } from '../read/read-document.js';
import { documentedServices } from './documented.js';
import { findDocuments } from './find-documents.js';
import { missingBreakersHint, missingSpecHint } from './missing.js';
import { readNamesLock } from './read-lock.js';

export interface LoadOptions {
  readonly cwd: string;
  /** Absolute path. */
  readonly specsDir: string;
  readonly breakersFile: string;
  readonly out: string;
  /** Loads only these services. */
  readonly services: readonly string[] | undefined;
  readonly onProgress: ((text: string) => void) | undefined;
}

export interface LoadedService {
  readonly config: ServiceConfig;
  readonly model: ServiceModel;
  readonly documents: number;
}

export interface LoadedProject {
  /** Undefined if the YAML has an error. */
  readonly config: BreakersConfig | undefined;
  /** The readable part of the YAML, for further checks. */
  readonly draft: BreakersConfig | undefined;
  /** The services without errors. */
  readonly services: readonly LoadedService[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Names of services become names of folders and files. */
const SERVICE_NAME = /^[A-Za-z][\w-]*$/;

/** Reads the breaker YAML and the documents of its services, and checks each against the other. */
export async function loadProject(options: LoadOptions): Promise<LoadedProject> {
  const { config, draft, diagnostics: found, unlisted } = await readBreakers(options);
  const diagnostics: Diagnostic[] = [...found];
  if (draft === undefined) {
    const [first] = diagnostics;
    if (first?.code === 'missing-file' && first.hint === undefined) diagnostics[0] = { ...first, hint: await missingBreakersHint(options) };
    return { config, draft, services: [], diagnostics };
  }
  // Documents are read even if the YAML has errors, so that all faults are reported together.
  const all = new Map([...draft.services, ...unlisted.map((name) => [name, draft.service(name)] as const)]);
  const wanted = [...all.values()].filter(({ name }) => options.services?.includes(name) ?? true);
  for (const name of options.services ?? []) if (!all.has(name)) diagnostics.push(unknownService(draft, name, [...all.keys()]));
  const services: LoadedService[] = [];
  const known = new Map<string, KnownOperations>();
  const named = new Set<string>();
  for (const [at, service] of wanted.entries()) {
    options.onProgress?.(`reading ${service.name} (${at + 1} of ${wanted.length})`);
    // A service that only an environment names is a misspelling. The check of names reports it.
    if (!isListed(service) && !unlisted.includes(service.name)) continue;
    named.add(service.name);
    const { loaded, names } = await loadOne(service, options, diagnostics);
    if (loaded !== undefined) services.push(loaded);
    if (names !== undefined) known.set(service.name, names);
  }
  // Reading the YAML already reported services that only an environment names.
  const knownServices = options.services === undefined && config !== undefined ? named : undefined;
  diagnostics.push(...checkKnown(draft, { knownServices, knownOperations: (service) => known.get(service) }));
  if (all.size === 0 && config !== undefined) diagnostics.push(noServices(draft));
  return { config, draft, services, diagnostics };
}

/**
 * Reads the breaker YAML, and the services that it uses without listing them. The `resilience:` form cannot list services, so it applies to
 * every documented service. If the other form stands beside it and lists services, only those are used.
 */
async function readBreakers({ cwd, specsDir, breakersFile }: LoadOptions): Promise<LoadResult & { readonly unlisted: readonly string[] }> {
  const file = displayName(breakersFile, cwd);
  const read = await loadBreakers(file, { cwd });
  const { draft } = read;
  if (draft === undefined || draft.source.locate(['resilience']) === undefined || [...draft.services.values()].some(isListed))
    return { ...read, unlisted: [] };
  const unlisted = await documentedServices(specsDir, breakersFile);
  // The documents name these services, so the YAML can give their timeouts by name.
  return { ...(await loadBreakers(file, { cwd, servicesInUse: unlisted })), unlisted };
}

function isListed({ namedAt }: ServiceConfig): boolean {
  return namedAt.some(([top]) => top === 'circuit_breaker');
}

interface Loaded {
  /** Undefined if the service has errors. */
  readonly loaded?: LoadedService;
  /** Undefined if the names are not certain. */
  readonly names?: KnownOperations;
}

async function loadOne(service: ServiceConfig, options: LoadOptions, diagnostics: Diagnostic[]): Promise<Loaded> {
  const { cwd, specsDir, breakersFile, out } = options;
  const { name, specs, repair, names } = service;
  if (!SERVICE_NAME.test(name)) {
    const message = `Expected the name of a service to be letters, digits, \`-\` and \`_\`, found ${JSON.stringify(name)}`;
    diagnostics.push(
      service.diagnose([], {
        code: 'bad-service-name',
        message,
        hint: 'The name becomes that of the folder and the client. `specs:` can name any file.',
      }),
    );
    return {};
  }
  const found = await findDocuments({ service: name, specs, base: dirname(breakersFile), specsDir, breakersFile });
  for (const { entry, looked } of found.missing) {
    // `specs` can be a single entry instead of a list.
    const item = ['specs', entry === undefined ? 0 : (specs?.indexOf(entry) ?? 0)];
    const at = entry === undefined ? [] : service.locate(item) === undefined ? ['specs'] : item;
    const where = looked.map((path) => displayName(path, cwd)).join(', ');
    diagnostics.push(
      service.diagnose(
        at,
        {
          code: 'missing-spec',
          message: `There is no OpenAPI document of the service \`${name}\`: looked for ${where}`,
          hint: await missingSpecHint(name, entry, looked[0] ?? '', options),
        },
        entry === undefined ? 'key' : 'value',
      ),
    );
  }
  if (found.missing.length > 0) return {};
  const lock = await readNamesLock(join(out, name, 'names.lock.json'));
  const placeOfName: PlaceOfName = (key, anchor) => service.diagnose(['names', key], { code: '', message: '' }, anchor);
  const {
    model,
    draft = model,
    diagnostics: read,
  } = await loadService({ name, files: found.files, repair, names, lock, cwd, placeOfName });
  diagnostics.push(...read);
  return {
    ...(model === undefined ? {} : { loaded: { config: service, model, documents: found.files.length } }),
    ...(draft === undefined ? {} : { names: knownOperations(draft) }),
  };
}

/** Returns the names that a service's documents give, as checks of a file want them. */
export function knownOperations(model: ServiceModel): KnownOperations {
  return {
    namespaces: model.namespaces.map(({ name }) => name),
    operations: model.namespaces.flatMap(({ operations }) =>
      operations.map(({ id, method, idempotencyHeader }) => ({ id, method, idempotencyHeader })),
    ),
  };
}

function unknownService(config: BreakersConfig, name: string, names: readonly string[]): Diagnostic {
  const meant = nearest(name, names);
  return {
    severity: 'error',
    code: 'unknown-service',
    message: `There is no service ${JSON.stringify(name)}, expected ${names.join(', ') || 'one that the file has'}`,
    file: config.file,
    hint: meant === undefined ? 'Services are the keys of `circuit_breaker.services`.' : `Did you mean \`${meant}\`?`,
  };
}

function noServices(config: BreakersConfig): Diagnostic {
  return {
    severity: 'error',
    code: 'no-services',
    message: 'The file names no service, so there is nothing to generate',
    file: config.file,
    hint: config.source.locate(['resilience'])
      ? 'Put the OpenAPI document of each service into the specs folder: `ghl.yaml` makes the service `ghl`.'
      : 'Write `circuit_breaker: { services: { ghl: {} } }` with the name of a document, `ghl.yaml`, in the specs folder.',
  };
}
