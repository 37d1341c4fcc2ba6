import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^fuseline$/, replacement: `${root}runtime/index.ts` },
      { find: /^fuseline\/(testing|config)$/, replacement: `${root}runtime/$1/index.ts` },
      { find: /^fuseline\/generator$/, replacement: `${root}generator/index.ts` },
      { find: /^fuseline\/([^/]+)\/msw$/, replacement: `${root}generated/$1/msw.ts` },
      { find: /^fuseline\/(.+)$/, replacement: `${root}generated/$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'generated/**/*.test.ts'],
    exclude: ['test/package/**'],
    sequence: { shuffle: true },
    testTimeout: 20_000,
  },
});
