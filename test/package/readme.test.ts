import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { README_GLOBALS } from './readme-globals.js';

const examplesOf = (text: string): readonly string[] => [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);

it('every TypeScript example of the README compiles', async () => {
  const project = inject('typescript7Project');
  const readme = await readFile(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const examples = examplesOf(readme);
  expect(examples.length).toBeGreaterThan(0);
  // `export {}` makes a module of an example that imports nothing, so that it may await.
  const files = examples.map((code, at) => [`readme/example-${at + 1}.ts`, `${code}export {};\n`] as const);
  await writeFiles(project, { ...Object.fromEntries(files), 'readme/globals.d.ts': README_GLOBALS });
  expect(await compile(project, 'readme', { lib: ['ES2022', 'DOM', 'DOM.Iterable'] })).toBe('');
});

it('every TypeScript example of the docs compiles', async () => {
  const project = inject('typescript7Project');
  const docs = fileURLToPath(new URL('../../docs', import.meta.url));
  const pages = (await readdir(docs, { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  const files: [string, string][] = [];
  for (const page of pages) {
    const examples = examplesOf(await readFile(join(docs, page), 'utf8'));
    for (const [at, code] of examples.entries()) files.push([`docs/${page.replace(/\W/g, '-')}-${at + 1}.ts`, `${code}export {};\n`]);
  }
  expect(files.length).toBeGreaterThan(0);
  await writeFiles(project, { ...Object.fromEntries(files), 'docs/globals.d.ts': README_GLOBALS });
  expect(await compile(project, 'docs', { lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'] })).toBe('');
});
