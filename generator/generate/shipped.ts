import { dirname } from 'node:path';
import { type BreakersConfig, type LoadResult, loadBreakers, type ServiceConfig } from '../../runtime/config/index.js';
import { displayName } from '../read/read-document.js';
import { findDocuments } from './find-documents.js';
import type { Folders } from './missing.js';

export interface ShippedServices {
  /** The settings with which fuseline generated its clients. Undefined if no service of the file is a shipped one. */
  readonly generated: BreakersConfig | undefined;
  /** The generated settings by service, for services of the project's file that have no documents and name none. */
  readonly services: ReadonlyMap<string, ServiceConfig>;
}

/** Finds the services of a file that the project does not generate itself and for which fuseline ships a client. */
export async function shippedServices(
  draft: BreakersConfig,
  { cwd, specsDir, breakersFile, shipped }: Folders & { readonly shipped?: Omit<Folders, 'cwd'> | undefined },
): Promise<ShippedServices> {
  const services = new Map<string, ServiceConfig>();
  if (shipped === undefined || shipped.specsDir === specsDir) return { generated: undefined, services };
  const { config } = await loadBreakers(displayName(shipped.breakersFile, cwd), { cwd });
  for (const service of draft.services.values()) {
    const { name, specs } = service;
    const generated = config?.services.get(name);
    if (generated === undefined || specs !== undefined || !isListed(service)) continue;
    const own = await findDocuments({ service: name, specs, base: dirname(breakersFile), specsDir, breakersFile });
    if (own.files.length === 0) services.set(name, generated);
  }
  return { generated: services.size === 0 ? undefined : config, services };
}

/** Reads a file again with the settings of shipped clients below it, so that values are checked as they apply to those clients. */
export function loadOver({ services }: ShippedServices, file: string, cwd: string): Promise<LoadResult> {
  return loadBreakers(file, { cwd, servicesInUse: services.keys(), generated: (service) => services.get(service)?.policies });
}

/** Whether a file lists a service outside of its environments. */
export function isListed({ namedAt }: ServiceConfig): boolean {
  return namedAt.some(([top]) => top === 'circuit_breaker');
}
