import { type BreakersConfig, type LoadResult, loadBreakers } from '../../runtime/config/index.js';
import { over } from '../../runtime/config/layers.js';
import type { AppliedPolicies } from '../../runtime/config/types.js';
import type { Folders } from '../generate/missing.js';
import { loadOver, shippedServices } from '../generate/shipped.js';

/** The policies of a breaker YAML as clients have them. */
export interface TestedPolicies {
  readonly config: BreakersConfig;
  /** The names of the environments that can be asked for. */
  readonly environments: readonly string[];
  /** Returns the settings of a service: those of the file, over those with which fuseline generated a client that it ships. */
  policies(service: string): AppliedPolicies;
}

export interface TestedResult extends Pick<LoadResult, 'diagnostics'> {
  /** Undefined if the file has an error. */
  readonly tested: TestedPolicies | undefined;
}

/** Reads a breaker YAML. `folders` are those of the project, and `shipped` those of the clients that fuseline ships. */
export async function readTested(
  file: string,
  folders: Folders & { readonly shipped: Omit<Folders, 'cwd'> | undefined },
): Promise<TestedResult> {
  const { cwd } = folders;
  const read = await loadBreakers(file, { cwd });
  if (read.draft === undefined) return { tested: undefined, diagnostics: read.diagnostics };
  const shipped = await shippedServices(read.draft, folders);
  const { config, diagnostics } = shipped.services.size === 0 ? read : await loadOver(shipped, file, cwd);
  if (config === undefined) return { tested: undefined, diagnostics };
  const environments = [...new Set([...config.environments, ...(shipped.generated?.environments ?? [])])];
  const policies = (service: string): AppliedPolicies => over(shipped.services.get(service)?.policies, config.service(service).policies);
  return { tested: { config, environments, policies }, diagnostics };
}
