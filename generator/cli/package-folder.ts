import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The installed package, run from its sources or its build. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/** Searches upwards for the package.json of this package. Undefined if these files are outside of the package. */
export async function installedPackage(): Promise<InstalledPackage | undefined> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    const found = text === undefined ? undefined : (JSON.parse(text) as { name?: unknown; version?: unknown });
    if (found?.name === 'fuseline') return { folder, version: String(found.version) };
    if (dirname(folder) === folder) return undefined;
  }
}
