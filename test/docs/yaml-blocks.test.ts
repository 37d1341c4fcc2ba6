import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checkService } from '../../generator/emit/index.js';
import { loadService } from '../../generator/model/load-service.js';
import type { ServiceModel } from '../../generator/model/types.js';
import { checkKnown, formatDiagnostics, type KnownOperations, parseBreakers } from '../../runtime/config/index.js';
import { type DocBlock, fencedBlocks } from '../support/doc-blocks.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OTHER_FILES = [/scenario\.schema\.json/, /^scrape_configs:/m];

const blocks = fencedBlocks().filter(({ language }) => language === 'yaml' || language === 'yml');
const breakers = blocks.filter(({ code }) => /^(?:circuit_breaker|resilience):/m.test(code));

const models = new Map<string, Promise<ServiceModel | undefined>>();

/** The documents of a shipped service; undefined for a service of the reader's own. */
function modelOf(name: string): Promise<ServiceModel | undefined> {
  const file = `${ROOT}specs/${name}.yaml`;
  const read = async () =>
    existsSync(file) ? (await loadService({ name, files: [file], repair: false, names: {}, lock: {}, cwd: ROOT })).model : undefined;
  const model = models.get(name) ?? read();
  models.set(name, model);
  return model;
}

/** What `fuseline validate` and `loadBreakers` find in a file of this text. */
async function errorsIn({ code, place }: DocBlock): Promise<string[]> {
  const { draft, diagnostics } = parseBreakers(code, place);
  const found = [...diagnostics];
  const known = new Map<string, KnownOperations>();
  for (const { name, policies } of draft?.services.values() ?? []) {
    const model = await modelOf(name);
    if (model === undefined) continue;
    const operations = model.namespaces.flatMap((namespace) => namespace.operations);
    known.set(name, { namespaces: model.namespaces.map((namespace) => namespace.name), operations });
    found.push(...checkService(model, policies, () => undefined));
  }
  if (draft !== undefined) found.push(...checkKnown(draft, { knownOperations: (name) => known.get(name) }));
  return found.filter(({ severity }) => severity === 'error').map((error) => formatDiagnostics([error]));
}

it('every YAML block is a whole file, and says of what kind if it is not the breaker YAML', () => {
  const others = blocks.filter((block) => !breakers.includes(block));
  expect(breakers.length).toBeGreaterThan(10);
  expect(others.filter(({ code }) => !OTHER_FILES.some((known) => known.test(code))).map(({ place }) => place)).toEqual([]);
});

it.each(breakers.map((block) => [block.place, block] as const))('the loader and the generator accept %s', async (_, block) => {
  expect(await errorsIn(block)).toEqual([]);
});

it('a fallback value that its operation cannot give is found by the generator, which knows the documents', async () => {
  const code =
    'circuit_breaker:\n  services:\n    ghl:\n      operations:\n        contacts.get: { fallback: { value: { contact: null } } }\n';
  expect(parseBreakers(code, 'page.md').diagnostics).toEqual([]);
  expect(await errorsIn({ code, place: 'page.md:1', file: 'page.md', language: 'yaml' })).toEqual([
    expect.stringContaining('The fallback value of `contacts.get` is not a possible result of the operation'),
  ]);
});
