import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BreakerRegistry } from 'fuseline';
import { type BreakerWatcher, watchBreakers } from 'fuseline/config';
import { afterEach, beforeEach, expect, test } from 'vitest';

const text = (threshold: number): string => `circuit_breaker: { services: { acme: { failure_threshold: ${threshold} } } }\n`;

let folder: string;
let watcher: BreakerWatcher | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuseline-watch-'));
});

afterEach(async () => {
  watcher?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A watcher whose reports can be awaited one by one. */
function follow(file: string): () => Promise<string> {
  const reports: string[] = [];
  let wake = (): void => undefined;
  const report = (line: string): void => {
    reports.push(line);
    wake();
  };
  watcher = watchBreakers({
    file,
    cwd: folder,
    registry: new BreakerRegistry(),
    settleMs: 20,
    pollMs: null,
    onReload: ({ config }) => report(`threshold ${config.service('acme').policies.service?.failureThreshold}`),
    onError: ({ diagnostics }) => report(diagnostics[0]?.code ?? ''),
  });
  return async () => {
    while (reports.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return reports.shift() ?? '';
  };
}

test('a real file: written, replaced by rename, gone, back, broken', async () => {
  const file = join(folder, 'b.yaml');
  await writeFile(file, text(1));
  const next = follow('b.yaml');
  expect(await next()).toBe('threshold 1');
  await writeFile(file, text(2));
  expect(await next()).toBe('threshold 2');
  await writeFile(`${file}.new`, text(3));
  await rename(`${file}.new`, file);
  expect(await next()).toBe('threshold 3');
  await rm(file);
  expect(await next()).toBe('missing-file');
  await writeFile(file, text(3));
  expect(await next()).toBe('threshold 3');
  await writeFile(file, 'circuit_breaker: [');
  expect(await next()).toBe('yaml-syntax');
});

test('a link to a file elsewhere, as Kubernetes mounts them', async () => {
  for (const version of ['..v1', '..v2']) await mkdir(join(folder, version));
  await writeFile(join(folder, '..v1', 'b.yaml'), text(1));
  await writeFile(join(folder, '..v2', 'b.yaml'), text(2));
  await symlink('..v1', join(folder, '..data'));
  await symlink('..data/b.yaml', join(folder, 'b.yaml'));
  const next = follow('b.yaml');
  expect(await next()).toBe('threshold 1');
  await symlink('..v2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  expect(await next()).toBe('threshold 2');
});

test('a folder that is not there does not end the process', async () => {
  const next = follow('nowhere/b.yaml');
  expect(await next()).toBe('missing-file');
  await mkdir(join(folder, 'nowhere'));
  await writeFile(join(folder, 'nowhere', 'b.yaml'), text(4));
  await watcher?.check();
  expect(await next()).toBe('threshold 4');
});
