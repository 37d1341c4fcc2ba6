/** `npm run build`: the package's `dist/` from nothing. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

// A file that is no longer written must not be shipped.
rmSync(dist, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

function compile(...options: string[]): void {
  const { status } = spawnSync(process.execPath, [tsc, '--project', join(root, '.config/tsconfig.build.json'), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

compile('--emitDeclarationOnly');
// Comments are for people, who meet them in the declarations: code that every process parses at its start goes without. Types were checked above.
compile('--declaration', 'false', '--stripInternal', 'false', '--removeComments', '--noCheck');
restoreBundlerComments();
removeUnreachable();
for (const schema of ['runtime/config/breakers.schema.json', 'generator/simulator/scenario/scenario.schema.json'])
  copyFileSync(join(root, schema), join(dist, basename(schema)));

/** Puts back the two comments without which bundlers warn about an import that they must not follow. */
function restoreBundlerComments(): void {
  for (const service of readdirSync(join(dist, 'generated'))) {
    const file = join(dist, 'generated', service, 'client.js');
    const text = readFileSync(file, 'utf8');
    const restored = text.replace('import(file)', 'import(/* webpackIgnore: true */ /* @vite-ignore */ file)');
    if (restored === text) throw new Error(`${file} has no import(file): does the generator write it another way?`);
    writeFileSync(file, restored);
  }
}

/** Declarations are read from the exports on: half of the files belong to modules that nobody can import, and would only be downloaded. */
function removeUnreachable(): void {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles)
      if (fileName.startsWith('.')) visit(join(dirname(file), fileName.replace(/\.js$/, '.d.ts')));
  };
  for (const target of Object.values(exports)) if (typeof target !== 'string') visit(join(root, target.types));
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name);
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}
