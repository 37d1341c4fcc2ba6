import { cp, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { writeFiles } from './project.js';
import { mustRun } from './shell.js';
import { startVendor } from './vendor.js';

const project = inject('project');
const clients = { ghl: 'GhlClient', sendgrid: 'SendGridClient', retell: 'RetellClient', lyrio: 'LyrioClient' };

beforeAll(() => cp(fileURLToPath(new URL('trace-loads.mjs', import.meta.url)), join(project, 'trace-loads.mjs')));

/** Files that a program loads, without the program. */
async function filesLoadedBy(name: string, program: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const trace = join(project, `${name}.trace`);
  await writeFiles(project, { [`${name}.mjs`]: program });
  await mustRun(process.execPath, ['--import', './trace-loads.mjs', `${name}.mjs`], { cwd: project, env: { ...env, TRACE: trace } });
  const lines = (await readFile(trace, 'utf8')).split('\n');
  return [...new Set(lines)].filter((file) => file.includes(`${sep}node_modules${sep}`));
}

/** Names of the packages that files belong to. */
function packagesOf(files: readonly string[]): readonly string[] {
  const names = files.map((file) => /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? file);
  return [...new Set(names)].sort();
}

async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('what an import loads', () => {
  it.each(Object.entries(clients))('fuseline/%s: nothing but fuseline', async (service, client) => {
    const program = `import { ${client} } from 'fuseline/${service}'; new ${client}({ token: 'test', dispatcher: { dispatch: () => true } });`;
    const files = await filesLoadedBy(service, program);
    expect(packagesOf(files)).toEqual(['fuseline']);
    const strange = files.filter((file) =>
      /[\\/]dist[\\/](?:generator|runtime[\\/](?:testing|protect))[\\/]|msw\.js$|[\\/]fetch\.js$|\.test\.js$/.test(file),
    );
    expect(strange).toEqual([]);
  });

  it('fuseline/ghl: undici with the first client, before its first call', async () => {
    const files = await filesLoadedBy('construction', `import { GhlClient } from 'fuseline/ghl'; new GhlClient({ token: 'test' });`);
    expect(packagesOf(files)).toEqual(['fuseline', 'undici']);
  });

  it('fuseline/ghl: undici for the first call', async () => {
    const vendor = await startVendor({ contact: {} });
    try {
      const program = `
        import { GhlClient } from 'fuseline/ghl';
        await new GhlClient({ token: 'test', baseUrl: process.env.VENDOR }).contacts.get({ contactId: 'ctc_1' });`;
      const files = await filesLoadedBy('first-call', program, { VENDOR: vendor.url });
      expect(packagesOf(files)).toEqual(['fuseline', 'undici']);
    } finally {
      vendor.close();
    }
  });

  it('fuseline/ghl: the code of the limits with the first client that has one', async () => {
    const limits = (files: readonly string[]): readonly string[] =>
      files.filter((file) => /[\\/](?:bulkhead|rate-limiter|flights)\.js$/.test(file));
    const program = (options: string): string => `import { GhlClient } from 'fuseline/ghl'; new GhlClient({ token: 'test', ${options} });`;
    expect(limits(await filesLoadedBy('unlimited', program('')))).toEqual([]);
    expect(limits(await filesLoadedBy('limited', program('bulkhead: { maxConcurrent: 10 }')))).toHaveLength(3);
  });

  it('fuseline/config: the YAML reader, but no compiler', async () => {
    const packages = packagesOf(await filesLoadedBy('config', `import 'fuseline/config';`));
    for (const heavy of ['typescript', 'ts-morph', 'openapi-typescript', 'undici', 'msw']) expect(packages).not.toContain(heavy);
  });

  it('fuseline/health: nothing but fuseline', async () => {
    const files = await filesLoadedBy('health', `import { healthHandler } from 'fuseline/health'; healthHandler({ token: false });`);
    expect(packagesOf(files)).toEqual(['fuseline']);
  });

  it('fuseline/dashboard: nothing but fuseline, the page included', async () => {
    const files = await filesLoadedBy('dashboard', `import { dashboard } from 'fuseline/dashboard'; dashboard();`);
    expect(packagesOf(files)).toEqual(['fuseline']);
    expect(files.filter((file) => !/\.(?:js|json)$/.test(file))).toEqual([]);
  });

  it('fuseline/alerts: neither a mailer nor an HTTP client before the first message, and no YAML reader', async () => {
    expect(packagesOf(await filesLoadedBy('alerts', `import 'fuseline/alerts';`))).toEqual(['fuseline']);
  });

  it('fuseline/metrics: nothing but fuseline, for prom-client is given to it', async () => {
    expect(packagesOf(await filesLoadedBy('metrics', `import 'fuseline/metrics';`))).toEqual(['fuseline']);
  });

  it('fuseline/auth: nothing but fuseline, and no file system before it is asked for', async () => {
    const files = await filesLoadedBy('auth', `import 'fuseline/auth';`);
    expect(packagesOf(files)).toEqual(['fuseline']);
    expect(files.filter((file) => /file-(?:tokens|claims)/.test(file))).toEqual([]);
    expect(packagesOf(await filesLoadedBy('auth-file', `import 'fuseline/auth/file';`))).toEqual(['fuseline']);
  });

  it('fuseline/shared-state: nothing but fuseline, for a client of Redis is given to it', async () => {
    expect(packagesOf(await filesLoadedBy('shared-state', `import 'fuseline/shared-state';`))).toEqual(['fuseline']);
  });

  it('stays small', async () => {
    const runtime = await bytesOf(await filesLoadedBy('size-runtime', `import 'fuseline';`));
    const ghl = await bytesOf(await filesLoadedBy('size-ghl', `import 'fuseline/ghl';`));
    expect(runtime).toBeGreaterThan(10_000);
    expect(runtime).toBeLessThan(360_000);
    expect(ghl - runtime).toBeLessThan(240_000);
  });
});
