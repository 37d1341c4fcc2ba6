import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenStore } from 'fuseline/auth';
import { fileTokens } from 'fuseline/auth/file';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
let clock: FakeClock;
let store: TokenStore;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'fuseline-tokens-')), 'made', 'when needed');
  clock = new FakeClock(Date.now());
  store = fileTokens({ folder, clock });
});

afterEach(() => rm(join(folder, '..', '..'), { recursive: true, force: true }));

describe('tokens in files', () => {
  test('are those that were saved last, for the owner`s eyes only', async () => {
    expect(await store.load('ana')).toBeUndefined();
    await store.save('ana', { accessToken: 'one' });
    await store.save('ana', { accessToken: 'two', refreshToken: 'r', expiresAt: 5 });
    expect(await store.load('ana')).toEqual({ accessToken: 'two', refreshToken: 'r', expiresAt: 5 });
    const [file = '', ...more] = await readdir(folder);
    expect(more).toEqual([]);
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('of two accounts are never mixed, whatever their names', async () => {
    const names = ['', 'ana', 'Ana', 'ANA', 'a/../b', 'a_.._b', '..', 'tokens', 'ä', 'x'.repeat(1_000), `${'x'.repeat(999)}y`];
    for (const name of names) await store.save(name, { accessToken: `of ${name}` });
    for (const name of names) expect(await store.load(name)).toEqual({ accessToken: `of ${name}` });
    const files = await readdir(folder);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length);
  });

  test('of a writer that was killed are the old ones, and what it left is cleared away', async () => {
    await store.save('ana', { accessToken: 'old' });
    const [file = ''] = await readdir(folder);
    await writeFile(join(folder, file.replace('.json', '.draft.1')), '{"account":"ana","tok');
    expect(await store.load('ana')).toEqual({ accessToken: 'old' });
    await store.save('ana', { accessToken: 'new' });
    expect(await readdir(folder)).toEqual([file]);
  });

  test.each(['', '{"account":"ana","tokens":{"accessToken":"s3cret', '"s3cret"', '{"account":"bob","tokens":{"accessToken":"s3cret"}}'])(
    'in a file that cannot be read are an error without its text: %s',
    async (text) => {
      await store.save('ana', { accessToken: 'a' });
      const [file = ''] = await readdir(folder);
      await writeFile(join(folder, file), text);
      const error = await Promise.resolve(store.load('ana')).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain('s3cret');
      expect(await readFile(join(folder, file), 'utf8')).toBe(text);
    },
  );

  test('need a folder', () => {
    expect(() => fileTokens({ folder: '' })).toThrow('folder is ""');
    expect(() => fileTokens({ folder, path: '/x' } as never)).toThrow('not an option of fileTokens');
  });
});

describe('the lock of an account', () => {
  test('is had by one at a time, and each account has its own', async () => {
    const unlock = await store.lock?.('ana', 10_000);
    expect(unlock).toBeTypeOf('function');
    expect(await store.lock?.('ana', 10_000)).toBeUndefined();
    expect(await store.lock?.('bob', 10_000)).toBeTypeOf('function');
    await unlock?.();
    expect(await store.lock?.('ana', 10_000)).toBeTypeOf('function');
  });

  test('is never had by two of many that want it together', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.lock?.('ana', 10_000)));
    const had = taken.filter((unlock) => unlock !== undefined);
    expect(had.length).toBeLessThanOrEqual(1);
    for (const unlock of had) await unlock();
    expect(await readdir(folder)).toEqual([]);
  });

  test('ends with its lease, and the one whose lease it was takes it from nobody', async () => {
    const slow = await store.lock?.('ana', 1_000);
    await clock.advance(999);
    expect(await store.lock?.('ana', 1_000)).toBeUndefined();
    await clock.advance(1);
    expect(await store.lock?.('ana', 1_000)).toBeTypeOf('function');
    await slow?.();
    expect(await store.lock?.('ana', 1_000)).toBeUndefined();
  });

  test('of a process that does not live does not count; one of another machine does until it ends', async () => {
    await (await store.lock?.('ana', 60_000))?.();
    const unlock = await store.lock?.('ana', 60_000);
    const [claim = ''] = await readdir(folder);
    await unlock?.();
    const [name, until, , host] = claim.split(/\.claim\.|\./);
    // A number that no process has.
    const dead = 2 ** 22 + 1;
    await writeFile(join(folder, `${name}.claim.${until}.${dead}.${host}.1`), '');
    const taken = await store.lock?.('ana', 60_000);
    expect(taken).toBeTypeOf('function');
    await taken?.();
    await writeFile(join(folder, `${name}.claim.${until}.${dead}.elsewhere.1`), '');
    expect(await store.lock?.('ana', 60_000)).toBeUndefined();
    await clock.advance(60_000);
    expect(await store.lock?.('ana', 60_000)).toBeTypeOf('function');
  });
});
