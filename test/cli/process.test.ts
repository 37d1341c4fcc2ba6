import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ran } from '../generator/cli/project.js';
import { FaultyProject, inYaml } from './faulty-project.js';

const MAIN = fileURLToPath(new URL('../../generator/cli/main.ts', import.meta.url));

let project: FaultyProject;
beforeAll(async () => {
  project = new FaultyProject();
  await project.run('generate');
});
afterAll(() => project.remove());

/** The command as a process of its own, from another folder than the project's, as a pipe or CI sees it. */
function fuseline(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((done) => {
    const { PATH = '' } = process.env;
    const command = ['--import', import.meta.resolve('tsx'), MAIN, ...args];
    execFile(process.execPath, command, { cwd: project.folder, env: { PATH, ...env } }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('faults: 1 and no stack, then 0 once they are mended; GitHub gets annotations', async () => {
  const before = project.output();
  project.break([inYaml('      failure_threshold: 3', '      «failure_treshold»: 3')]);
  const ran = await fuseline(['generate'], { GITHUB_ACTIONS: 'true' });
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toMatch(/^::error file=specs\/breakers\.yaml,line=8,col=7,endColumn=23,title=unknown-key::Unknown key/);
  expect(ran.stderr).toContain('\nspecs/breakers.yaml:8:7 error unknown-key\n');
  expect(ran.stderr).not.toContain('    at ');
  expect(ran.stderr).not.toContain('\u001b');
  project.mend();
  expect((await fuseline(['generate'])).code).toBe(0);
  expect(project.output()).toEqual(before);
});

test('drift: 3, with JSON on stdout and nothing else', async () => {
  project.break([inYaml('      failure_threshold: 3', '      failure_threshold: 9')]);
  const ran = await fuseline(['generate', '--check', '--json']);
  project.mend();
  expect(ran).toMatchObject({ code: 3, stderr: '' });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ok: true,
    changes: [{ kind: 'changed', path: 'acme/acme.test.ts' }, { path: 'acme/config.ts' }],
  });
});

test('wrong usage: 2', async () => {
  const ran = await fuseline(['generate', '--chekc']);
  expect(ran).toEqual({ code: 2, stdout: '', stderr: 'Unknown option --chekc. Did you mean --check?\nSee `fuseline generate --help`.\n' });
});
