import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { mustRun, run } from './shell.js';

const tarball = inject('tarball');
const installed = join(inject('project'), 'node_modules/fuseline');

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
}

describe('the tarball', () => {
  it('satisfies publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('gives types to every module resolution that knows ESM', async () => {
    const attw = createRequire(import.meta.url)
      .resolve('@arethetypeswrong/cli/package.json')
      .replace('package.json', 'dist/index.js');
    const { code, output } = await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'], {
      cwd: installed,
    });
    expect(code, output).toBe(0);
  });

  it('holds every file that its exports name', async () => {
    for (const target of Object.values((await manifest()).exports)) {
      for (const file of typeof target === 'string' ? [target] : [target.types, target.default]) {
        expect((await stat(join(installed, file))).isFile(), file).toBe(true);
      }
    }
  });

  it('holds no test and no source', async () => {
    const files = (await readdir(installed, { recursive: true })).filter((file) => !file.startsWith('node_modules'));
    expect(files.filter((file) => /\.test\.|\.map$|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    // Nor declarations of what no export reaches.
    expect(files.filter((file) => /^dist[\\/]generator[\\/]cli[\\/].*\.d\.ts$/.test(file))).toEqual([]);
    for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'specs/breakers.yaml']) expect(files).toContain(file);
  });

  it('is small', async () => {
    expect((await stat(tarball)).size).toBeLessThan(880_000);
  });

  it('has a schema for editors', async () => {
    const schema: unknown = JSON.parse(await readFile(join(installed, 'dist/breakers.schema.json'), 'utf8'));
    expect(schema).toHaveProperty('properties.circuit_breaker');
  });

  it('has a command that says what it can do', async () => {
    const { stdout } = await mustRun('npx', ['--no-install', 'fuseline', '--help'], { cwd: inject('project') });
    expect(stdout).toContain('generate');
  });
});
