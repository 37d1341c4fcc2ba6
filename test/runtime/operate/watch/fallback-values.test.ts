import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BreakerRegistry } from 'fuseline';
import { applyBreakers, type BreakerWatcher, watchBreakers } from 'fuseline/config';
import { validate } from 'fuseline/generator';
import { GhlClient } from 'fuseline/ghl';
import { FakeClock } from 'fuseline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClient } from '../../../support/client.js';
import { MemoryFile } from './memory-file.js';

const ghl = (): GhlClient => new GhlClient({ token: 't', registry: new BreakerRegistry(), env: {} });
const yaml = (text: string): string => `circuit_breaker:\n  services:\n    ghl:\n      ${text}\n`;

/** Each file, and the message about its fallback value. */
const FILES: readonly (readonly [text: string, said: RegExp | undefined])[] = [
  [
    yaml('operations: { contacts.get: { fallback: [last_good: true, value: { contact: null }] } }'),
    /^b\.yaml:4:\d+ The fallback value of `contacts\.get` is not a possible result of the operation: \/contact must be object\.$/,
  ],
  [
    yaml('operations: { contacts.get: { fallback: { value: { contact: { id: 7 } } } } }'),
    /`contacts\.get` .*: \/contact\/id must be string\.$/,
  ],
  [yaml('operations: { contacts.get: { fallback: { value: { contact: {} } } } }'), undefined],
  [yaml('operations: { contacts.get: { fallback: { last_good: true } } }'), undefined],
  [yaml('resources: { contacts: { fallback: { value: 7 } } }'), /`contacts\.\w+` is not a possible result/],
  [
    `${yaml('{}')}environments: { test: { circuit_breaker: { services: { ghl: { operations: { contacts.get: { fallback: { value: [] } } } } } } } }\n`,
    /^b\.yaml:5:\d+ .*the value must be object\.$/,
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-fallbacks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(FILES)('%s', (text, said) => {
  it('applyBreakers and watchBreakers say of its fallback values what the generator says', async () => {
    writeFileSync(join(folder, 'b.yaml'), text);
    const { diagnostics } = await validate({ cwd: folder, breakers: 'b.yaml', specs: join(process.cwd(), 'specs'), services: ['ghl'] });
    const generator = diagnostics.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    const applied = await applyBreakers({ file: 'b.yaml', clients: ghl(), source: new MemoryFile(text) }).then(
      () => [],
      (error: Error) => error.message.split('\n'),
    );
    const watcher: BreakerWatcher = watchBreakers({ file: 'b.yaml', clients: ghl(), source: new MemoryFile(text), clock: new FakeClock() });
    await watcher.ready;
    watcher.close();
    expect(applied).toEqual(generator);
    expect(watcher.error?.message.split('\n') ?? []).toEqual(generator);
    if (said === undefined) expect(generator).toEqual([]);
    else expect(generator).toEqual([expect.stringMatching(said)]);
  });
});

describe('a client whose schemas are not at hand', () => {
  const value = 'circuit_breaker: { services: { acme: { fallback: { value: 7 } } } }';
  const apply = (text: string, load: (file: string) => Promise<unknown>) =>
    applyBreakers({ file: 'b.yaml', clients: testClient({ registry: new BreakerRegistry() }, { load }), source: new MemoryFile(text) });

  it.each([
    ['the file is missing', () => Promise.reject(new Error('not found'))],
    ['the file is another one', async () => ({ default: 1 })],
    ['the file is of another service', async () => ({ resultSchemas: { service: 'other', components: {}, operations: {} } })],
  ])('%s: the value is accepted, with a warning', async (_, load) => {
    const { warnings } = await apply(value, load);
    expect(warnings).toMatchObject([{ code: 'unchecked-fallback', message: expect.stringContaining('of `acme` are not checked') }]);
  });

  it('loads nothing for a file without a fixed value', async () => {
    const { warnings } = await apply('circuit_breaker: { services: { acme: { fallback: { last_good: true } } } }', () =>
      Promise.reject(new Error('it must not be loaded')),
    );
    expect(warnings).toEqual([]);
  });

  it('what was generated is not judged again, and an operation without a result takes null', async () => {
    const policies = { operations: { 'things.get': { fallback: [{ kind: 'value', value: 7 }] } } } as const;
    const load = async () => ({
      resultSchemas: { service: 'acme', components: {}, operations: { 'things.get': [{ type: 'string' }], 'things.create': [] } },
    });
    const clients = testClient({ registry: new BreakerRegistry() }, { policies, load });
    const put = (settings: string) =>
      applyBreakers({
        file: 'b.yaml',
        clients,
        source: new MemoryFile(
          `circuit_breaker: { services: { acme: { operations: { things.create: { fallback: { value: ${settings} } } } } } }`,
        ),
      });
    await put('null');
    await expect(put('7')).rejects.toThrow('the operation has no result: write `value: null`');
  });
});
