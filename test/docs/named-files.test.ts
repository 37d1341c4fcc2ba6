import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['docs/architecture.md', 'CONTRIBUTING.md'];
const TOP = new Set(readdirSync(ROOT));

/** A file or folder that a page names. */
interface Named {
  readonly line: number;
  readonly path: string;
}

/**
 * Every file and folder that a text names in inline code or as the target of a link, relative to the project. A path of a table row may start in
 * the folder that the row is about. What stands behind a placeholder such as `<service>` is left out.
 */
function namedIn(text: string, folder: string): readonly Named[] {
  const named: Named[] = [];
  let fenced = false;
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trimStart().startsWith('```')) fenced = !fenced;
    if (fenced) continue;
    const row = /^\| `([^`]+\/)` \|/.exec(line)?.[1] ?? /^\| `([^`]+)` \|/.exec(line)?.[1];
    for (const [, code = ''] of line.matchAll(/`([^`]+)`/g)) {
      for (const word of code.split(/\s+/).filter(isPath)) {
        const path = word.replace(/<.*$/, '');
        named.push({ line: at + 1, path: TOP.has(path.split('/')[0] ?? '') || row === undefined ? path : join(row, path) });
      }
    }
    for (const [, target = ''] of line.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) named.push({ line: at + 1, path: join(folder, target) });
  }
  return named;
}

/** A word of code that names a file or folder of the project: not a subpath of the package, nor a file that the reader writes. */
function isPath(word: string): boolean {
  if (word.startsWith('./') || word.startsWith('<') || word.startsWith('fuseline/')) return false;
  return TOP.has(word.split('/')[0] ?? '') || word.endsWith('/') || /^[\w./-]+\.(?:ts|md|ya?ml|json|mjs)$/.test(word);
}

it.each(PAGES)('every file and folder that %s names exists', (page) => {
  const named = namedIn(readFileSync(join(ROOT, page), 'utf8'), dirname(page));
  expect(named.length).toBeGreaterThan(30);
  const gone = named.filter(({ path }) => !existsSync(join(ROOT, path)));
  expect(gone.map(({ line, path }) => `${page}:${line} names ${path}`)).toEqual([]);
});

it('finds paths in code, in commands, in rows of tables and in links', () => {
  const text = [
    '`runtime/index.ts` and `npm run test:source -- test/gone` and `specs/<service>.yaml`, not `outer.failed` or `./msw`',
    '| `runtime/` | `call/` and `gone.ts`, also `docs/` |',
    '[order](policies/order.md#why), [web](https://example.com/a.md)',
    '```sh\nnpx tsx runtime/gone.ts\n```',
    '`README.md`',
  ].join('\n');
  expect(namedIn(text, 'docs').map(({ line, path }) => `${line} ${path}`)).toEqual([
    '1 runtime/index.ts',
    '1 test/gone',
    '1 specs/',
    '2 runtime/',
    '2 runtime/call/',
    '2 runtime/gone.ts',
    '2 docs/',
    '3 docs/policies/order.md',
    '7 README.md',
  ]);
});
