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

export default defineConfig({
  root,
  plugins: [decorators],
  resolve: {
    alias: [
      { find: /^fuseline$/, replacement: `${root}runtime/index.ts` },
      { find: /^fuseline\/(testing|protect)$/, replacement: `${root}runtime/$1/index.ts` },
      { find: /^fuseline\/config$/, replacement: `${root}runtime/operate/configuration.ts` },
      { find: /^fuseline\/tiers$/, replacement: `${root}runtime/protect/tiers/index.ts` },
      { find: /^fuseline\/(saved|shared)-state$/, replacement: `${root}runtime/state/$1/index.ts` },
      {
        find: /^fuseline\/(monitor|logging|adaptive|metrics|otel|health|alerts|dashboard)$/,
        replacement: `${root}runtime/operate/$1/index.ts`,
      },
      { find: /^fuseline\/generator$/, replacement: `${root}generator/index.ts` },
      { find: /^fuseline\/([^/]+)\/msw$/, replacement: `${root}generated/$1/msw.ts` },
      { find: /^fuseline\/(.+)$/, replacement: `${root}generated/$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'generated/**/*.test.ts'],
    // Some folders of tests have tools of their own, which come with tests of theirs.
    exclude: ['test/package/**', '**/node_modules/**'],
    sequence: { shuffle: true },
    testTimeout: 20_000,
  },
});
