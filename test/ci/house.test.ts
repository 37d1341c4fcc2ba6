import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, importsBelow, root } from './source-files.js';

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
  queue: ['abort-hub', 'circuit-breaker/openings', 'stage', 'timeout'],
  'rate-limit': ['call-events', 'circuit-breaker/state', 'queue', 'retry/retry-hint', 'stage'],
  retry: ['call-events', 'circuit-breaker/openings', 'circuit-breaker/state', 'stage'],
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

describe('the rooms of the house', () => {
  it('the clock and the door to the user’s functions know nothing of the project', () => {
    const files = ['runtime/clock.ts', 'runtime/fake-source.ts', 'runtime/user-code.ts'];
    const imports = files.flatMap((file) => [...importsBelow(file)]);
    // The clock's reading of fake timers is a part of it.
    expect(imports.filter(({ target }) => !target.startsWith('node:') && target !== 'runtime/fake-source.js')).toEqual([]);
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

  it('only one file loads undici, because its loading must leave the fetch of the program alone', () => {
    const loads = filesBelow('runtime').filter((file) =>
      /^import (?!type\b).*'undici'|await import\('undici'\)|return import\('undici'\)/m.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(loads).toEqual(['runtime/call/transport/undici.ts']);
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
