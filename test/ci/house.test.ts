import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type Finding, type House, outsideTheDoor } from './outside-the-door.js';

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
  'runtime/auth': ['background', 'clock', 'call', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/protect': ['clock', 'config', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/state': ['background', 'clock', 'errors', 'observe', 'policies', 'user-code'],
  'runtime/operate': ['background', 'clock', 'call', 'config', 'errors', 'observe', 'policies', 'protect', 'user-code'],
  'runtime/testing': ['clock', 'call', 'errors', 'user-code'],
};

/**
 * The folders of `runtime/policies`, each with what it may know there besides itself: the chain's interfaces, the events, the queue. Policies know
 * no other policy, except for the few files that are named here.
 */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  bulkhead: ['call-events', 'circuit-breaker/state', 'queue', 'stage', 'timeout'],
  'circuit-breaker': ['call-events', 'stage'],
  coalesce: ['abort-hub', 'circuit-breaker/state', 'fallback/fallback', 'stage'],
  fallback: ['call-events', 'stage'],
  queue: ['abort-hub', 'timeout'],
  'rate-limit': ['bulkhead/places', 'call-events', 'circuit-breaker/state', 'queue', 'retry/retry-hint', 'stage'],
  retry: ['call-events', 'circuit-breaker/state', 'stage'],
  timeout: [],
};

/** The rooms of the generator, in the same way. `cli` knows all of them. */
const GENERATOR_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'generator/read': [],
  'generator/model': ['read'],
  'generator/emit': ['model'],
  'generator/write': [],
  'generator/generate': ['read', 'model', 'emit', 'write'],
  'generator/ops': [],
  'generator/simulator': [],
};

/** Everything of the room's flow that the room must not know, as a pattern. */
function strangersTo(room: string, known: readonly string[]): RegExp {
  const [flow, own] = room.split('/');
  return new RegExp(`^${flow}/(?!(?:${[own, ...known].join('|')})(?:/|\\.js$))`);
}

/** Which room must not know which, as docs/architecture.md and CONTRIBUTING have it. */
const walls: readonly (readonly [from: string, to: RegExp])[] = [
  ['runtime', /^(?:generator|generated)\//],
  ['runtime/background.ts', /^(?!runtime\/(?:clock|user-code)\.js$)/],
  ...Object.entries({ ...ROOMS, ...GENERATOR_ROOMS }).map(([room, known]) => [room, strangersTo(room, known)] as const),
  ...Object.entries(POLICIES).map(([policy, known]) => {
    const files = [policy, ...known].join('|');
    return [`runtime/policies/${policy}`, new RegExp(`^runtime/policies/(?!(?:${files})(?:/|\\.js$))`)] as const;
  }),
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
  ['runtime/auth', /^(?:@redis\/|redis$|ioredis$)/],
  // Loaded in browsers and workers, too.
  ...['account', 'oauth', 'renewal', 'index', 'stores/redis-tokens'].map(
    (file) => [`runtime/auth/${file}.ts`, /^node:|^runtime\/auth\/stores\/file/] as const,
  ),
  ['runtime/state/shared', /^(?:@redis\/|redis$|ioredis$|runtime\/state\/saved\/)/],
  ['runtime/state/saved', /^runtime\/state\/shared\//],
  ...['cli', 'emit', 'generate', 'model', 'ops', 'read', 'write'].map(
    (room) => [`generator/${room}`, /^(?:generated\/|runtime\/(?:policies|call\/(?:transport|[^/]+\.js$)))/] as const,
  ),
  ['generator/index.ts', /^generator\/(?:ops|simulator|cli)\//],
  ['generator/emit/code', /^generator\/(?!emit\/code\/)/],
  ['generator/emit/schemas', /^generator\/(?!(?:model|emit\/(?:code|schemas))\/)/],
  ['generator/emit/examples', /^generator\/emit\/(?:client|mocks|tests)\//],
  ['generator/emit/mocks', /^generator\/emit\/(?:client|tests)\//],
  ['generator/emit/client', /^generator\/emit\/(?:examples|mocks|tests)\//],
  ['generator/simulator', /^generated\//],
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

describe('the rooms of the house', () => {
  it('the clock and the door to the user’s functions know nothing of the project', () => {
    const imports = [...importsBelow('runtime/clock.ts'), ...importsBelow('runtime/user-code.ts')];
    expect(imports.filter(({ target }) => !target.startsWith('node:'))).toEqual([]);
  });

  it('every policy has its wall', () => {
    const folders = readdirSync(join(root, 'runtime/policies'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(POLICIES).sort());
  });

  it('are those of docs/architecture.md, each with the rooms that it may know', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `((?:runtime|generator)\/[\w.-]+)` \|[^|]*\|([^|\n]*)\|$/gm)].map(
      ([, room = '', known = '']) =>
        [room, [...known.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace(/\.ts$/, '')).sort()] as const,
    );
    const files = [
      ['runtime/background.ts', ['runtime/clock', 'runtime/user-code']],
      ['runtime/clock.ts', []],
      ['runtime/background.ts', ['runtime/clock', 'runtime/user-code']],
      ['runtime/user-code.ts', []],
      ['generator/cli', []],
    ] as const;
    const rooms = Object.entries({ ...ROOMS, ...GENERATOR_ROOMS }).map(
      ([room, known]) => [room, known.map((name) => `${room.split('/')[0]}/${name}`).sort()] as const,
    );
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries([...rooms, ...files]));
  });

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

/** Modules of the runtime that users import, by what `package.json` exports. */
function publicModules(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { default?: string }> };
  const built = Object.values(exports).flatMap((target) => target.default ?? []);
  return built.filter((path) => path.startsWith('./dist/runtime/')).map((path) => path.replace('./dist/', '').replace(/\.js$/, '.ts'));
}

/** What the runtime calls directly although it is in the parameters of the public API, and why. */
const DIRECTLY_CALLED = [
  // Read several times in each call. `guardedClock` catches what a clock throws (`test/real/throwing-clock.test.ts`).
  'Clock',
  'TimerHandle',
  'FakeClock.setTimeout',
  // Made by us, and given back to us.
  'HealthHandler',
  'BreakersConfig',
  'ServiceConfig',
  'Caller',
  'Coalescer.join',
  'Seat',
  // Ours, for a dispatcher to call.
  'TransportHandler',
  'TransportController',
  // The door itself, and the calls that listen through it.
  'UserScope',
  'Audience',
  // Asked while its caller loads a file, which then fails as the function does.
  'ParseOptions',
];

/** The findings in a small program, as `line text`. */
function findingsIn(text: string, options: Partial<House> = {}): readonly string[] {
  const file = '/house/index.ts';
  const host = ts.createCompilerHost({});
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, version) => (name === file ? ts.createSourceFile(name, text, version, true) : getSourceFile(name, version));
  host.fileExists = (name) => name === file || fileExists(name);
  const program = ts.createProgram([file], { lib: ['lib.es2022.d.ts'], target: ts.ScriptTarget.ES2022, types: [], strict: true }, host);
  return outsideTheDoor(program, { entries: [file], files: [file], door: '/house/door.ts', ...options }).map(
    ({ line, text }) => `${line} ${text}`,
  );
}

describe('the door to the user`s code', () => {
  it('nothing else calls a function that the user gave', { timeout: 120_000 }, () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['runtime/index.ts'] }, ts.sys, root);
    // The page runs in a browser, where there is no code of a user's.
    const files = filesBelow('runtime').filter((file) => !file.startsWith(join('runtime', 'operate', 'dashboard', 'page')));
    const absolute = (file: string): string => join(root, file).replaceAll('\\', '/');
    const findings = outsideTheDoor(ts.createProgram(files.map(absolute), options), {
      entries: publicModules().map(absolute),
      files: files.map(absolute),
      door: absolute('runtime/user-code.ts'),
      exempt: DIRECTLY_CALLED,
      also: ['FunctionToRun', 'Listener'],
    });
    const shown = ({ file, line, text }: Finding): string => `${relative(root, file)}:${line}: ${text}`;
    // Seal the function with userFunction or userObject, and call it by CURRENT, a captured scope or `quietly` of runtime/user-code.ts.
    expect(findings.map(shown)).toEqual([]);
  });

  const declarations = `
    declare function userFunction<F>(given: F): { sealed: F };
    declare function userObject<T>(given: T): { sealed: T };
    interface Sender { send(text: string): void }
    export interface Options { readonly onChange?: (state: string) => void; readonly random?: () => number; open(): Sender }
    declare function internal(work: () => void): void;
    declare function take(listener: (state: string) => void): void;
    declare const later: { readonly draw: () => number };
  `;
  const lines = declarations.split('\n').length;
  const found = (body: string, options?: Partial<House>): readonly string[] =>
    findingsIn(`${declarations}\n${body}`, options).map((finding) => finding.replace(/^\d+/, (line) => String(Number(line) - lines)));

  it.each([
    ['a member', 'export function start(options: Options) { options.onChange?.("up"); }', 'options.onChange?.("up")'],
    ['one that was taken apart', 'export function start({ onChange }: Options) { onChange?.("up"); }', 'onChange?.("up")'],
    ['one with a default', 'export function start({ random = Math.random }: Options) { return random(); }', 'random()'],
    ['a choice', 'export const start = (options: Options) => (options.random ?? Math.random)();', '(options.random ?? Math.random)()'],
    [
      'a method of what it returned',
      'export function start(options: Options) { options["open"]; const s = {} as ReturnType<Options["open"]>; s.send("x"); }',
      's.send("x")',
    ],
    ['a parameter', 'export function run(fn: () => void) { internal(() => fn()); }', 'fn()'],
    ['a method`s parameter', 'export class Client { on(listener: () => void) { listener(); } }', 'listener()'],
    [
      'a member of a mapped type',
      'export function log(logger: { [L in "info" | "warn"]: (text: string) => void }) { logger.info("x"); }',
      'logger.info("x")',
    ],
    [
      'one in a list',
      'export function all(given: readonly Options[]) { for (const one of given) one.onChange?.("x"); }',
      'one.onChange?.("x")',
    ],
    [
      'one that is handed on as a function of ours',
      'export function start({ onChange }: Options) { if (onChange) take(onChange); }',
      'onChange',
    ],
    ['one that a library calls', 'export function start({ onChange }: Options) { if (onChange) ["a"].forEach(onChange); }', 'onChange'],
    [
      'one that is stored as a function of ours',
      'export class Box { #draw: (() => number) | undefined; constructor(options: Options) { this.#draw = options.random; } }',
      'options.random',
    ],
    [
      'one in an object of ours',
      'export function start({ random }: Options): typeof later { return { draw: random ?? Math.random }; }',
      'random ?? Math.random',
    ],
    ['one under another type', 'export function start(options: Options) { return options.random as () => number; }', 'options.random'],
    [
      'an object as one of ours',
      'export function start(sender: Sender) { const other: { send(text: string): void } = sender; return other; }',
      'sender',
    ],
  ])('finds a call of %s', (_, body, text) => {
    expect(found(body)).toContain(`1 ${text}`);
  });

  it.each([
    [
      'a sealed function',
      'export function start({ random, onChange }: Options) { userFunction(random ?? Math.random); onChange && userFunction(onChange); }',
    ],
    ['a sealed object', 'export function start(options: Options) { userObject(options); }'],
    [
      'a test of one',
      'export function start({ onChange }: Options) { if (typeof onChange !== "function" || onChange === undefined) throw new Error(String(onChange)); }',
    ],
    [
      'one that keeps its type',
      'export class Box { readonly #given: Options["onChange"]; constructor(options: Options) { this.#given = options.onChange; } }',
    ],
    ['functions of ours', 'function own(work: () => void) { work(); } export function start() { own(() => undefined); }'],
    [
      'private methods, internal ones and constructors of types',
      'class Made { constructor(ended: () => void) { ended(); } \n/** @internal */\njoin(work: () => void) { work(); } #own(work: () => void) { work(); } } export type { Made };',
    ],
  ])('leaves alone %s', (_, body) => {
    expect(found(body)).toEqual([]);
  });

  it('leaves alone what is exempt, by type or by method, and looks for types that are named besides', () => {
    const clock = 'export interface Clock { now(): number } export function at(clock: Clock) { return clock.now(); }';
    expect([found(clock), found(clock, { exempt: ['Clock'] })]).toEqual([['1 clock.now()'], []]);
    const method = 'export class Box { join(start: () => void) { start(); } run(fn: () => void) { fn(); } }';
    expect(found(method, { exempt: ['Box.join'] })).toEqual(['1 fn()']);
    const hidden = 'type Work = () => void; function run(work: Work) { work(); }';
    expect([found(hidden), found(hidden, { also: ['Work'] })]).toEqual([[], ['1 work()']]);
  });
});
