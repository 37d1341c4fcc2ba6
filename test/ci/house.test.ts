import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files of a folder and what they import, relative to the project; packages by name. */
function importsBelow(folder: string): readonly { readonly file: string; readonly target: string }[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((name) => {
    const file = join(folder, name);
    const text = readFileSync(join(root, file), 'utf8');
    return ts.preProcessFile(text).importedFiles.map(({ fileName: found }) => ({
      file: file.replaceAll('\\', '/'),
      target: (found.startsWith('.') ? relative(root, join(root, dirname(file), found)) : found).replaceAll('\\', '/'),
    }));
  });
}

/** What stands behind a subpath of its own: no client loads it. */
const OPTIONAL =
  /^runtime\/(?:adaptive|alerts|dashboard|health|logging|metrics|monitor|otel|protect|saved-state|shared-state|testing|tiers|watch)\//;

/** Which room must not know which, as CONTRIBUTING has it. */
const walls: readonly (readonly [from: string, to: RegExp])[] = [
  ['runtime', /^(?:generator|generated)\//],
  ['runtime/breaker', /^runtime\/(?:transport|policies|client)\//],
  ['runtime/policies', /^runtime\/transport\//],
  ['runtime/transport', /^runtime\/(?:policies|breaker|pipeline)\//],
  ['runtime/adaptive', /^runtime\/(?:transport|policies|pipeline)\//],
  ['runtime/saved-state', /^runtime\/(?:client|transport|policies|pipeline)\//],
  ['runtime/shared-state', /^(?:@redis\/|redis$|ioredis$|runtime\/(?:client|transport|policies|pipeline|saved-state|adaptive)\/)/],
  ['runtime/observe', /^runtime\/(?:policies|transport|pipeline)\//],
  ['runtime/metrics', /^(?:prom-client$|runtime\/(?:policies|transport|pipeline|config)\/)/],
  ['runtime/alerts', /^runtime\/(?:pipeline|health|dashboard|metrics|otel)\//],
  ['runtime/otel', /^runtime\/(?:pipeline|breaker|policies|transport|client)\//],
  ['runtime/client', OPTIONAL],
  ['runtime/pipeline', OPTIONAL],
  ['runtime/breaker', OPTIONAL],
  ['runtime/policies', OPTIONAL],
  ['runtime/observe', OPTIONAL],
  ['runtime/protect', /^runtime\/(?:client|transport)\//],
  ['runtime/health', /^(?:runtime\/(?:policies|transport|pipeline|client|config)\/|express|fastify|hono|@hono\/|prom-client)/],
  ['runtime/dashboard', /^runtime\/(?:policies|transport|pipeline|config|metrics|alerts|otel)\//],
  // What runs in a browser knows the messages, and nothing else of the server.
  ['runtime/dashboard/page', /^(?!runtime\/dashboard\/(?:page\/|wire\.js$))/],
  ...['cli', 'emit', 'generate', 'model', 'ops', 'read', 'write'].map(
    (room) => [`generator/${room}`, /^(?:generated\/|runtime\/(?:pipeline|policies|transport|breaker)\/)/] as const,
  ),
  ['generator/simulator', /^generated\/|^generator\/(?!simulator\/)/],
  ['generator/simulator/engine', /^generator\/simulator\/(?:recording|result|report)\//],
  ['generator/simulator/result', /^generator\/simulator\/report\//],
  ['generator/read', /^generator\/(?:emit|model|generate|write|cli)\b/],
  ['generator/model', /^generator\/(?:emit|generate|write|cli)\b/],
  ['generator/emit', /^generator\/(?:read|generate|write|cli)\b/],
];

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
