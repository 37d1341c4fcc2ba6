import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { README_GLOBALS } from './readme-globals.js';

it('every TypeScript example of the README compiles', async () => {
  const project = inject('typescript7Project');
  const readme = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
  expect(examples.length).toBeGreaterThan(0);
  // `export {}` makes a module of an example that imports nothing, so that it may await.
  const files = examples.map((code, at) => [`readme/example-${at + 1}.ts`, `${code}export {};\n`] as const);
  await writeFiles(project, { ...Object.fromEntries(files), 'readme/globals.d.ts': README_GLOBALS });
  expect(await compile(project, 'readme', { lib: ['ES2022', 'DOM', 'DOM.Iterable'] })).toBe('');
});
