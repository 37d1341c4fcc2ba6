import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDocuments } from '../../../generator/generate/find-documents.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-find-'));
  const files = [
    'specs/one.yml',
    'specs/many/a.yaml',
    'specs/many/deep/b.json',
    'specs/many/notes.md',
    'specs/many/names.lock.json',
    'specs/many/.hidden.json',
    'docs/breakers.yaml',
    'docs/.fuseline-manifest.json',
    'specs/both.json',
    'specs/both/c.yaml',
  ];
  for (const file of [...files, 'specs/many/node_modules/x.yaml', 'docs/v1.a.yaml', 'docs/v2.a.yaml', 'docs/v1/b.yaml']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function find(service: string, specs?: string[]): Promise<{ files: string[]; missing: (string | undefined)[] }> {
  const base = join(folder, 'docs');
  const query = { service, specs, base, specsDir: join(folder, 'specs'), breakersFile: join(base, 'breakers.yaml') };
  const { files, missing } = await findDocuments(query);
  return { files: files.map((file) => relative(folder, file).replaceAll('\\', '/')), missing: missing.map(({ entry }) => entry) };
}

describe('findDocuments', () => {
  test.each([
    ['one', ['specs/one.yml']],
    ['many', ['specs/many/a.yaml', 'specs/many/deep/b.json']],
    ['both', ['specs/both.json']],
  ])('of %s by default', async (service, files) => expect(await find(service)).toEqual({ files, missing: [] }));

  test('says where it looked', async () => {
    const { missing } = await findDocuments({ service: 'none', specs: undefined, base: folder, specsDir: join(folder, 'specs') });
    expect(missing.map(({ looked }) => looked.map((path) => relative(folder, path)))).toEqual([
      ['specs/none.yaml', 'specs/none.yml', 'specs/none.json', 'specs/none'],
    ]);
  });

  test.each([
    [['v1.a.yaml'], ['docs/v1.a.yaml']],
    [['*.yaml'], ['docs/v1.a.yaml', 'docs/v2.a.yaml']],
    [
      ['v?.a.yaml', 'v1.a.yaml'],
      ['docs/v1.a.yaml', 'docs/v2.a.yaml'],
    ],
    [['v{1,3}.*'], ['docs/v1.a.yaml']],
    [['**/*.yaml'], ['docs/v1/b.yaml', 'docs/v1.a.yaml', 'docs/v2.a.yaml']],
    [['../specs/many'], ['specs/many/a.yaml', 'specs/many/deep/b.json']],
    [['v1'], ['docs/v1/b.yaml']],
    [['../specs/many/names.lock.json'], ['specs/many/names.lock.json']],
  ])('by entries %j', async (specs, files) => {
    const found = await find('any', specs);
    expect([[...found.files].sort(), found.missing]).toEqual([[...files].sort(), []]);
  });

  test('each entry that leads to nothing', async () => {
    expect((await find('any', ['x.yaml', 'v1.a.yaml', 'y/*.yaml'])).missing).toEqual(['x.yaml', 'y/*.yaml']);
  });
});
