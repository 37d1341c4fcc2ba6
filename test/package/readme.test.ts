import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { README_GLOBALS } from './readme-globals.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('every TypeScript example of the README and of the docs compiles', async () => {
  const project = inject('typescript7Project');
  const pages = (await readdir(join(root, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const files: Record<string, string> = { 'readme/globals.d.ts': README_GLOBALS };
  for (const page of ['README.md', ...pages]) {
    const examples = [...(await readFile(join(root, page), 'utf8')).matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
    // `export {}` makes a module of an example that imports nothing, so that it may await.
    for (const [at, code] of examples.entries()) files[`readme/${page.replace(/\W+/g, '-')}-${at + 1}.ts`] = `${code}export {};\n`;
  }
  expect(Object.keys(files).length).toBeGreaterThan(1);
  await writeFiles(project, files);
  expect(await compile(project, 'readme', { lib: ['ES2022', 'DOM', 'DOM.Iterable'] })).toBe('');
});
