import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type WriteResult, writeOutput } from '../../../generator/write/write-output.js';

/** Renames and writes that still succeed. */
const left = vi.hoisted(() => ({ renames: Number.POSITIVE_INFINITY, writes: Number.POSITIVE_INFINITY, links: true }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const fail = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(`${code}: simulated`), { code }));
  return {
    ...real,
    rename: (from: string, to: string) => {
      // Taking back is not what fails here.
      if (/(old|removed)-\d+$/.test(from)) return real.rename(from, to);
      left.renames -= 1;
      return left.renames < 0 ? fail('EIO') : real.rename(from, to);
    },
    writeFile: (file: string, text: string) => {
      left.writes -= 1;
      return left.writes < 0 ? fail('ENOSPC') : real.writeFile(file, text);
    },
    link: (from: string, to: string) => (left.links ? real.link(from, to) : fail('EPERM')),
  };
});

let folder: string;
let out: string;
const OLD = { 'a.ts': 'a\n', 'gone/b.ts': 'b\n', 'sub/c.ts': 'c\n', 'same.ts': 'same\n' };
const NEW = { 'a.ts': 'new a\n', 'fresh/d.ts': 'd\n', 'sub/c.ts': 'new c\n', 'same.ts': 'same\n' };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-interrupted-'));
  out = join(folder, 'out');
  await write(OLD);
  for (const path of Object.keys(state())) utimesSync(join(out, path), 1_000, 1_000);
  writeFileSync(join(out, 'mine.ts'), 'mine');
});

afterEach(() => {
  Object.assign(left, { renames: Number.POSITIVE_INFINITY, writes: Number.POSITIVE_INFINITY, links: true });
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Record<string, string>): Promise<WriteResult> {
  return writeOutput({ out, label: 'out', files: new Map(Object.entries(files)) });
}

/** Every path below the output folder, of files with text and time. */
function state(): Record<string, unknown> {
  return Object.fromEntries(
    readdirSync(out, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(out.length + 1), entry.isFile() ? [readFileSync(path, 'utf8'), statSync(path).mtimeMs] : 'folder'];
    }),
  );
}

describe('a run that fails half way leaves the folder as it was', () => {
  test.each([0, 1, 2, 3, 4])('the rename after %i others fails', async (renames) => {
    const before = state();
    left.renames = renames;
    const { diagnostics, changes } = await write(NEW);
    expect(diagnostics).toEqual([expect.objectContaining({ code: 'output-folder', severity: 'error', file: 'out' })]);
    expect(diagnostics[0]?.message).toBe('Cannot write to the output folder: EIO. Nothing in it was changed.');
    expect(changes).toEqual([]);
    expect(state()).toEqual(before);
  });

  test.each([0, 2])('the disk is full after %i files', async (writes) => {
    const before = state();
    left.writes = writes;
    expect((await write(NEW)).diagnostics[0]?.message).toContain('the disk is full (ENOSPC)');
    expect(state()).toEqual(before);
  });

  test('also where files cannot be linked', async () => {
    left.links = false;
    left.renames = 4;
    await write(NEW);
    expect(readFileSync(join(out, 'a.ts'), 'utf8')).toBe('a\n');
    left.renames = Number.POSITIVE_INFINITY;
    await write(NEW);
    expect(readFileSync(join(out, 'a.ts'), 'utf8')).toBe('new a\n');
  });

  test('and the next run does it all', async () => {
    left.renames = 3;
    await write(NEW);
    left.renames = Number.POSITIVE_INFINITY;
    expect((await write(NEW)).diagnostics).toEqual([]);
    expect(readdirSync(out).sort()).toEqual(['.fuseline-manifest.json', 'a.ts', 'fresh', 'mine.ts', 'same.ts', 'sub']);
    expect(statSync(join(out, 'same.ts')).mtimeMs).toBe(1_000_000);
  });
});
