import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Version of the installed package, whether this runs from its sources or its build. */
export async function packageVersion(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    const found = text === undefined ? undefined : (JSON.parse(text) as { name?: unknown; version?: unknown });
    if (found?.name === 'fuseline') return String(found.version);
    if (dirname(folder) === folder) return 'unknown';
  }
}
