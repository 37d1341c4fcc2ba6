import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FILES, TestProject } from './project.js';

let project: TestProject;
beforeEach(() => {
  project = new TestProject(FILES);
});
afterEach(() => project.remove());

const OUTPUT = ['grafana-dashboard.json', 'prometheus-alerts.test.yaml', 'prometheus-alerts.yaml'];

describe('fuseline dashboards', () => {
  test('writes three files, and nothing the next time', async () => {
    const first = await project.run('dashboards --out ops/');
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('1 service, environment production: 3 files changed, 0 unchanged in ops/');
    const files = project.snapshot('ops');
    expect(Object.keys(files).map((path) => path.replace('ops/', ''))).toEqual(['.fuseline-manifest.json', ...OUTPUT]);
    expect((await project.run('dashboards --out ops')).stderr).toContain('0 files changed, 3 unchanged');
    expect(project.snapshot('ops')).toEqual(files);
  });

  test('what holds in production, or where one says', async () => {
    const opensAfter = (): string => /It opens after [^,]+/.exec(project.read('ops/prometheus-alerts.yaml'))?.[0] ?? '';
    await project.run('dashboards', { env: { NODE_ENV: 'test', FAILURE_THRESHOLD: '9' } });
    expect(opensAfter()).toBe('It opens after 4 failures in a row');
    project.write('specs/breakers.yaml', 'circuit_breaker: { services: { acme: {} } }\nenvironments: { staging: { circuit_breaker: {} } }');
    expect((await project.run('dashboards')).stderr).toContain('1 service: 3 files changed');
    expect(opensAfter()).toBe('It opens after 5 failures in a row');
    const wrong = await project.run('dashboards --environment prod');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('There is no environment `prod`.\n');
    expect(wrong.stderr).toContain('There are staging.');
  });

  test('--check says what is stale, and writes nothing', async () => {
    const missing = await project.run('dashboards --check');
    expect(missing).toMatchObject({ code: 3, stdout: OUTPUT.map((file) => `ops/${file}: missing\n`).join('') });
    expect(Object.keys(project.snapshot()).filter((path) => path.startsWith('ops/'))).toEqual([]);
    await project.run('dashboards');
    expect((await project.run('dashboards --check')).code).toBe(0);
    project.write('specs/breakers.yaml', project.read('specs/breakers.yaml').replace('failure_threshold: 4', 'failure_threshold: 6'));
    const stale = await project.run('dashboards --check');
    expect(stale.code).toBe(3);
    expect(stale.stdout).toContain('ops/prometheus-alerts.yaml: differs');
    expect(stale.stderr).toContain('Run `fuseline dashboards`.');
  });

  test('a prefix, and JSON', async () => {
    const { code, stdout } = await project.run('dashboards --prefix bot_ --json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, out: 'ops', services: ['acme'], environment: 'production' });
    const { groups } = parse(project.read('ops/prometheus-alerts.yaml')) as {
      readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
    };
    expect(groups[0]?.rules[0]?.expr).toContain('bot_circuit_breaker_state{service="acme"}');
  });

  test.each([
    ['--prefix 1-', 2, '--prefix takes letters, digits, _ and :'],
    ['--breakers nowhere.yaml', 1, 'There is no such file, expected the breaker YAML'],
    ['extra', 2, 'Unexpected argument "extra"'],
  ])('%s', async (args, code, message) => {
    const ran = await project.run(`dashboards ${args}`);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(Object.keys(project.snapshot()).filter((path) => path.startsWith('ops/'))).toEqual([]);
  });

  test('a faulty file is told with its place, and what someone else wrote is left alone', async () => {
    project.write('ops/prometheus-alerts.yaml', 'groups: []\n');
    const foreign = await project.run('dashboards');
    expect(foreign.code).toBe(1);
    expect(foreign.stderr).toContain('was not written by fuseline');
    expect(project.read('ops/prometheus-alerts.yaml')).toBe('groups: []\n');
    project.write('specs/breakers.yaml', 'circuit_breaker: { services: { acme: { failure_threshold: 0 } } }');
    const faulty = await project.run('dashboards --out other');
    expect(faulty.code).toBe(1);
    expect(faulty.stderr).toContain('specs/breakers.yaml:1:');
  });
});
