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
  expect(await compile(project, 'readme', { lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'] })).toBe('');
});
