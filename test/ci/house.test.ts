import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The TypeScript files of a folder, or the one file that the path names, relative to the project. */
function filesBelow(path: string): readonly string[] {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name));
}

interface Import {
  readonly file: string;
  readonly target: string;
}

/** What a file imports, as it says it: types, re-exports and dynamic imports included. */
function targetsIn(text: string): readonly string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
}

/** Every import of the files below a path, relative to the project; packages by name. */
function importsBelow(path: string): readonly Import[] {
  return filesBelow(path).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return targetsIn(text).map((found) => ({
      file: file.replaceAll('\\', '/'),
      target: (found.startsWith('.') ? relative(root, join(root, dirname(file), found)) : found).replaceAll('\\', '/'),
    }));
  });
}

/**
 * The rooms of the runtime, each with the rooms that it may know besides itself. They stand in the order of their knowledge, so no two of them
 * know each other.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'runtime/errors': ['clock'],
  'runtime/observe': ['errors', 'user-code'],
  'runtime/policies': ['clock', 'errors', 'observe', 'user-code'],
  'runtime/config': ['errors', 'policies'],
  'runtime/call': ['clock', 'config', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/protect': ['clock', 'config', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/state': ['clock', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/operate': ['clock', 'call', 'config', 'errors', 'observe', 'policies', 'protect', 'user-code'],
  'runtime/testing': ['clock', 'call', 'errors'],
};

/** Everything of the runtime that the room must not know, as a pattern. */
function strangersTo(room: string): RegExp {
  const own = room.slice('runtime/'.length);
  return new RegExp(`^runtime/(?!(?:${[own, ...(ROOMS[room] ?? [])].join('|')})(?:/|\\.js$))`);
}

/** Which room must not know which, as CONTRIBUTING has it. */
const walls: readonly (readonly [from: string, to: RegExp])[] = [
  ['runtime', /^(?:generator|generated)\//],
  ...Object.keys(ROOMS).map((room) => [room, strangersTo(room)] as const),
  // Policies know no other policy, but for the circuit's own parts, time and queues, and what all links of a call know.
  ['runtime/policies/circuit-breaker', /^runtime\/policies\/(?!circuit-breaker\/|stage\.js$|call-events\.js$)/],
  ['runtime/policies/timeout', /^runtime\/policies\/(?!timeout\/)/],
  ['runtime/policies/retry', /^runtime\/policies\/(?!retry\/|stage\.js$|call-events\.js$|circuit-breaker\/state\.js$)/],
  ['runtime/policies/fallback', /^runtime\/policies\/(?!fallback\/|stage\.js$|call-events\.js$)/],
  // The transport knows what it is given to send, and no policy.
  ['runtime/call/transport', /^runtime\/(?:policies|observe|config)\/|^runtime\/call\/(?!transport\/)/],
  // What the parts of `operate` share stands below them.
  ['runtime/operate/adaptive', /^runtime\/operate\/(?!adaptive\/)/],
  ['runtime/operate/alerts', /^runtime\/operate\/(?!alerts\/)/],
  ['runtime/operate/logging', /^runtime\/operate\/(?!logging\/)/],
  ['runtime/operate/metrics', /^prom-client$|^runtime\/operate\/(?!metrics\/)/],
  ['runtime/operate/monitor', /^runtime\/operate\/(?!monitor\/)/],
  ['runtime/operate/otel', /^runtime\/operate\/(?!otel\/)|^runtime\/(?:call|policies)\//],
  ['runtime/operate/watch', /^runtime\/operate\/(?!watch\/)/],
  ['runtime/operate/health', /^(?:express|fastify|hono|@hono\/|prom-client)|^runtime\/operate\/(?:dashboard|alerts)\//],
  ['runtime/operate/dashboard', /^runtime\/operate\/(?:metrics|alerts|otel)\//],
  // What runs in a browser knows the messages, and nothing else of the server.
  ['runtime/operate/dashboard/page', /^(?!runtime\/operate\/dashboard\/(?:page\/|wire\.js$))/],
  ['runtime/state/shared', /^(?:@redis\/|redis$|ioredis$|runtime\/state\/saved\/)/],
  ['runtime/state/saved', /^runtime\/state\/shared\//],
  ...['cli', 'emit', 'generate', 'model', 'ops', 'read', 'write'].map(
    (room) => [`generator/${room}`, /^(?:generated\/|runtime\/(?:policies|call\/(?:transport|[^/]+\.js$)))/] as const,
  ),
  // The generator: read, model and emit know each other in this order, write knows none of them, generate runs all four.
  ['generator/read', /^generator\/(?!read\/)/],
  ['generator/model', /^generator\/(?!(?:read|model)\/)/],
  ['generator/emit', /^generator\/(?!(?:model|emit)\/)/],
  ['generator/write', /^generator\/(?!write\/)/],
  ['generator/generate', /^generator\/(?!(?:read|model|emit|write|generate)\/)/],
  ['generator/index.ts', /^generator\/(?:ops|simulator|cli)\//],
  ['generator/emit/code', /^generator\/(?!emit\/code\/)/],
  ['generator/emit/schemas', /^generator\/(?!(?:model|emit\/(?:code|schemas))\/)/],
  ['generator/emit/examples', /^generator\/emit\/(?:client|mocks|tests)\//],
  ['generator/emit/mocks', /^generator\/emit\/(?:client|tests)\//],
  ['generator/emit/client', /^generator\/emit\/(?:examples|mocks|tests)\//],
  // Its neighbours: they share no file with the generator or with each other, only cli knows all.
  ['generator/ops', /^generator\/(?!ops\/)/],
  ['generator/simulator', /^generated\/|^generator\/(?!simulator\/)/],
  ['generator/simulator/engine', /^generator\/simulator\/(?:recording|result|report)\//],
  ['generator/simulator/result', /^generator\/simulator\/report\//],
];

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
const WITHOUT_CIRCLES = ['generator'];

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

describe('the rooms of the house', () => {
  it.each(walls)('%s knows nothing of %s', (from, to) => {
    const imports = importsBelow(from);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ target }) => to.test(target))).toEqual([]);
  });

  it('generated code imports fuseline by name, msw and vitest where it must, and its own folder', () => {
    const strangers = importsBelow('generated').filter(({ file, target }) => {
      const service = file.split('/').slice(0, 2).join('/');
      if (target === 'fuseline' || target.startsWith(`${service}/`)) return false;
      if (file.endsWith('.test.ts')) return !['fuseline/testing', 'vitest', 'msw'].includes(target);
      return !(file.endsWith('/msw.ts') && target === 'msw');
    });
    expect(strangers).toEqual([]);
  });
});
