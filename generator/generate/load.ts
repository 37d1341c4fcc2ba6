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
import { over } from '../../runtime/config/layers.js';
import type { ServicePolicies } from '../../runtime/config/types.js';
import { loadService } from '../model/load-service.js';
import type { PlaceOfName } from '../model/operation/assign-names.js';
import type { ServiceModel } from '../model/types.js';
import { displayName } from '../read/read-document.js';
import { documentedServices } from './documented.js';
import { findDocuments } from './find-documents.js';
import { type Folders, missingBreakersHint, missingSpecHint } from './missing.js';
import { readNamesLock } from './read-lock.js';
import { isListed, loadOver, shippedServices } from './shipped.js';

export interface LoadOptions {
  readonly cwd: string;
  /** Absolute path. */
  readonly specsDir: string;
  readonly breakersFile: string;
  readonly out: string;
  /** Loads only these services. */
  readonly services: readonly string[] | undefined;
  readonly onProgress: ((text: string) => void) | undefined;
  /** Two files differ, so none is read. */
  readonly ambiguous?: Diagnostic | undefined;
  /** The documents and the YAML of the clients that fuseline ships. They are read for services without documents. Default: none. */
  readonly shipped?: Omit<Folders, 'cwd'> | undefined;
}

export interface LoadedService {
  readonly config: ServiceConfig;
  readonly model: ServiceModel;
  readonly documents: number;
  /** The settings as they apply to a client that fuseline ships, over those that it was generated with. Undefined for a client of the project. */
  readonly over?: ServicePolicies | undefined;
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
  if (options.ambiguous !== undefined) return { config: undefined, draft: undefined, services: [], diagnostics: [options.ambiguous] };
  const { config, draft, diagnostics: found, unlisted, shipped } = await readBreakers(options);
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
    const generated = shipped.get(service.name);
    const { loaded, names } =
      generated === undefined ? await loadOne(service, options, diagnostics) : await loadShipped(service, generated, options);
    if (loaded !== undefined) services.push(loaded);
    if (names !== undefined) known.set(service.name, names);
  }
  // Reading the YAML already reported services that only an environment names.
  const knownServices = options.services === undefined && config !== undefined ? named : undefined;
  diagnostics.push(
    ...checkKnown(draft, {
      knownServices,
      knownOperations: (service) => known.get(service),
      generated: (service) => shipped.get(service)?.policies,
    }),
  );
  if (all.size === 0 && config !== undefined) diagnostics.push(noServices(draft));
  return { config, draft, services, diagnostics };
}

/**
 * Reads the breaker YAML, and the services that it uses without listing them. The `resilience:` form cannot list services, so it applies to
 * every documented service. If the other form stands beside it and lists services, only those are used.
 */
async function readBreakers(options: LoadOptions): Promise<ReadBreakers> {
  const { cwd, specsDir, breakersFile } = options;
  const file = displayName(breakersFile, cwd);
  const read = await loadBreakers(file, { cwd });
  const { draft } = read;
  if (draft === undefined) return { ...read, unlisted: [], shipped: new Map() };
  if (draft.source.locate(['resilience']) === undefined || [...draft.services.values()].some(isListed)) {
    const found = await shippedServices(draft, options);
    const shipped = found.services;
    return { ...(shipped.size === 0 ? read : await loadOver(found, file, cwd)), unlisted: [], shipped };
  }
  const unlisted = await documentedServices(specsDir, breakersFile);
  // The documents name these services, so the YAML can give their timeouts by name.
  return { ...(await loadBreakers(file, { cwd, servicesInUse: unlisted })), unlisted, shipped: new Map() };
}

interface ReadBreakers extends LoadResult {
  readonly unlisted: readonly string[];
  /** The settings with which shipped clients were generated, by service, for services without documents. */
  readonly shipped: ReadonlyMap<string, ServiceConfig>;
}

/** Reads the documents of a shipped client. Their repairs and warnings are not the project's. */
async function loadShipped(service: ServiceConfig, generated: ServiceConfig, options: LoadOptions): Promise<Loaded> {
  const { loaded, names } = await loadOne(generated, { ...options, ...options.shipped, shipped: undefined }, []);
  const applied = over(generated.policies, service.policies);
  return {
    ...(loaded === undefined ? {} : { loaded: { ...loaded, config: service, over: applied } }),
    ...(names === undefined ? {} : { names }),
  };
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
