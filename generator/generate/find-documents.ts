import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expandGlob, filesBelow, isGlob } from './glob.js';

const EXTENSIONS = ['yaml', 'yml', 'json'] as const;
const DOCUMENT = /\.(ya?ml|json)$/i;

export interface DocumentQuery {
  readonly service: string;
  /** From the YAML: files, folders or globs, relative to `base`. */
  readonly specs: readonly string[] | undefined;
  /** Folder of the YAML. */
  readonly base: string;
  /** Where documents are by default. */
  readonly specsDir: string;
}

export interface FoundDocuments {
  /** Absolute, each once. */
  readonly files: readonly string[];
  /** Entries that led to nothing, with where was looked. */
  readonly missing: readonly { readonly entry: string | undefined; readonly looked: readonly string[] }[];
}

/** Finds the OpenAPI documents of a service. */
export async function findDocuments(query: DocumentQuery): Promise<FoundDocuments> {
  return query.specs === undefined ? byDefault(query) : listed(query.specs, query.base);
}

async function byDefault({ service, specsDir }: DocumentQuery): Promise<FoundDocuments> {
  const candidates = EXTENSIONS.map((extension) => join(specsDir, `${service}.${extension}`));
  for (const file of candidates) if (await isFile(file)) return { files: [file], missing: [] };
  const folder = join(specsDir, service);
  const files = await documentsBelow(folder);
  if (files.length > 0) return { files, missing: [] };
  return { files: [], missing: [{ entry: undefined, looked: [...candidates, `${folder}/`] }] };
}

async function listed(specs: readonly string[], base: string): Promise<FoundDocuments> {
  const files = new Set<string>();
  const missing: { entry: string; looked: string[] }[] = [];
  for (const entry of specs) {
    const path = resolve(base, entry);
    const found = await expand(entry, path);
    if (found.length === 0) missing.push({ entry, looked: [path] });
    for (const file of found) files.add(file);
  }
  return { files: [...files], missing };
}

async function expand(entry: string, path: string): Promise<string[]> {
  if (await isFile(path)) return [path];
  if (isGlob(entry)) return (await expandGlob(path.replaceAll('\\', '/'))).filter((file) => DOCUMENT.test(file));
  return documentsBelow(path);
}

async function documentsBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((file) => DOCUMENT.test(file)).map((file) => join(folder, file));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
