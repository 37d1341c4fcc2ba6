import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MANIFEST } from '../../../generator/write/manifest.js';
import { type WriteOptions, type WriteResult, writeOutput } from '../../../generator/write/write-output.js';

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-write-'));
  out = join(folder, 'generated');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string>, options: Partial<WriteOptions> = {}): Promise<WriteResult> {
  return writeOutput({ out, label: 'generated', files: new Map(Object.entries(files)), ...options });
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

const read = (path: string): string => readFileSync(join(out, path), 'utf8');
const kinds = ({ changes }: WriteResult): string[] => changes.map(({ kind, path }) => `${kind} ${path}`);
const errors = ({ diagnostics }: WriteResult): string[] => diagnostics.map(({ code, file, message }) => `${code} ${file}: ${message}`);

/** Every file below the folder with its text. */
function snapshot(at = folder, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? Object.entries(snapshot(join(at, entry.name), `${prefix}${entry.name}/`))
        : [[prefix + entry.name, readFileSync(join(at, entry.name), 'utf8')]],
    ),
  );
}

describe('writeOutput', () => {
  test('writes what is new, and the manifest', async () => {
    const result = await write({ 'ghl/a.ts': 'a\n', 'ghl/namespaces/b.ts': 'b\n' });
    expect(kinds(result)).toEqual(['added ghl/a.ts', 'added ghl/namespaces/b.ts']);
    expect(Object.keys(snapshot())).toEqual([`generated/${MANIFEST}`, 'generated/ghl/a.ts', 'generated/ghl/namespaces/b.ts'].sort());
    expect(Object.keys((JSON.parse(read(MANIFEST)) as { files: object }).files)).toEqual(['ghl/a.ts', 'ghl/namespaces/b.ts']);
  });

  test('does not touch what is the same', async () => {
    await write({ 'a.ts': 'a\n', 'b.ts': 'b\n' });
    const before = new Date(2020, 0, 1);
    for (const file of ['a.ts', MANIFEST]) utimesSync(join(out, file), before, before);
    const same = await write({ 'a.ts': 'a\n', 'b.ts': 'b\n' });
    expect([kinds(same), same.unchanged]).toEqual([[], 2]);
    expect(kinds(await write({ 'a.ts': 'a\n', 'b.ts': 'changed\n' }))).toEqual(['changed b.ts']);
    expect(statSync(join(out, 'a.ts')).mtime).toEqual(before);
    expect(read('b.ts')).toBe('changed\n');
  });

  test('line endings of a checkout are no change', async () => {
    await write({ 'a.ts': 'a\nb\n' });
    put('a.ts', 'a\r\nb\r\n');
    expect(kinds(await write({ 'a.ts': 'a\nb\n' }, { check: true }))).toEqual([]);
  });

  test('deletes its own files only, and folders that they leave empty', async () => {
    await write({ 'ghl/a.ts': 'a\n', 'ghl/namespaces/b.ts': 'b\n', 'old/c.ts': 'c\n' });
    put('ghl/mine.ts', 'mine');
    expect(kinds(await write({ 'ghl/a.ts': 'a\n' }))).toEqual(['removed ghl/namespaces/b.ts', 'removed old/c.ts']);
    expect(readdirSync(out).sort()).toEqual([MANIFEST, 'ghl']);
    expect(readdirSync(join(out, 'ghl')).sort()).toEqual(['a.ts', 'mine.ts']);
  });

  test('keeps own files of services that were not generated', async () => {
    await write({ 'ghl/a.ts': 'a\n', 'retell/b.ts': 'b\n' });
    const result = await write({ 'ghl/a.ts': 'new\n' }, { keep: (path) => !path.startsWith('ghl/') });
    expect(kinds(result)).toEqual(['changed ghl/a.ts']);
    expect(read('retell/b.ts')).toBe('b\n');
    expect(read(MANIFEST)).toContain('retell/b.ts');
  });

  test('a foreign file in the way is an error that names it, and nothing changes', async () => {
    put('ghl/client.ts', 'mine');
    put('ghl/same.ts', 'same\n');
    const before = snapshot();
    const result = await write({ 'ghl/client.ts': 'new\n', 'ghl/same.ts': 'same\n', 'ghl/other.ts': 'o\n' });
    expect(errors(result)).toEqual([
      'foreign-file generated/ghl/client.ts: `ghl/client.ts` exists and was not written by fuseline (it is not in .fuseline-manifest.json)',
    ]);
    expect(snapshot()).toEqual(before);
  });

  test('so are folders, files and links where the other is needed', async () => {
    mkdirSync(join(out, 'a.ts'), { recursive: true });
    put('sub', 'a file');
    writeFileSync(join(folder, 'outside.ts'), 'outside');
    symlinkSync(join(folder, 'outside.ts'), join(out, 'link.ts'));
    const result = await write({ 'a.ts': 'x', 'sub/b.ts': 'x', 'link.ts': 'x' });
    expect(errors(result)).toEqual([
      'in-the-way generated/a.ts: `a.ts` is in the way: expected a file',
      'in-the-way generated/link.ts: `link.ts` is in the way: expected a file',
      'in-the-way generated/sub: `sub` is in the way: expected a folder',
    ]);
    expect(readFileSync(join(folder, 'outside.ts'), 'utf8')).toBe('outside');
  });

  test.each([
    'not json',
    '{}',
    '{"files":{"../../etc/passwd":"x"}}',
    '{"files":{"/etc/passwd":"x"}}',
    '{"files":{"a/../b":"x"}}',
    '{"files":{"a":1}}',
  ])('a manifest that cannot be trusted is an error: %s', async (text) => {
    put(MANIFEST, text);
    const before = snapshot();
    const result = await write({ 'a.ts': 'a' });
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['bad-manifest']);
    expect(snapshot()).toEqual(before);
  });

  test('a path that leads out of the folder is refused', async () => {
    await expect(write({ '../a.ts': 'a' })).rejects.toThrow('Expected a path within the output folder, found "../a.ts"');
  });

  test('an edited own file is put right', async () => {
    await write({ 'a.ts': 'a\n' });
    put('a.ts', 'edited\n');
    expect(kinds(await write({ 'a.ts': 'a\n' }))).toEqual(['changed a.ts']);
    expect(read('a.ts')).toBe('a\n');
  });

  test('leaves no temporary folder, also after a failure', async () => {
    await write({ 'a.ts': 'a\n' });
    expect(readdirSync(folder)).toEqual(['generated']);
    expect(readdirSync(out).sort()).toEqual([MANIFEST, 'a.ts']);
    if (process.getuid?.() === 0) return;
    chmodSync(out, 0o500);
    expect(errors(await write({ 'b/c.ts': 'b\n' }))).toEqual([
      'output-folder generated: Cannot write to the output folder: permission denied (EACCES). Nothing in it was changed.',
    ]);
    chmodSync(out, 0o700);
    expect(readdirSync(out).sort()).toEqual([MANIFEST, 'a.ts']);
  });

  test('a file where the folder is wanted', async () => {
    writeFileSync(out, 'a file');
    expect(errors(await write({ 'a.ts': 'a\n' }))).toEqual([
      'output-folder generated: Cannot read the output folder: a file is where a folder is expected (ENOTDIR). Nothing in it was changed.',
    ]);
  });
});

describe('check', () => {
  test('says what is stale and writes nothing', async () => {
    await write({ 'a.ts': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'b.ts': 'b\n', 'c.ts': 'c\n' });
    const before = snapshot();
    const result = await write({ 'a.ts': 'one\ntwo\nthree\nFOUR\nfive\nsix\n', 'c.ts': 'c\n', 'd.ts': 'd\n' }, { check: true });
    expect(result.changes).toEqual([
      { kind: 'changed', path: 'a.ts', diff: ['@@ line 2 @@', ' two', ' three', '-four', '+FOUR'] },
      { kind: 'removed', path: 'b.ts', diff: [] },
      { kind: 'added', path: 'd.ts', diff: ['@@ line 1 @@', '+d'] },
    ]);
    expect(snapshot()).toEqual(before);
    expect(existsSync(join(out, 'd.ts'))).toBe(false);
  });

  test('a missing folder and a stale manifest are stale, too', async () => {
    expect(kinds(await write({ 'a.ts': 'a\n' }, { check: true }))).toEqual(['added a.ts']);
    await write({ 'a.ts': 'a\n' });
    rmSync(join(out, MANIFEST));
    expect(kinds(await write({ 'a.ts': 'a\n' }, { check: true }))).toEqual([`added ${MANIFEST}`]);
  });
});
