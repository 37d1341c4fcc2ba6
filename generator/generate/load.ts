import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import {
  type BreakersConfig,
  checkKnown,
  type KnownOperations,
  loadBreakers,
  nearest,
  type ServiceConfig,
} from '../../runtime/config/index.js';
import { loadService } from '../model/load-service.js';
import type { ServiceModel } from '../model/types.js';
import { displayName } from '../read/read-document.js';
import { findDocuments } from './find-documents.js';
import { readNamesLock } from './read-lock.js';

export interface LoadOptions {
  readonly cwd: string;
  /** Absolute. */
  readonly specsDir: string;
  readonly breakersFile: string;
  readonly out: string;
  /** Only these services. */
  readonly services: readonly string[] | undefined;
  readonly onProgress: ((text: string) => void) | undefined;
}

export interface LoadedService {
  readonly config: ServiceConfig;
  readonly model: ServiceModel;
  readonly documents: number;
}

export interface LoadedProject {
  /** Undefined where the YAML has an error. */
  readonly config: BreakersConfig | undefined;
  /** Services without errors. */
  readonly services: readonly LoadedService[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Folder names of services, which are also names of files. */
const SERVICE_NAME = /^[A-Za-z][\w-]*$/;

/** Reads the breaker YAML and the documents of its services, and checks each against the other. */
export async function loadProject(options: LoadOptions): Promise<LoadedProject> {
  const { cwd, breakersFile } = options;
  const { config, diagnostics: found } = await loadBreakers(displayName(breakersFile, cwd), { cwd });
  const diagnostics: Diagnostic[] = [...found];
  if (config === undefined) return { config, services: [], diagnostics };
  const wanted = [...config.services.values()].filter(({ name }) => options.services?.includes(name) ?? true);
  for (const name of options.services ?? []) if (!config.services.has(name)) diagnostics.push(unknownService(config, name));
  const services: LoadedService[] = [];
  const known = new Map<string, KnownOperations>();
  const named = new Set<string>();
  for (const [at, service] of wanted.entries()) {
    options.onProgress?.(`reading ${service.name} (${at + 1} of ${wanted.length})`);
    // One that only an environment names is a misspelt one, which the check of names reports.
    if (!service.namedAt.some(([top]) => top === 'circuit_breaker')) continue;
    named.add(service.name);
    const loaded = await loadOne(service, options, diagnostics);
    if (loaded === undefined) continue;
    services.push(loaded);
    known.set(service.name, namesOf(loaded.model));
  }
  const knownServices = options.services === undefined ? named : undefined;
  diagnostics.push(...checkKnown(config, { knownServices, knownOperations: (service) => known.get(service) }));
  if (config.services.size === 0) diagnostics.push(noServices(config));
  return { config, services, diagnostics };
}

async function loadOne(service: ServiceConfig, options: LoadOptions, diagnostics: Diagnostic[]): Promise<LoadedService | undefined> {
  const { cwd, specsDir, breakersFile, out } = options;
  const { name, specs, repair, names } = service;
  if (!SERVICE_NAME.test(name)) {
    const message = `Expected the name of a service to be letters, digits, \`-\` and \`_\`, found ${JSON.stringify(name)}`;
    diagnostics.push(
      service.diagnose([], { code: 'bad-service-name', message, hint: 'It names the folder and the client; `specs:` may name any file.' }),
    );
    return undefined;
  }
  const found = await findDocuments({ service: name, specs, base: dirname(resolve(cwd, breakersFile)), specsDir });
  for (const { entry, looked } of found.missing) {
    const at = entry === undefined || specs === undefined ? [] : specs.length === 1 ? ['specs'] : ['specs', specs.indexOf(entry)];
    const where = looked.map((path) => displayName(path, cwd)).join(', ');
    diagnostics.push(
      service.diagnose(at, {
        code: 'missing-spec',
        message: `There is no OpenAPI document of the service \`${name}\`: looked for ${where}`,
        hint: 'Put it there, or name it with `specs:` (files, folders or globs, relative to this file).',
      }),
    );
  }
  if (found.missing.length > 0) return undefined;
  const lock = await readNamesLock(join(out, name, 'names.lock.json'));
  const namesFile = displayName(breakersFile, cwd);
  const { model, diagnostics: read } = await loadService({ name, files: found.files, repair, names, lock, cwd, namesFile });
  diagnostics.push(...read);
  return model === undefined ? undefined : { config: service, model, documents: found.files.length };
}

function namesOf(model: ServiceModel): KnownOperations {
  return {
    namespaces: model.namespaces.map(({ name }) => name),
    operations: model.namespaces.flatMap(({ operations }) =>
      operations.map(({ id, method, idempotencyHeader }) => ({ id, method, idempotencyHeader })),
    ),
  };
}

function unknownService(config: BreakersConfig, name: string): Diagnostic {
  const names = [...config.services.keys()];
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
    hint: 'Write `circuit_breaker: { services: { ghl: {} } }` with the name of a document, `ghl.yaml`, in the specs folder.',
  };
}
