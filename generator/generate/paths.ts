import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { displayName } from '../read/read-document.js';

export interface PathOptions {
  readonly specs?: string | undefined;
  readonly breakers?: string | undefined;
  readonly out?: string | undefined;
  readonly cwd?: string | undefined;
}

export interface Paths {
  readonly cwd: string;
  readonly specsDir: string;
  readonly breakersFile: string;
  readonly out: string;
  /** Set if the project has two breaker YAMLs that differ, so that no command can know which is meant. */
  readonly ambiguous?: Diagnostic | undefined;
}

const FILE = 'breakers.yaml';

/**
 * Returns the absolute paths of input and output. Without `breakers`, the breaker YAML is `breakers.yaml` in `cwd`, or else in the folder of documents.
 * If both exist and differ, `ambiguous` says so.
 */
export async function resolvePaths({ cwd: base, specs = 'specs', breakers, out = 'generated' }: PathOptions): Promise<Paths> {
  const cwd = resolve(base ?? process.cwd());
  const specsDir = resolve(cwd, specs);
  const paths = { cwd, specsDir, out: resolve(cwd, out) };
  if (breakers !== undefined) return { ...paths, breakersFile: resolve(cwd, breakers) };
  const [here, beside] = [join(cwd, FILE), join(specsDir, FILE)];
  if (here === beside) return { ...paths, breakersFile: here };
  const [text, other] = await Promise.all([textOf(here), textOf(beside)]);
  // The place beside the documents is the one that messages about a missing file name.
  if (text === undefined || text === other) return { ...paths, breakersFile: beside };
  return { ...paths, breakersFile: here, ambiguous: other === undefined ? undefined : twoFiles(here, beside, cwd) };
}

function twoFiles(here: string, beside: string, cwd: string): Diagnostic {
  const [file, other] = [displayName(here, cwd), displayName(beside, cwd)];
  return {
    severity: 'error',
    code: 'two-breaker-files',
    message: `There are two breaker YAMLs, ${file} and ${other}, and they differ. Expected one of them`,
    file,
    hint: `Name the one to read: \`--breakers ${other}\`.`,
  };
}

/** Returns the text of a file; undefined if there is no such file, or a folder of that name. */
function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
