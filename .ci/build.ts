/** `npm run build`: the package's `dist/` from nothing. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

// Comments are for people, who meet them in the declarations: code that every process parses at its start goes without.
compile('--declaration', 'false', '--stripInternal', 'false', '--removeComments');
compile('--emitDeclarationOnly');
for (const schema of ['runtime/config/breakers.schema.json', 'generator/simulator/scenario/scenario.schema.json'])
  copyFileSync(join(root, schema), join(dist, basename(schema)));
