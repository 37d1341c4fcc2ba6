import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Vite's own compiler passes TC39 decorators through, and no engine runs them yet: tests that use them say so in their name. */
const decorators = {
  name: 'decorators',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!id.endsWith('.decorators.test.ts')) return undefined;
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, sourceMap: true };
    const { outputText, sourceMapText } = ts.transpileModule(code, { fileName: id, compilerOptions });
    return { code: outputText, map: sourceMapText };
  },
};

/** What the compiler is told of the package's own names. */
function aliases(): { find: RegExp; replacement: string }[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile) as {
    config: { compilerOptions: { paths: Readonly<Record<string, readonly [string]>> } };
  };
  return Object.entries(config.compilerOptions.paths).map(([name, [file]]) => ({
    find: new RegExp(`^${name.replace('*', '(.+)')}$`),
    replacement: root + file.replace('./', '').replace('*', '$1'),
  }));
}

/** The settings that every run of source tests shares. */
export default defineConfig({
  root,
  plugins: [decorators],
  resolve: {
    alias: aliases(),
  },
  test: {
    // One worker per core. Vitest's default leaves one core to itself, half of a machine with two.
    maxWorkers: '100%',
    sequence: { shuffle: true },
    // Long, so that only a test that hangs meets it: a busy machine may take ten times as long as an idle one.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
