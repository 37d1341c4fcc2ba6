import { access } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { isObject, own } from './json.js';
import { checkOpenApi, readSource } from './read-document.js';
import type { Reporter } from './reporter.js';
import type { SourceDocument } from './source-document.js';

/** Extensions of files that a reference may name. A document must not be able to make the generator read, or show, any other file. */
const DOCUMENT = new Set(['.json', '.yaml', '.yml']);

/** The documents of one service and the files that they refer to. */
export class DocumentSet {
  readonly #byPath = new Map<string, SourceDocument | undefined>();
  readonly #listed: SourceDocument[] = [];

  private constructor(readonly reporter: Reporter) {}

  /** Reads the listed files, then all files that they refer to. References then resolve synchronously. */
  static async load(files: readonly string[], cwd: string, reporter: Reporter): Promise<DocumentSet> {
    const set = new DocumentSet(reporter);
    for (const path of inOrder(files.map((file) => resolve(cwd, file)))) {
      const document = await readSource(path, cwd, '3.1', reporter);
      set.#byPath.set(path, document);
      if (document !== undefined && checkOpenApi(document, reporter)) set.#listed.push(document);
    }
    const queue = [...set.#listed];
    for (let document = queue.shift(); document !== undefined; document = queue.shift()) {
      for (const path of wantedFiles(document)) {
        if (set.#byPath.has(path)) continue;
        // A missing file is reported at the reference that names it.
        const found = (await exists(path)) ? await readSource(path, cwd, document.version, reporter) : undefined;
        set.#byPath.set(path, found);
        if (found !== undefined) queue.push(found);
      }
    }
    return set;
  }

  /** The listed documents that are OpenAPI, in order of their paths. */
  get listed(): readonly SourceDocument[] {
    return this.#listed;
  }

  /** Returns a file that was read, under its absolute path. */
  at(path: string): SourceDocument | undefined {
    return this.#byPath.get(path);
  }
}

/** Returns each path once, in an order that does not depend on the system's path separator. */
function inOrder(paths: readonly string[]): string[] {
  const bySlashes = new Map(paths.map((path) => [path.replaceAll('\\', '/'), path]));
  return [...bySlashes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** Returns the absolute paths that a document's references name, with the variants that a repair tries. */
function wantedFiles(document: SourceDocument): Set<string> {
  const files = new Set<string>();
  const names = new Set<string>();
  collect(document.root, names);
  for (const name of names) for (const path of candidates(document, name)) files.add(path);
  return files;
}

function collect(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, names);
  if (!isObject(value)) return;
  const ref = own(value, '$ref');
  if (typeof ref === 'string') {
    const name = ref.split('#', 1)[0] ?? '';
    if (name !== '') names.add(name);
  }
  for (const key of Object.keys(value)) collect(value[key], names);
}

/**
 * Returns the path that a relative reference names, then the same path with leading `../` removed one by one. Returns an empty list for
 * URLs and for files that cannot be documents.
 */
export function candidates(document: SourceDocument, name: string): string[] {
  if (/^[a-z][a-z+.-]+:/i.test(name)) return [];
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // The name is not percent-encoded.
  }
  if (decoded.includes('\0') || !DOCUMENT.has(extname(decoded).toLowerCase())) return [];
  const paths: string[] = [];
  for (let rest = decoded; ; rest = rest.slice(3)) {
    paths.push(resolve(dirname(document.path), rest));
    if (!rest.startsWith('../')) return paths;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
