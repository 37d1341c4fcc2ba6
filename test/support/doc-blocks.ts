import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Code that a reader may copy. */
export interface DocBlock {
  /** `docs/alerts.md:45`: the first line of the code. */
  readonly place: string;
  /** Path within the project. */
  readonly file: string;
  /** `ts`, `yaml`, ...; of docstrings `ts`. */
  readonly language: string;
  readonly code: string;
}

/** The README and every page of the documentation, by path. */
export function docPages(): readonly string[] {
  return ['README.md', ...filesBelow('docs', '.md')];
}

/** The fenced blocks of the README and the documentation; a block of a list comes without its indentation. */
export function fencedBlocks(pages = docPages()): readonly DocBlock[] {
  return pages.flatMap((file) =>
    [...read(file).matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)].map(({ index, 1: indent = '', 2: language = '', 3: code = '' }) => ({
      place: `${file}:${lineAt(read(file), index) + 1}`,
      file,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    })),
  );
}

/** The `@example` of every docstring of the runtime and the generator. */
export function docstringExamples(): readonly DocBlock[] {
  return ['runtime', 'generator'].flatMap((folder) => filesBelow(folder, '.ts')).flatMap((file) => examplesIn(file, read(file)));
}

/** The programs of the folder `examples`, each as one block. */
export function examplePrograms(): readonly DocBlock[] {
  return filesBelow('examples', '.ts').map((file) => ({ place: `${file}:1`, file, language: 'ts', code: read(file) }));
}

function examplesIn(file: string, text: string): DocBlock[] {
  return [...text.matchAll(/\/\*\*(?:(?!\*\/).)*\*\//gs)].flatMap(({ index, 0: comment }) =>
    [...comment.matchAll(/^ *\* @example\n(.*?)(?=^ *\* @|\*\/)/gms)].map((example) => ({
      place: `${file}:${lineAt(text, index + example.index) + 1}`,
      file,
      language: 'ts',
      code: (example[1] ?? '').replaceAll(/^ *\* ?/gm, ''),
    })),
  );
}

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith(extension))
    .sort();
}

function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
