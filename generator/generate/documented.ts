import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { documentsBelow } from './find-documents.js';

/** Marks a file as an OpenAPI document, in YAML or JSON. Also matches Swagger 2, which the reader reports. */
const OPENAPI = /(?:^|[{,])\s*["']?(?:openapi|swagger)["']?\s*:/m;

/** Names that a service can have, as in the schema of the breaker YAML. */
const SERVICE_NAME = /^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*$/;

/**
 * Returns the services that have documents in the default places: `ghl.yaml`, or OpenAPI documents below `ghl/`. Sorted by name. Ignores
 * files that are not OpenAPI documents and names that no service can have.
 */
export async function documentedServices(specsDir: string, breakersFile: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const file of await documentsBelow(specsDir, breakersFile)) {
    const [top = '', ...below] = relative(specsDir, file).split(sep);
    const name = below.length === 0 ? top.replace(/\.\w+$/, '') : top;
    if (names.has(name) || !SERVICE_NAME.test(name)) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    if (OPENAPI.test(text)) names.add(name);
  }
  return [...names].sort();
}
