import { stat } from 'node:fs/promises';
import { basename, dirname, extname, relative } from 'node:path';
import { nearest } from '../../runtime/errors/nearest.js';
import { documentsBelow } from './find-documents.js';
import { isGlob } from './glob.js';

/** Services that a suggested YAML names. */
const SUGGESTED = 3;

export interface Folders {
  readonly cwd: string;
  readonly specsDir: string;
  readonly breakersFile: string;
}

/** What to do where the breaker YAML is missing: nothing else can be said about the project then. */
export async function missingBreakersHint({ cwd, specsDir, breakersFile }: Folders): Promise<string> {
  const shown = relative(cwd, specsDir) || '.';
  const found = await stat(specsDir).catch(() => undefined);
  if (found === undefined)
    return `There is no folder ${shown} either: name yours with \`--specs DIR\`, or the file with \`--breakers FILE\`.`;
  if (!found.isDirectory()) return `\`--specs\` wants the folder of the documents, ${shown} is a file.`;
  const names = (await documentsBelow(specsDir, breakersFile))
    .filter((file) => dirname(file) === specsDir)
    .map((file) => basename(file, extname(file)))
    .filter((name) => /^[A-Za-z][\w-]*$/.test(name));
  const services = [...new Set(names)].slice(0, SUGGESTED).map((name) => `${name}: {}`);
  const text = services.length === 0 ? 'name-of-a-document: {}' : services.join(', ');
  return `Create it, or name another with \`--breakers FILE\`. To begin with: \`circuit_breaker: { services: { ${text} } }\``;
}

/**
 * What to do where documents of a service are missing.
 *
 * @param entry - of the YAML's `specs`, where it names documents
 * @param looked - absolute path that the entry leads to
 */
export async function missingSpecHint(
  service: string,
  entry: string | undefined,
  looked: string,
  { specsDir, breakersFile }: Folders,
): Promise<string> {
  const rest = 'Put it there, or name it with `specs:` (files, folders or globs, relative to this file).';
  if (entry !== undefined && isGlob(entry)) return 'Only .yaml, .yml and .json files count. Patterns know `*`, `**`, `?` and `{a,b}`.';
  const folder = entry === undefined ? specsDir : dirname(looked);
  const files = (await documentsBelow(folder, breakersFile)).filter((file) => dirname(file) === folder);
  const wanted = entry === undefined ? service : basename(entry, extname(entry));
  const meant = nearest(
    wanted,
    files.map((file) => basename(file, extname(file))),
  );
  const file = files.find((candidate) => basename(candidate, extname(candidate)) === meant);
  if (file === undefined) return rest;
  const named = relative(dirname(breakersFile), file).replaceAll('\\', '/');
  return entry === undefined ? `Did you mean \`${meant}\`? Or name its documents: \`specs: ${named}\`.` : `Did you mean \`${named}\`?`;
}
