import { join } from 'node:path';
import { type Paths, resolvePaths } from '../generate/paths.js';
import { installedPackage } from './package-folder.js';

/** Returns the documents and the breaker YAML of the clients that fuseline ships. Undefined if these files are outside of the package. */
export async function shippedPaths(cwd: string): Promise<Paths | undefined> {
  const installed = await installedPackage();
  if (installed === undefined) return undefined;
  const specs = join(installed.folder, 'specs');
  return resolvePaths({ cwd, specs, breakers: join(specs, 'breakers.yaml') });
}
