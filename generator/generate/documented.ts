import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { documentsBelow } from './find-documents.js';

/** What makes an OpenAPI document one, in YAML or JSON; Swagger's is one, too, that the reader has a sentence for. */
const OPENAPI = /(?:^|[{,])\s*["']?(?:openapi|swagger)["']?\s*:/m;

/** Names that a service may have, as the schema of the breaker YAML says. */
const SERVICE_NAME = /^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*$/;

/**
 * Services that have documents where they are by default: `ghl.yaml`, or OpenAPI documents below `ghl/`. Sorted by name; what is no OpenAPI
 * document, or could not name a service, is none.
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
