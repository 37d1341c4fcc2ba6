import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Below node_modules, so that bare imports resolve as they do for the sources. */
const CACHE = join(ROOT, 'node_modules', '.cache');

/** Which folders are compiled, and the subpaths of the package they become. */
const FOLDERS = ['runtime', 'generator', 'generated', 'bench'];

/**
 * Compiles runtime, generator, generated clients and bench to plain JavaScript and returns the folder. What is measured is what users run: a loader
 * such as tsx wraps every inner function to keep its name, which alone costs more than a breaker. The folder is new for each run, so that two runs
 * do not overwrite each other, and is removed when the process exits.
 */
export function build(): string {
  mkdirSync(CACHE, { recursive: true });
  const out = mkdtempSync(join(CACHE, 'fuseline-bench-'));
  process.on('exit', () => rmSync(out, { recursive: true, force: true }));
  for (const folder of FOLDERS) compileFolder(join(ROOT, folder), out);
  const services = existsSync(join(ROOT, 'generated')) ? readdirSync(join(ROOT, 'generated')) : [];
  const exports: Record<string, string> = { '.': './runtime/index.js' };
  for (const service of services) {
    if (existsSync(join(out, 'generated', service, 'index.js'))) exports[`./${service}`] = `./generated/${service}/index.js`;
  }
  writeFileSync(join(out, 'package.json'), JSON.stringify({ name: 'fuseline', type: 'module', sideEffects: false, exports }));
  return out;
}

function compileFolder(folder: string, out: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules') continue;
    if (entry.isDirectory()) compileFolder(path, out);
    else if (entry.name.endsWith('.ts') && !/\.(d|test)\.ts$/.test(entry.name)) compileFile(path, out);
  }
}

function compileFile(path: string, out: string): void {
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const target = join(out, relative(ROOT, path)).replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
