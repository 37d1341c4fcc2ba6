import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { type BreakersConfig, loadBreakers } from '../../runtime/config/index.js';
import { over } from '../../runtime/config/layers.js';
import { checkService } from '../emit/index.js';
import { findDocuments } from '../generate/find-documents.js';
import { type GenerateOptions, locator } from '../generate/generate.js';
import { knownOperations, loadProject } from '../generate/load.js';
import { type Paths, resolvePaths } from '../generate/paths.js';
import type { ServiceModel } from '../model/types.js';
import { displayName } from '../read/read-document.js';
import { shippedPaths } from './shipped-paths.js';

/** A client that fuseline ships, and the file of a project that has no documents of its own for the client. */
export interface ShippedClient {
  /** What the client was generated with. */
  readonly generated: BreakersConfig;
  readonly model: ServiceModel;
  /** The project's file as a layer over it; undefined if the file has an error. */
  readonly config: BreakersConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the shipped client of a service and the project's file. Undefined if the project has no file, or generates the client itself, or if
 * fuseline ships no such client.
 */
export async function shippedClient(
  options: GenerateOptions,
  service: string,
  onProgress: (text: string) => void,
): Promise<ShippedClient | undefined> {
  const own = await resolvePaths(options);
  const shipped = await shippedPaths(own.cwd);
  const { breakersFile: file, ambiguous } = own;
  if (options.specs !== undefined || ambiguous !== undefined || shipped === undefined || !(await isFile(file))) return undefined;
  if (own.specsDir === shipped.specsDir || (await isGenerated(service, file, own))) return undefined;
  const { config: generated, services } = await loadProject({ ...shipped, services: [service], onProgress });
  const model = services[0]?.model;
  if (generated === undefined || model === undefined) return undefined;
  const names = [...generated.services.keys()];
  const { config, diagnostics } = await loadBreakers(displayName(file, own.cwd), {
    cwd: own.cwd,
    servicesInUse: names,
    generated: (name) => generated.services.get(name)?.policies,
    knownOperations: (name) => (name === service ? knownOperations(model) : undefined),
  });
  if (config === undefined) return { generated, model, config, diagnostics };
  const policies = over(generated.service(service).policies, config.service(service).policies);
  const misfits = checkService(model, policies, locator(config)).filter(({ line }) => line !== undefined);
  return { generated, model, config: misfits.length === 0 ? config : undefined, diagnostics: [...diagnostics, ...misfits] };
}

async function isGenerated(service: string, file: string, { cwd, specsDir }: Paths): Promise<boolean> {
  const { draft } = await loadBreakers(displayName(file, cwd), { cwd });
  const { files } = await findDocuments({
    service,
    specs: draft?.services.get(service)?.specs,
    base: dirname(file),
    specsDir,
    breakersFile: file,
  });
  return files.length > 0;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
