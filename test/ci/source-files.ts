import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The TypeScript files of a folder, or the one file that the path names, relative to the project. */
export function filesBelow(path: string): readonly string[] {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name));
}

export interface Import {
  readonly file: string;
  readonly target: string;
}

/** What a file imports, as it says it: types, re-exports and dynamic imports included. */
export function targetsIn(text: string): readonly string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
}

/** Every import of the files below a path, relative to the project; packages by name. */
export function importsBelow(path: string): readonly Import[] {
  return filesBelow(path).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return targetsIn(text).map((found) => ({
      file: file.replaceAll('\\', '/'),
      target: (found.startsWith('.') ? relative(root, join(root, dirname(file), found)) : found).replaceAll('\\', '/'),
    }));
  });
}
