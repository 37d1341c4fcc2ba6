import { readdir, readFile } from 'node:fs/promises';
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

it('every TypeScript example of the docs compiles', async () => {
  const project = inject('typescript7Project');
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
  const pages = (await readdir(docs, { recursive: true })).filter((page) => page.endsWith('.md')).sort();
  const texts = await Promise.all(pages.map(async (page) => readFile(`${docs}${page}`, 'utf8')));
  const examples = texts.flatMap((text, at) =>
    [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, code = ''], number) =>
        [`docs/${(pages[at] ?? '').replaceAll(/[^a-z]+/gi, '-')}-${number + 1}.ts`, `${code}export {};\n`] as const,
    ),
  );
  expect(examples.length).toBeGreaterThan(0);
  await writeFiles(project, { ...Object.fromEntries(examples), 'docs/globals.d.ts': README_GLOBALS });
  expect(await compile(project, 'docs', { lib: ['ES2022', 'DOM', 'DOM.Iterable'] })).toBe('');
});
