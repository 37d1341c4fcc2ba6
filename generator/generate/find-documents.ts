import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { expandGlob, filesBelow, isGlob } from './glob.js';

const EXTENSIONS = ['yaml', 'yml', 'json'] as const;
const DOCUMENT = /\.(ya?ml|json)$/i;

export interface DocumentQuery {
  readonly service: string;
  /** Entries of the YAML: files, folders or globs, relative to `base`. */
  readonly specs: readonly string[] | undefined;
  /** The folder of the YAML. */
  readonly base: string;
  /** The default folder of documents. */
  readonly specsDir: string;
  /** The absolute path of the breaker YAML. It is never a document, also if it is in the folder of documents. */
  readonly breakersFile?: string | undefined;
}

/**
 * A file that the generator itself writes. It is ignored if the output folder is the folder of documents. Files whose names begin with a
 * dot are ignored too.
 */
const OWN = 'names.lock.json';

export interface FoundDocuments {
  /** Absolute paths, each once. */
  readonly files: readonly string[];
  /** Entries that match no file, with the searched paths. */
  readonly missing: readonly { readonly entry: string | undefined; readonly looked: readonly string[] }[];
}

/** Finds the OpenAPI documents of a service. */
export async function findDocuments(query: DocumentQuery): Promise<FoundDocuments> {
  return query.specs === undefined ? byDefault(query) : listed(query.specs, query);
}

async function byDefault({ service, specsDir, breakersFile }: DocumentQuery): Promise<FoundDocuments> {
  const candidates = EXTENSIONS.map((extension) => join(specsDir, `${service}.${extension}`));
  for (const file of candidates) if (await isFile(file)) return { files: [file], missing: [] };
  const folder = join(specsDir, service);
  const files = await documentsBelow(folder, breakersFile);
  if (files.length > 0) return { files, missing: [] };
  return { files: [], missing: [{ entry: undefined, looked: [...candidates, `${folder}/`] }] };
}

async function listed(specs: readonly string[], { base, breakersFile }: DocumentQuery): Promise<FoundDocuments> {
  const files = new Set<string>();
  const missing: { entry: string; looked: string[] }[] = [];
  for (const entry of specs) {
    const path = resolve(base, entry);
    const found = await expand(entry, path, breakersFile);
    if (found.length === 0) missing.push({ entry, looked: [path] });
    for (const file of found) files.add(file);
  }
  return { files: [...files], missing };
}

/** A file that the YAML names is used whatever its extension. */
async function expand(entry: string, path: string, breakersFile: string | undefined): Promise<string[]> {
  if (await isFile(path)) return [path];
  if (!isGlob(entry)) return documentsBelow(path, breakersFile);
  return (await expandGlob(path.replaceAll('\\', '/'))).filter((file) => isDocument(file, breakersFile));
}

/** Returns the absolute paths of files below a folder that can be documents. */
export async function documentsBelow(folder: string, breakersFile: string | undefined): Promise<string[]> {
  return (await filesBelow(folder)).map((file) => join(folder, file)).filter((file) => isDocument(file, breakersFile));
}

function isDocument(file: string, breakersFile: string | undefined): boolean {
  const name = basename(file);
  return DOCUMENT.test(name) && !name.startsWith('.') && name !== OWN && resolve(file) !== breakersFile;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
