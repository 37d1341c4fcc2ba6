import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { README_GLOBALS } from './readme-globals.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('every TypeScript example of the README and of the docs compiles', async () => {
  const project = inject('typescript7Project');
  const docs = (await readdir(`${root}/docs`, { recursive: true })).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  const files: Record<string, string> = {};
  for (const page of ['README.md', ...docs.sort()]) {
    const text = await readFile(`${root}/${page}`, 'utf8');
    const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
    if (page === 'README.md') expect(examples.length).toBeGreaterThan(0);
    const name = page.replace(/\.md$/, '').replace(/\W+/g, '-').toLowerCase();
    // `export {}` makes a module of an example that imports nothing, so that it may await.
    for (const [at, code] of examples.entries()) files[`readme/${name}-${at + 1}.ts`] = `${code}export {};\n`;
  }
  await writeFiles(project, { ...files, 'readme/globals.d.ts': README_GLOBALS });
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
