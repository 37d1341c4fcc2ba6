import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hasTool } from '../support/debian-tool.js';

const script = fileURLToPath(new URL('../../.ci/debian-tools', import.meta.url));
/** Programs of the system that the script itself needs; no other is found. */
const BASICS = ['bash', 'env', 'sh', 'chmod', 'rm', 'true'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-tools-'));
  for (const name of BASICS) {
    const path = ['/bin', '/usr/bin'].map((place) => join(place, name)).find((found) => existsSync(found));
    if (path !== undefined) symlinkSync(path, join(folder, name));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that writes down how it was called, and then does as told. */
function stub(name: string, then = ''): void {
  const log = join(folder, 'log');
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${log}'\n${then}\n`);
  chmodSync(join(folder, name), 0o755);
}

function run(): { readonly status: number | null; readonly output: string; readonly called: readonly string[] } {
  const env = { PATH: folder, POLICY_RC_D: join(folder, 'policy-rc.d') };
  const { status, stdout, stderr } = spawnSync(join(folder, 'bash'), [script], { env, encoding: 'utf8' });
  const log = join(folder, 'log');
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { status, output: stdout + stderr, called: lines.filter((line) => !line.startsWith('id ')) };
}

const APT = 'apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300';

describe('.ci/debian-tools', () => {
  test('does nothing where everything is there', () => {
    for (const name of ['promtool', 'prometheus', 'chromium', 'redis-server', 'apt-get']) stub(name);
    expect(run()).toEqual({ status: 0, output: '', called: [] });
  });

  test('installs what is missing, and keeps its service from starting', () => {
    stub('id', 'echo 0');
    stub('promtool');
    stub('systemctl');
    stub('apt-get', `test -x '${join(folder, 'policy-rc.d')}' || echo 'a service may start'`);
    const { status, output, called } = run();
    expect(status).toBe(0);
    expect(output).toBe('Installing prometheus chromium redis-server ...\n');
    expect(called).toEqual([
      `${APT} update`,
      `${APT} install -y --no-install-recommends prometheus`,
      `${APT} install -y --no-install-recommends chromium`,
      `${APT} install -y --no-install-recommends redis-server`,
      'systemctl disable prometheus.service',
      'systemctl disable redis-server.service',
    ]);
    expect(existsSync(join(folder, 'policy-rc.d'))).toBe(false);
  });

  test('leaves alone the policy that the machine has', () => {
    stub('id', 'echo 0');
    for (const name of ['promtool', 'prometheus', 'redis-server', 'apt-get', 'policy-rc.d']) stub(name);
    expect(run().called).toEqual([`${APT} update`, `${APT} install -y --no-install-recommends chromium`]);
    expect(existsSync(join(folder, 'policy-rc.d'))).toBe(true);
  });

  test('goes on where a package cannot be installed', () => {
    stub('id', 'echo 0');
    stub('apt-get', 'exit 100');
    const { status, output } = run();
    expect(status).toBe(0);
    expect(output).toContain('apt-get update failed');
    expect(output).toContain('prometheus could not be installed.');
    expect(output).toContain('chromium could not be installed.');
    expect(output).toContain('redis-server could not be installed.');
  });

  test('uses sudo where one is not root', () => {
    stub('id', 'echo 1000');
    stub('sudo', 'shift; exec "$@"');
    stub('apt-get');
    expect(run().called).toContain(`sudo -n env DEBIAN_FRONTEND=noninteractive ${APT} install -y --no-install-recommends chromium`);
  });

  test.each([
    ['without the right to install', () => stub('apt-get')],
    ['without apt-get', () => undefined],
  ])('says what is missing and goes on, %s', (_, prepare) => {
    stub('id', 'echo 1000');
    stub('sudo', 'exit 1');
    prepare();
    const { status, output, called } = run();
    expect(status).toBe(0);
    expect(output).toContain('Missing: prometheus chromium redis-server');
    expect(called.filter((line) => line.startsWith('apt-get'))).toEqual([]);
  });
});

test('tests that need a tool are skipped without it, but never where everything must be tested', () => {
  vi.stubEnv('PATH', folder);
  vi.stubEnv('CI', 'true');
  expect(() => hasTool('promtool', 'prometheus')).toThrow('promtool is not installed: apt-get install --no-install-recommends prometheus');
  vi.stubEnv('CI', '');
  expect(hasTool('promtool', 'prometheus')).toBe(false);
  stub('promtool');
  expect(hasTool('promtool', 'prometheus')).toBe(true);
  vi.unstubAllEnvs();
});
