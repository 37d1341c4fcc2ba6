import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun, run } from './shell.js';

/** A new TypeScript project with the given packages installed, in a temporary folder. */
export async function newProject(packages: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fuseline-user-'));
  await writeFiles(folder, { 'package.json': JSON.stringify({ name: 'user', private: true, type: 'module' }) });
  await mustRun('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: folder });
  return folder;
}

/** Writes files, by path within a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Settings of the compiler that differ from test to test. */
export interface CompilerSettings {
  readonly lib?: readonly string[];
  readonly outDir?: string;
  /** Writes the output without looking for errors. */
  readonly unchecked?: boolean;
}

/**
 * Compiles a folder of the project as strictly as TypeScript can, declarations of the package included, with the compiler that is installed
 * there. Returns what that says: nothing, where all is well.
 */
export async function compile(
  project: string,
  sources: string,
  { lib = ['ES2022'], outDir, unchecked = false }: CompilerSettings = {},
): Promise<string> {
  const name = `tsconfig.${sources.replaceAll('/', '-')}.json`;
  const compilerOptions = {
    target: 'ES2022',
    lib,
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noCheck: unchecked,
    rootDir: sources,
    ...(outDir === undefined ? { noEmit: true } : { outDir }),
  };
  await writeFiles(project, { [name]: JSON.stringify({ compilerOptions, include: [sources] }) });
  const { code, stdout, output } = await run(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '--project', name, '--pretty', 'false'],
    { cwd: project },
  );
  // A compiler that could not be started has said nothing on stdout either.
  return code === 0 ? stdout : stdout || output;
}
