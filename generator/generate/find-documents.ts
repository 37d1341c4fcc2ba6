import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
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
  /** Absolute: never a document, though it may stand among them. */
  readonly breakersFile?: string | undefined;
}

/** What the generator itself writes, in case it writes into the folder of documents. Files whose name begins with a dot are not looked at. */
const OWN = 'names.lock.json';

export interface FoundDocuments {
  /** Absolute, each once. */
  readonly files: readonly string[];
  /** Entries that led to nothing, with where was looked. */
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

/** What is named itself is taken as it is. */
async function expand(entry: string, path: string, breakersFile: string | undefined): Promise<string[]> {
  if (await isFile(path)) return [path];
  if (!isGlob(entry)) return documentsBelow(path, breakersFile);
  return (await expandGlob(path.replaceAll('\\', '/'))).filter((file) => isDocument(file, breakersFile));
}

/** Files below a folder that may be documents, absolute. */
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
