import { afterEach, describe, expect, test } from 'vitest';
import { BREAKERS, FILES, TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

describe('fuseline validate', () => {
  test('reports and writes nothing', async () => {
    project = new TestProject(FILES);
    const before = project.snapshot();
    expect(await project.run('validate')).toEqual({ code: 0, stdout: '', stderr: '✓ acme: 2 operations in 1 document\n' });
    project.write('specs/breakers.yaml', BREAKERS.replace('value: { id: nobody }', 'value: { name: nobody }'));
    const wrong = await project.run('validate');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("must have required property 'id'");
    project.write('specs/breakers.yaml', BREAKERS);
    expect(project.snapshot()).toEqual(before);
    expect(JSON.parse((await project.run('validate --json')).stdout)).toMatchObject({
      ok: true,
      services: [{ name: 'acme', operations: 2 }],
    });
  });

  test('warns of a misspelt environment variable', async () => {
    project = new TestProject(FILES);
    const env = { ACME_CIRCUIT_BREAKER_FAILURE_TRESHOLD: '3' };
    const { code, stderr } = await project.run('validate', { env });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'environment warning unknown-variable\n  The environment variable ACME_CIRCUIT_BREAKER_FAILURE_TRESHOLD has no effect',
    );
    expect(stderr).toContain('Did you mean ACME_CIRCUIT_BREAKER_FAILURE_THRESHOLD?');
    expect(JSON.parse((await project.run('validate --json', { env })).stdout)).toMatchObject({
      ok: true,
      diagnostics: [{ code: 'unknown-variable' }],
    });
    expect((await project.run('explain acme', { env })).stderr).toContain('Did you mean ACME_CIRCUIT_BREAKER_FAILURE_THRESHOLD?');
  });

  test('gives a hint for the old name of a duration; generate says nothing of it', async () => {
    project = new TestProject({
      ...FILES,
      'specs/breakers.yaml': BREAKERS.replace('failure_threshold: 5', 'recovery_timeout: 5'),
    });
    const { code, stderr } = await project.run('validate');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^1 hint\n {2}specs\/breakers\.yaml:\d+:\d+ `recovery_timeout` is an old name that does not say its unit\. `recovery_timeout_seconds` means the same\.\n/,
    );
    expect(JSON.parse((await project.run('validate --json')).stdout)).toMatchObject({ ok: true, diagnostics: [{ severity: 'hint' }] });
    expect((await project.run('generate')).stderr).not.toContain('hint');
  });
});
