import { expect, inject, it } from 'vitest';
import { docPages, fencedBlocks } from '../support/doc-blocks.js';
import { compile, writeFiles } from './project.js';

it('every TypeScript example of the README and of the docs compiles by itself', async () => {
  const project = inject('typescript7Project');
  const files: Record<string, string> = {};
  for (const page of docPages()) {
    const examples = fencedBlocks([page]).filter(({ language }) => language === 'ts');
    if (page === 'README.md') expect(examples.length).toBeGreaterThan(0);
    const name = page.replace(/\.md$/, '').replace(/\W+/g, '-').toLowerCase();
    // `export {}` makes a module of an example that imports nothing, so that it may await.
    for (const [at, { code }] of examples.entries()) files[`readme/${name}-${at + 1}.ts`] = `${code}export {};\n`;
  }
  await writeFiles(project, files);
  expect(await compile(project, 'readme', { lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'] })).toBe('');
});
