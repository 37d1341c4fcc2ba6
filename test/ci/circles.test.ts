import { describe, expect, it } from 'vitest';
import { type Import, importsBelow, targetsIn } from './source-files.js';

/** Every set of files that import each other in a circle, types and re-exports included: the strongly connected components (Tarjan). */
function circlesAmong(imports: readonly Import[]): readonly (readonly string[])[] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target.replace(/\.js$/, '.ts')]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    path.push(file);
    const lower = (to: number | undefined): void => void lowest.set(file, Math.min(lowest.get(file) ?? 0, to ?? 0));
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) {
        visit(target);
        lower(lowest.get(target));
      } else if (path.includes(target)) lower(order.get(target));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const members = path.splice(path.indexOf(file));
    if (members.length > 1 || targets.get(file)?.includes(file)) circles.push(members.sort());
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles.sort();
}

/** Folders whose files must not import each other in a circle. */
const WITHOUT_CIRCLES = ['generator', 'runtime'];

describe('circles of imports', () => {
  it.each(WITHOUT_CIRCLES)('%s has none', (folder) => {
    const imports = importsBelow(folder);
    expect(imports.length).toBeGreaterThan(0);
    expect(circlesAmong(imports)).toEqual([]);
  });

  it('finds each circle, and nothing beside it', () => {
    const graph = 'a.ts>b.js b.ts>c.js c.ts>a.js c.ts>d.js d.ts>e.js e.ts>ajv f.ts>a.js g.ts>h.js h.ts>g.js h.ts>d.js i.ts>i.js';
    const imports = graph.split(' ').map((edge) => ({ file: edge.split('>')[0] ?? '', target: edge.split('>')[1] ?? '' }));
    expect(circlesAmong(imports)).toEqual([['a.ts', 'b.ts', 'c.ts'], ['g.ts', 'h.ts'], ['i.ts']]);
  });

  it('sees imports of types, re-exports, and imports within a function', () => {
    const text =
      "import type { A } from './a.js'; export * from './b.js'; export type { C } from './c.js'; const d = () => import('./d.js'); type E = import('./e.js').E;";
    expect(targetsIn(text)).toEqual(['./a.js', './b.js', './c.js', './d.js', './e.js']);
  });
});
