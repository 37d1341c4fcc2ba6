import { stat } from 'node:fs/promises';
import { basename, dirname, extname, relative } from 'node:path';
import { nearest } from '../../runtime/errors/nearest.js';
import { documentsBelow } from './find-documents.js';
import { isGlob } from './glob.js';

/** The number of services that a suggested YAML names. */
const SUGGESTED = 3;

export interface Folders {
  readonly cwd: string;
  readonly specsDir: string;
  readonly breakersFile: string;
}

/** Returns a hint for a missing breaker YAML: a first file that fits the documents. */
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
  return `Create it, or name another with \`--breakers FILE\`. For example: \`circuit_breaker: { services: { ${text} } }\``;
}

/**
 * Returns a hint for missing documents of a service.
 *
 * @param entry - the entry of the YAML's `specs`. Undefined without `specs`
 * @param looked - the absolute path of the entry
 */
export async function missingSpecHint(
  service: string,
  entry: string | undefined,
  looked: string,
  { specsDir, breakersFile }: Folders,
): Promise<string> {
  const rest = 'Put it there, or name it with `specs:` (files, folders or globs, relative to this file).';
  if (entry !== undefined && isGlob(entry))
    return 'Only .yaml, .yml and .json files are read. Patterns support `*`, `**`, `?` and `{a,b}`.';
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
